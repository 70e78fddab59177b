// A real Asterisk for one test file, with what tests ask of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAmi, type Ami } from '../private/ami.ts';
import { prepareAsterisk, type PrivateAsterisk, type QueuePlan } from '../private/index.ts';
import { until } from '../private/wait.ts';
import { openPhone, type Phone, type PhoneOptions } from './phone.ts';
import { openRows, type Rows } from './rows.ts';
import type { Credential } from './sip-message.ts';

export interface TestPbx {
  readonly pbx: PrivateAsterisk;
  readonly rows: Rows;
  login(user: 'watch' | 'act'): Promise<Ami>;
  phone(extension: string, session: string, more?: Partial<PhoneOptions>): Promise<Phone>;
  /** Makes endpoints, and Asterisk look at them: rows that come after its start are not qualified until a reload. */
  provision(...extensions: string[]): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
}

export const testQueues: readonly QueuePlan[] = [
  { name: 'support', members: ['1001', '1002'] },
  { name: 'sales', members: ['1002', '1003'] },
];

export async function startTestPbx(queues: readonly QueuePlan[] = testQueues): Promise<TestPbx> {
  const folder = await mkdtemp(join(tmpdir(), 'pbx-'));
  const pbx = await prepareAsterisk({ runDir: folder, queues });
  await pbx.start();
  const rows = openRows(pbx.dbFile);
  const login = (user: 'watch' | 'act'): Promise<Ami> =>
    connectAmi({ host: pbx.host, port: pbx.ports.ami, ...pbx.ami[user] });
  return {
    pbx,
    rows,
    login,
    phone: (extension, session, more = {}) =>
      openPhone({ url: pbx.sipWebSocketUrl, extension, session, credential: null, ...more }),
    async provision(...extensions) {
      for (const extension of extensions) rows.provision(extension);
      const ami = await login('watch');
      await ami.action({ Action: 'Reload', Module: 'res_pjsip.so' });
      await until('the reload', 5000, () => ami.events.find((event) => event['Event'] === 'Reload'));
      ami.close();
    },
    async end() {
      rows.close();
      await pbx.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves with the first event that fits, also one that came already. */
export function heard(
  ami: Ami,
  name: string,
  fits: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  return until(`${name} ${JSON.stringify(fits)}`, 5000, () =>
    ami.events.find(
      (event) =>
        event['Event'] === name && Object.entries(fits).every(([key, value]) => event[key] === value),
    ),
  );
}

/** An unpaused agent on a registered phone. */
export async function readyAgent(
  test: TestPbx,
  watch: Ami,
  extension: string,
  more: Partial<PhoneOptions> = {},
): Promise<{ phone: Phone; credential: Credential }> {
  const credential = test.rows.openSession(extension, 'one', test.pbx.sipRealm);
  const phone = await test.phone(extension, 'one', { credential, ...more });
  await phone.register();
  await heard(watch, 'ContactStatus', { ContactStatus: 'Reachable', AOR: extension });
  await watch.action({ Action: 'QueuePause', Interface: `Local/${extension}@agents-all`, Paused: 'false' });
  return { phone, credential };
}
