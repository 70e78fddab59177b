// The six lists asked for plainly, one after the other, as the least that any program has to wait for.
import { DatabaseSync } from 'node:sqlite';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import type { Centre } from '../../tools/centre.ts';
import { connectRawAmi } from '../testkit/raw-ami.ts';
import { now } from './stopwatch.ts';

export interface RawLists {
  /** ms of one answer of each method, and how many items it had. */
  take(): Promise<ReadonlyMap<Method, { readonly ms: number; readonly items: number }>>;
  /** Extensions that ARI calls online. */
  online(): Promise<ReadonlySet<string>>;
  close(): void;
}

interface Endpoint {
  readonly resource: string;
  readonly state: string | null;
}

export function openRawLists({ asterisk, files }: Centre): RawLists {
  const { host, ports, ami: logins, ari } = asterisk;
  const database = new DatabaseSync(files.pbx, { readOnly: true });
  const authorization = `Basic ${Buffer.from(`${ari.user}:${ari.password}`).toString('base64')}`;

  async function endpoints(): Promise<readonly Endpoint[]> {
    const response = await fetch(`http://${host}:${ports.http}/ari/endpoints`, {
      headers: { authorization, connection: 'close' },
    });
    return (await response.json()) as readonly Endpoint[];
  }
  const rows = database.prepare('SELECT endpoint, uri, expiration_time, status FROM ps_contacts');
  const questions = (ask: (action: string) => Promise<number>) => ({
    'contact-statuses': () => ask('PJSIPShowRegistrationInboundContactStatuses'),
    'ari-endpoints': async () => (await endpoints()).length,
    'device-states': () => ask('DeviceStateList'),
    'queue-status': () => ask('QueueStatus'),
    agents: () => ask('Agents'),
    'contact-rows': () => rows.all().length,
  });

  return {
    async take() {
      const ami = await connectRawAmi({ host, port: ports.ami, ...logins.watch });
      // Answers to actions come whatever the mask; events would be read in the middle of a list.
      await ami.ask('Events', { EventMask: 'off' });
      const ask = questions(async (action) => (await ami.ask(action)).length);
      const found = new Map<Method, { ms: number; items: number }>();
      for (const method of METHODS) {
        const began = now();
        const items = await ask[method]();
        found.set(method, { ms: now() - began, items });
      }
      ami.close();
      return found;
    },
    online: async () =>
      new Set((await endpoints()).filter(({ state }) => state === 'online').map(({ resource }) => resource)),
    close: () => database.close(),
  };
}
