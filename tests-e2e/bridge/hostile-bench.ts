// A centre under attack: a witness in its Asterisk, one desk that works on, and a forger of tokens.
import { createHmac, hkdfSync } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { membersOf } from '../testkit/asterisk-truth.ts';
import type { DeskClient } from '../testkit/desk-client.ts';
import { intrude, type Intruder } from '../testkit/intruder.ts';
import { connectRawAmi, type RawAmi, type RawMessage } from '../testkit/raw-ami.ts';
import { now } from '../bench/stopwatch.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { openCentre, type CentreBench } from './bench.ts';

/** The agent who works on, and those who are attacked or attack. */
export const WORKER = '1001';
export const AGENTS = [WORKER, '1002', '1003', '1004'] as const;

/** ms a desk may wait for an ack while another is being refused; at rest it is 5, on a busy machine 20. */
export const ACK_MS = 500;

export interface HostileBench extends CentreBench {
  readonly worker: DeskClient;
  readonly witness: RawAmi;
  /** An access token for that session, as the bridge signs them; `secret` when somebody else's. */
  forge(session: string, given?: Forgery): string;
  /** A socket without a hello, or greeted with that token. */
  intrude(token?: string): Promise<Intruder>;
  /** Listens to Asterisk's events from now on; `seen` is what came until it is asked. */
  witnessed(): { seen(): Promise<readonly RawMessage[]> };
  /**
   * The attack changes nothing in the store or in Asterisk and makes Asterisk do nothing, while the worker goes on and
   * waits at most `ACK_MS`. Resolves with the worker's waits in ms.
   */
  unharmed(attack: () => Promise<void>): Promise<readonly number[]>;
}

export interface Forgery {
  readonly secret?: string;
  readonly header?: object;
  readonly claims?: object;
  /** Instead of a signature by the key. */
  readonly signature?: string;
}

const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');

/** RFC 7519, RFC 7515 §A.1; the key is HKDF of the bridge's secret. */
function forgery(ownSecret: string, session: string, nowS: number, given: Forgery): string {
  const claims = { iss: 'bridge', sub: session, iat: nowS, exp: nowS + 300, ...given.claims };
  const signed = `${part(given.header ?? { alg: 'HS256' })}.${part(claims)}`;
  const key = Buffer.from(hkdfSync('sha256', given.secret ?? ownSecret, '', 'access', 32));
  return `${signed}.${given.signature ?? createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** An AMI account that hears everything and may do everything. */
async function openWitness({ centre }: CentreBench): Promise<RawAmi> {
  const { runDir, host, ports, cli } = centre.asterisk;
  const account = '[witness]\nsecret = witness\nread = all\nwrite = all\n';
  appendFileSync(join(runDir, 'conf/manager.conf'), account);
  await cli('manager reload');
  return connectRawAmi({ host, port: ports.ami, user: 'witness', secret: 'witness' });
}

/** Of the worker's own pauses, and of the phone, which is asked every 2 s whether it is there. */
const isWork = (message: RawMessage): boolean =>
  message.get('device') === 'Queue:support_avail' ||
  ['stateinterface', 'device', 'contact'].some((key) => message.get(key)?.includes(WORKER) === true);

export async function openHostile(): Promise<HostileBench> {
  const bench = await openCentre(AGENTS);
  const witness = await openWitness(bench);
  const { desk: worker } = await bench.readyAgent(WORKER);
  const runDir = dirname(bench.centre.files.bridge);
  const { bridge: secret } = JSON.parse(readFileSync(join(runDir, 'secrets.json'), 'utf8')) as {
    bridge: string;
  };

  /** All that an attack could have changed. */
  async function truth(): Promise<unknown> {
    const members = AGENTS.filter((one) => one !== WORKER).map((one) => membersOf(bench.centre, one));
    return {
      members: await Promise.all(members),
      log: bench.rows('bridge', `SELECT * FROM log WHERE device <> '${worker.grant.session}'`),
      sessions: bench.rows('bridge', 'SELECT * FROM sessions'),
      refreshTokens: bench.rows('bridge', 'SELECT * FROM refresh_tokens'),
      users: bench.rows('bridge', 'SELECT * FROM users'),
      secrets: bench.rows('pbx', 'SELECT * FROM ps_auths'),
      contacts: bench.rows('pbx', 'SELECT id, endpoint, status FROM ps_contacts'),
    };
  }

  let marks = 0;
  let turns = 0;
  /** The worker changes status again and again until that is over. */
  async function work(meanwhile: Promise<void>): Promise<readonly number[]> {
    const waits: number[] = [];
    let isOver = false;
    const end = (): boolean => (isOver = true);
    meanwhile.then(end, end);
    do {
      turns += 1;
      const began = now();
      expect(await worker.setStatus('BREAK', `at work ${turns}`)).toMatchObject({ type: 'ack' });
      waits.push(now() - began);
      await until('the next turn', () => isOver || now() - began > 15);
    } while (!isOver);
    return waits;
  }

  const hostile: Omit<HostileBench, keyof CentreBench> = {
    worker,
    witness,
    forge: (session, given = {}) => forgery(secret, session, Math.floor(deviceTime() / 1_000), given),
    intrude: (token) => intrude(bench.centre.url, token === undefined ? {} : { token }),
    witnessed() {
      const messages: RawMessage[] = [];
      const stop = witness.onMessage((message) => void messages.push(message));
      return {
        async seen() {
          // Events and responses share one line: what happened before the answer has been heard with it.
          marks += 1;
          const mark = `mark-${marks}`;
          witness.send('Ping', { ActionID: mark });
          await until('the answer', () => messages.some((message) => message.get('actionid') === mark));
          stop();
          return messages.filter((message) => message.has('event'));
        },
      };
    },
    async unharmed(attack) {
      const before = await truth();
      const { seen } = hostile.witnessed();
      const attacked = attack();
      const [waits] = await Promise.all([work(attacked), attacked]);
      await bench.shown(WORKER, `at work ${turns}`);
      const events = (await seen()).filter((message) => !isWork(message));
      expect(events.map((message) => Object.fromEntries(message))).toEqual([]);
      expect(await truth()).toEqual(before);
      expect(JSON.stringify(worker.frames) + bench.logText()).not.toContain('System uptime');
      expect(Math.max(...waits)).toBeLessThan(ACK_MS);
      return waits;
    },
  };
  return { ...bench, ...hostile };
}
