// What the tests of the AMI wrapper share: a server, a clock, a log, and that nothing is left behind.
import { afterEach, beforeEach, expect } from 'vitest';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { openAmi, type AmiAddress, type AmiConnection, type AmiDeps, type AmiLog } from './ami-connection.ts';
import { AmiError } from './ami-error.ts';
import { startFakeAmi, type FakeAmi, type FakeAmiOptions } from './ami-fake-server.ts';
import type { AmiMessage } from './ami-message.ts';

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface AmiBench {
  clock: FakeClock;
  logged: LogLine[];
  log: AmiLog;
  serve(options?: FakeAmiOptions): Promise<FakeAmi>;
  addressOf(server: FakeAmi, change?: Partial<AmiAddress>): AmiAddress;
  connect(server: FakeAmi, deps?: Partial<AmiDeps>, change?: Partial<AmiAddress>): Promise<AmiConnection>;
  /** Run before the servers stop. */
  afterwards(step: () => void | Promise<void>): void;
}

const secret = 'sesame';

/** Call once per test file, outside of tests. */
export function useAmiBench(): AmiBench {
  const steps: (() => void | Promise<void>)[] = [];
  const bench: AmiBench = {
    clock: createFakeClock(1_000_000),
    logged: [],
    log: { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') },
    async serve(options) {
      const server = await startFakeAmi(options);
      steps.push(() => server.stop());
      return server;
    },
    addressOf: (server, change = {}) => ({
      host: '127.0.0.1',
      port: server.port,
      user: 'watch',
      secret,
      eventMask: 'system,agent,call',
      ...change,
    }),
    async connect(server, deps = {}, change = {}) {
      const connection = await openAmi(bench.addressOf(server, change), { ...bench, ...deps });
      steps.unshift(() => connection.close());
      return connection;
    },
    afterwards: (step) => void steps.unshift(step),
  };

  function record(level: string): AmiLog['info'] {
    return (fields, message) => void bench.logged.push({ level, fields: { ...fields }, message });
  }

  beforeEach(() => {
    bench.clock = createFakeClock(1_000_000);
    bench.logged.length = 0;
  });
  afterEach(async () => {
    for (const step of steps.splice(0)) await step();
    expect(JSON.stringify(bench.logged)).not.toContain(secret);
  });
  return bench;
}

/** The AmiError a promise ends with, as something to compare. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; retryable: boolean }> {
  const error: unknown = await promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  );
  if (!(error instanceof AmiError)) throw new Error(`no AmiError but ${String(error)}`);
  expect(`${error.message} ${error.stack ?? ''}`).not.toContain(secret);
  return { code: error.code, retryable: error.retryable };
}

export const plain = (message: AmiMessage): object => ({ ...message });
export const names = (events: readonly AmiMessage[]): unknown[] => events.map((event) => event['event']);
