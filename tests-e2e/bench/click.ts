// From the click to Asterisk's report of the pause, as an independent AMI connection sees it, against a raw QueuePause
// to the same Asterisk in the same minute. The bridge is a process of its own with its durable store.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { openDesk } from '../testkit/desk-client.ts';
import { connectRawAmi, type RawAmi } from '../testkit/raw-ami.ts';
import { until } from '../testkit/wait.ts';
import { now, pause, quantile, random, round } from './stopwatch.ts';

const SAMPLES = 1_000;
const WARM_UP = 100;
const SIZES = [10, 2_000] as const;
const QUEUE = 'support';
const AGENT = '1001';
/** A member that is nobody's agent: the bridge leaves it alone, so raw commands may have it. */
const STRANGER = '9999';

interface Round {
  readonly raw: readonly number[];
  readonly click: readonly number[];
}

const extensions = (count: number): readonly string[] =>
  Array.from({ length: count - 1 }, (_, index) => String(1001 + index));

/** Resolves at the observer's QueueMemberPause of that member with that reason; the time is taken on arrival. */
function reported(observer: RawAmi, member: string, reason: string): Promise<number> {
  return new Promise((resolve) => {
    const stop = observer.onMessage((message) => {
      if (message.get('event') !== 'QueueMemberPause' || message.get('membername') !== member) return;
      if (message.get('pausedreason') !== reason) return;
      stop();
      resolve(now());
    });
  });
}

async function sample(observer: RawAmi, member: string, reason: string, act: () => void): Promise<number> {
  const seen = reported(observer, member, reason);
  const began = now();
  act();
  return (await seen) - began;
}

async function measure(centre: Centre): Promise<Round> {
  const { asterisk, url, logins } = centre;
  const address = { host: asterisk.host, port: asterisk.ports.ami, ...asterisk.ami.watch };
  const [observer, raw] = [await connectRawAmi(address), await connectRawAmi(address)];
  const password = logins.find(({ extension }) => extension === AGENT)?.password ?? '';
  const desk = await openDesk(url, AGENT, password);
  const acks: Promise<unknown>[] = [];
  const result = { raw: [] as number[], click: [] as number[] };
  for (let index = 0; index < WARM_UP + SAMPLES; index += 1) {
    const reason = index % 2 === 0 ? 'lunch' : 'coffee';
    const rawSample = async (): Promise<void> => {
      const fields = {
        Queue: QUEUE,
        Interface: `Local/${STRANGER}@agents-all`,
        Paused: 'true',
        Reason: reason,
      };
      const ms = await sample(observer, STRANGER, reason, () => raw.send('QueuePause', fields));
      if (index >= WARM_UP) result.raw.push(ms);
    };
    const clickSample = async (): Promise<void> => {
      const ms = await sample(observer, AGENT, reason, () => acks.push(desk.setStatus('BREAK', reason)));
      if (index >= WARM_UP) result.click.push(ms);
    };
    // Random phase and order: Asterisk writes a queue_log row for each, and every 200th row brings SQLite's checkpoint
    // (4-5 ms). In a fixed order all of those fell on the same side.
    const pair = random(2) < 1 ? [rawSample, clickSample] : [clickSample, rawSample];
    for (const take of pair) {
      await pause(random(6));
      await take();
    }
  }
  await Promise.all(acks);
  desk.close();
  observer.close();
  raw.close();
  checkStored(centre, desk.grant.session);
  return result;
}

/** PS1: every one of them is in the store, and a commit there is on the disk. */
function checkStored({ files }: Centre, device: string): void {
  const database = new DatabaseSync(files.bridge, { readOnly: true });
  const row = database
    .prepare('SELECT count(*) AS stored FROM log WHERE device = ? AND kind = ?')
    .get(device, 'choice');
  database.close();
  const stored = Number(row?.['stored']);
  if (stored !== WARM_UP + SAMPLES)
    throw new Error(`the store holds ${stored} of ${WARM_UP + SAMPLES} changes`);
  const log = readFileSync(files.bridgeLog, 'utf8');
  if (!log.includes('"journal":"wal","synchronous":2'))
    throw new Error('the store is not durable (synchronous FULL)');
}

async function runSize(members: number): Promise<Round> {
  const runDir = mkdtempSync(join(tmpdir(), 'bench-click-'));
  const agents = extensions(members);
  const people = agents.map((extension) => {
    return { extension, name: `Agent ${extension}`, role: 'agent' as const, teams: ['all'] };
  });
  const queues = [{ name: QUEUE, members: [...agents, STRANGER] }];
  const centre = await prepareCentre({ runDir, name: 'bench', queues, people, demo: true, oneHash: true });
  try {
    await centre.start();
    await until(
      'all members are paused as offline',
      async () => {
        const shown = await centre.asterisk.cli(`queue show ${QUEUE}`);
        return shown.split('paused:offline').length - 1 === agents.length;
      },
      60_000,
    );
    return await measure(centre);
  } finally {
    await centre.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}

export async function runClick(): Promise<Readonly<Record<string, number>>> {
  const rows: Record<string, number>[] = [];
  for (const members of SIZES) {
    const { raw, click } = await runSize(members);
    const over = (q: number): number => round(quantile(click, q) - quantile(raw, q));
    rows.push({
      members,
      samples: click.length,
      'raw p50 ms': round(quantile(raw, 0.5)),
      'click p50 ms': round(quantile(click, 0.5)),
      'over p50 ms': over(0.5),
      'raw p99 ms': round(quantile(raw, 0.99)),
      'click p99 ms': round(quantile(click, 0.99)),
      'over p99 ms': over(0.99),
    });
  }
  console.table(rows);
  const worst = (key: string): number => Math.max(...rows.map((row) => row[key] ?? Number.NaN));
  return { p50OverRawMs: worst('over p50 ms'), p99OverRawMs: worst('over p99 ms') };
}
