// Asterisk killed with -9 under agents on a break, one of every kind of member: nobody is ever seen unpaused.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memberInterface, queueAddFields, type PlannedMember } from '../../asterisk/private/members.ts';
import { rows } from '../../bridge/testing/store-bench.ts';
import { prepareCentre } from '../../tools/centre.ts';
import { now } from '../bench/stopwatch.ts';
import type { DeskClient, DeskGrant } from '../testkit/desk-client.ts';
import { connectRawAmi, type RawAmi, type RawMessage } from '../testkit/raw-ami.ts';
import type { SipRegistrant } from '../testkit/sip-registrant.ts';
import { deviceTime, pass, until } from '../testkit/wait.ts';
import { benchOf, SHORT_GRACE, told, type CentreBench } from './bench.ts';

/** One agent of each kind; the realtime ones wait in a queue in which nothing makes Asterisk read its rows at start. */
const DYNAMIC: readonly PlannedMember[] = [{ extension: '1003' }, { extension: '1004', plain: true }];
const KINDS: Readonly<Record<string, string>> = {
  1001: 'static Local',
  1002: 'static plain',
  1003: 'dynamic Local',
  1004: 'dynamic plain',
  1005: 'realtime Local',
  1006: 'realtime plain',
};
const AGENTS = Object.keys(KINDS);
const SEED = Number(process.env['KILL_SEED'] ?? deviceTime() % 1_000_000);
/** OP2 asks for 1 s from FullyBooted; five of them after the start, as the machine has others to serve. */
const AGREED_MS = 5_000;

let bench: CentreBench;
let boss: DeskClient;
const desks = new Map<string, DeskClient>();
let phones: readonly SipRegistrant[] = [];

const person = (extension: string, role: 'agent' | 'supervisor' = 'agent') => ({
  ...{ extension, name: `Person ${extension}`, role, teams: ['support'] },
});

const connectObserver = (): Promise<RawAmi> => {
  const { host, ports, ami } = bench.centre.asterisk;
  return connectRawAmi({ host, port: ports.ami, ...ami.watch });
};

beforeAll(async () => {
  bench = await benchOf((runDir) =>
    prepareCentre({
      ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2, environment: SHORT_GRACE },
      queues: [
        { name: 'support', members: ['1001'], plain: ['1002'] },
        { name: 'added', members: [] },
        { name: 'rows', members: [], realtime: [{ extension: '1005' }, { extension: '1006', plain: true }] },
      ],
      people: [...AGENTS.map((one) => person(one)), person('1100', 'supervisor')],
    }),
  );
  const ami = await connectObserver();
  for (const member of DYNAMIC) {
    const [answer] = await ami.ask('QueueAdd', queueAddFields('added', member, 'offline'));
    expect(answer?.get('response'), memberInterface(member)).toBe('Success');
  }
  ami.close();
  boss = await bench.desk('1100');
  for (const extension of AGENTS) desks.set(extension, await bench.desk(extension));
  await registerAll();
}, 240_000);
afterAll(() => bench.end());

async function registerAll(): Promise<void> {
  const grants = [...desks.values()].map(({ grant }): DeskGrant => grant);
  phones = await Promise.all(grants.map((grant) => bench.phone(grant)));
}

interface Seen {
  readonly extension: string;
  readonly paused: boolean;
  readonly reason: string;
}
const memberOf = (message: RawMessage): Seen | null => {
  const extension = message.get('name') ?? message.get('membername') ?? '';
  if (!extension || !message.has('paused')) return null;
  return { extension, paused: message.get('paused') === '1', reason: message.get('pausedreason') ?? '' };
};

async function queueStatus(ami: RawAmi): Promise<readonly Seen[]> {
  const answer = await ami.ask('QueueStatus');
  return answer.flatMap((message) =>
    message.get('event') === 'QueueMember' ? (memberOf(message) ?? []) : [],
  );
}

/** Every one of the six is there with this reason; '' is unpaused. */
const allShow = (seen: readonly Seen[], reason: string): boolean =>
  AGENTS.every((one) => seen.some(({ extension }) => extension === one)) &&
  seen.every((one) => one.paused === (reason !== '') && one.reason === reason);

interface Watch {
  /** Whatever was said of anybody unpaused, by a list or by an event. */
  readonly unpaused: readonly string[];
  /** `first`, `last`: lists that had any member; `answers` counts those. */
  readonly found: {
    readonly connections: number;
    readonly asked: number;
    readonly answers: number;
    readonly first: readonly Seen[];
    readonly last: readonly Seen[];
  };
  end(): Promise<void>;
}

