// A real Asterisk with our links to it, for the integration tests of the adapters.
import net, { type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { Phone } from '../../asterisk/testing/phone.ts';
import { startTestPbx, type TestPbx } from '../../asterisk/testing/test-pbx.ts';
import { amiPolicy } from '../../domain/connection/reconnect.ts';
import { createFakeLog } from './fake-log.ts';
import { createSystemClock, createSystemRng } from '../adapters/clock.ts';
import { createAmiLink, type AmiLink } from '../adapters/asterisk/ami-link.ts';
import {
  createAriLink,
  type AriAddress,
  type AriLink,
  type AriLinkDeps,
} from '../adapters/asterisk/ari-link.ts';

export interface AsteriskBench {
  readonly test: TestPbx;
  ariAddress(change?: Partial<AriAddress>): AriAddress;
  /** Started; stopped after the test. */
  ari(change?: Partial<AriAddress>, deps?: Partial<AriLinkDeps>): AriLink;
  ami(): AmiLink;
  /** A phone with a secret of its own; hung up after the test. */
  phone(extension: string, session: string, url?: string): Promise<Phone>;
  /** The port of a line to Asterisk's HTTP port that can fall silent. */
  line(): Promise<{ readonly url: string; silence(): void }>;
  afterwards(step: () => unknown): void;
}

export const clock = createSystemClock();
export const until = (what: () => boolean, timeout = 5_000): Promise<unknown> =>
  vi.waitUntil(what, { timeout, interval: 2 });

/** Call once per test file, outside of tests. The extensions 1001, 1002 and 1003 are there. */
export function useAsterisk(): AsteriskBench {
  const steps: (() => unknown)[] = [];
  let test: TestPbx;
  const shared = { clock, rng: createSystemRng(), policy: amiPolicy };

  const bench: AsteriskBench = {
    get test() {
      return test;
    },
    ariAddress: (change = {}) => ({
      ...{ url: `http://${test.pbx.host}:${test.pbx.ports.http}/ari` },
      ...test.pbx.ari,
      ...change,
    }),
    ari(change, deps) {
      const link = createAriLink(bench.ariAddress(change), { ...shared, log: createFakeLog(), ...deps });
      steps.push(() => link.stop());
      link.start();
      return link;
    },
    ami() {
      const { host, ports, ami } = test.pbx;
      const address = { host, port: ports.ami, ...ami.watch, eventMask: 'system,agent,call' };
      const link = createAmiLink(address, { ...shared, log: createFakeLog() });
      steps.push(() => link.stop());
      link.start();
      return link;
    },
    async phone(extension, session, url = test.pbx.sipWebSocketUrl) {
      const credential = test.rows.openSession(extension, session, test.pbx.sipRealm);
      const phone = await test.phone(extension, session, { credential, url });
      steps.push(() => {
        // Not close(): the test may have done that.
        phone.destroy();
        test.rows.revoke(extension, session);
      });
      return phone;
    },
    async line() {
      const sockets: Socket[] = [];
      const server = net.createServer((socket) => {
        const onward = net.connect(test.pbx.ports.http, test.pbx.host);
        sockets.push(socket, onward);
        socket.on('error', () => onward.destroy()).pipe(onward);
        onward.on('error', () => socket.destroy()).pipe(socket);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      steps.push(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      return {
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
        silence: () => {
          for (const socket of sockets) socket.unpipe().pause();
        },
      };
    },
    afterwards: (step) => void steps.push(step),
  };

  beforeAll(async () => {
    test = await startTestPbx();
    await test.provision('1001', '1002', '1003');
  });
  afterEach(async () => {
    for (const step of steps.splice(0).reverse()) await step();
    // The next test begins without contacts.
    if (test.pbx.pid !== null) await until(() => test.rows.all('SELECT id FROM ps_contacts').length === 0);
  });
  afterAll(() => test.end());
  return bench;
}