/** Logs in as soon as Asterisk lets it, and asks for all members again and again from then on. */
async function watchFromTheFirstMoment(): Promise<Watch> {
  const unpaused: string[] = [];
  const found = {
    connections: 0,
    asked: 0,
    answers: 0,
    first: [] as readonly Seen[],
    last: [] as readonly Seen[],
  };
  let ended = false;
  const connectAgain = async (): Promise<RawAmi> => {
    const ami = await until('AMI login after the start', () => connectObserver().catch(() => null), 30_000);
    found.connections += 1;
    ami.onMessage((message) => {
      const member = memberOf(message);
      if (member && message.get('event')?.startsWith('QueueMember') === true && !member.paused)
        unpaused.push(`${message.get('event') ?? ''} ${member.extension} at list ${found.answers}`);
    });
    return ami;
  };
  let ami = await connectAgain();
  const asking = (async () => {
    while (!ended) {
      found.asked += 1;
      const answer = await Promise.race([queueStatus(ami).catch(() => null), pass(200)]);
      if (answer) {
        found.last = answer;
        if (answer.length > 0) found.answers += 1;
        if (found.first.length === 0) found.first = answer;
      } else {
        // What was asked or logged in while modules load may stay without an answer.
        ami.close();
        ami = await connectAgain();
      }
    }
  })();
  return {
    ...{ unpaused, found },
    async end() {
      ended = true;
      await asking;
      ami.close();
    },
  };
}

const queueLogMark = (): unknown =>
  bench.rows('pbx', 'SELECT coalesce(max(id), 0) AS id FROM queue_log')[0]?.['id'];
const unpausesSince = (mark: unknown): readonly unknown[] =>
  bench.rows(
    'pbx',
    `SELECT agent, event FROM queue_log WHERE event LIKE 'UNPAUSE%' AND id > ${String(mark)}`,
  );

/** Asterisk's own database, up to 1 s late: what it would give the dynamic members back with. */
const dynamicUnpausedOnDisk = (): boolean => {
  const file = join(bench.centre.asterisk.runDir, 'var/astdb.sqlite3');
  const [row] = rows(file, "SELECT value FROM astdb WHERE key = '/Queue/PersistentMembers/added'");
  const stored = ((row?.['value'] ?? '') as string).split('|');
  return stored.length === DYNAMIC.length && stored.every((member) => member.split(';')[2] === '0');
};

/** From ONLINE, on Asterisk's disk too, to a break that Asterisk agrees to in every queue. */
async function takeBreak(reason: string): Promise<void> {
  const ami = await connectObserver();
  await Promise.all([...desks.values()].map((desk) => desk.setStatus('ONLINE', null)));
  await until('all are unpaused', async () => allShow(await queueStatus(ami), ''), 10_000);
  await until('the dynamic ones are unpaused on disk', dynamicUnpausedOnDisk);
  await Promise.all([...desks.values()].map((desk) => desk.setStatus('BREAK', reason)));
  await until(`all are paused with "${reason}"`, async () => allShow(await queueStatus(ami), reason), 10_000);
  for (const extension of AGENTS) await told(boss, extension, 'BREAK');
  ami.close();
}

async function killAndWatch(reason: string, waitMs: number): Promise<string> {
  await takeBreak(reason);
  await pass(waitMs);
  const [mark, frames] = [queueLogMark(), boss.frames.length];
  await bench.centre.asterisk.kill();
  for (const phone of phones) phone.destroySocket();
  const starting = bench.centre.asterisk.start();
  const watch = await watchFromTheFirstMoment();
  await starting;
  const began = now();
  await until(`all agree on "${reason}" again`, () => allShow(watch.found.last, reason), AGREED_MS).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(watch.found)}`, { cause: error });
    },
  );
  const agreedMs = now() - began;
  await registerAll();
  // Without a phone they are shown as out of reach; with it, on their break as before.
  for (const extension of AGENTS) expect(await told(boss, extension, 'BREAK')).toMatchObject({ reason });
  await until('and Asterisk agrees', () => allShow(watch.found.last, reason));
  await watch.end();
  expect(watch.unpaused, `${reason}: said to be unpaused`).toEqual([]);
  expect(unpausesSince(mark), `${reason}: in queue_log`).toEqual([]);
  const online = boss.frames
    .slice(frames)
    .flatMap((frame) => (frame['agents'] ?? []) as readonly { extension: string; status: string }[])
    .filter(({ extension, status }) => AGENTS.includes(extension) && status === 'ONLINE');
  expect(online, `${reason}: a desk was told ONLINE`).toEqual([]);
  expect(watch.found.answers).toBeGreaterThan(3);
  return (
    `${reason}, killed after ${waitMs.toFixed(0)} ms: ${watch.found.answers} lists of ${watch.found.asked} asked for, ` +
    `the first with ${watch.found.first.length} members; all agreed ${agreedMs.toFixed(0)} ms after the start`
  );
}

it(
  '[PS9] Asterisk killed with -9 while agents of each member kind are on BREAK, and started: nobody is ever seen unpaused or ONLINE',
  { timeout: 240_000 },
  async () => {
    // Twice within the second in which Asterisk has not written a dynamic member's pause yet, and later than that.
    const waits = [0, 25, 50, 2_000, 10, 2_000].map((ms) => (ms === 0 || ms > 50 ? ms : (ms + SEED) % 51));
    for (const [round, waitMs] of waits.entries()) {
      const found = await killAndWatch(`round ${round}`, waitMs);
      process.stdout.write(`seed ${SEED}, ${found}\n`);
    }
  },
);
