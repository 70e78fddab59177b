// RG2, RG5: one sweep of 2,000 agents of whom 200 changed unheard, stored and shown to those who watch, against the plain
// lists of the same Asterisk in the same minutes; and for how long nothing else got its turn.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { SweepReport } from '../../bridge/sweep/report.ts';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import type { Person } from '../../domain/roster/record.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { until } from '../testkit/wait.ts';
import { now, pause, quantile, round } from './stopwatch.ts';
import { openPhones, provisionOpen, type Phones } from './sweep-phones.ts';
import { openRawLists, type RawLists } from './sweep-raw.ts';
import { openRooms, type Rooms } from './sweep-rooms.ts';
import type { ScreensPlan, Shown } from './sweep-screens.ts';

const AGENTS = 2_000;
const CHANGING = 200;
const ROUNDS = 20;
const WARM_UP = 3;
const AGENT_SCREENS = 100;
const SUPERVISOR_SCREENS = 10;
const QUEUE = 'support';
/** ms between two measurements of the event loop. */
const RESOLUTION_MS = 1;

const agents = Array.from({ length: AGENTS }, (_, index) => String(1_001 + index));
const supervisors = Array.from({ length: SUPERVISOR_SCREENS }, (_, index) => String(8_001 + index));
const person = (extension: string, role: Person['role']): Person => ({
  ...{ extension, name: `Person ${extension}`, role, teams: ['all'] },
});
/** The first one sees all of everybody, and is the one that is watched. */
const viewers = [
  ...supervisors.map((extension) => person(extension, 'supervisor')),
  ...agents.slice(0, AGENT_SCREENS).map((extension) => person(extension, 'agent')),
];

interface Round {
  readonly raw: ReadonlyMap<Method, number>;
  readonly report: SweepReport;
  readonly sweepMs: number;
  /** Until the watched screen was shown the last of the changes. */
  readonly shownMs: number;
  readonly stallMs: number;
}

interface Bench {
  readonly centre: Centre;
  readonly rooms: Rooms;
  readonly phones: Phones;
  readonly lists: RawLists;
  /** Extensions the watched screen was shown since it was emptied. */
  readonly shown: Set<string>;
}

/** Half of them were registered and are not, half the other way round; each round others. */
function turn(index: number): { readonly leaving: readonly string[]; readonly coming: readonly string[] } {
  const half = CHANGING / 2;
  const slice = (nth: number): readonly string[] =>
    Array.from({ length: half }, (_, at) => agents[(nth * half + at) % AGENTS] ?? '');
  return { leaving: slice(index + 1), coming: index === 0 ? [] : slice(index) };
}

async function changeUnheard({ phones, lists }: Bench, index: number): Promise<readonly string[]> {
  const { leaving, coming } = turn(index);
  await phones.register(leaving, false);
  await phones.register(coming, true);
  await until('Asterisk shows the changes', async () => {
    const online = await lists.online();
    return coming.every((one) => online.has(one)) && !leaving.some((one) => online.has(one));
  });
  return [...leaving, ...coming];
}

function checkStored({ files }: Centre, expected: number): void {
  const database = new DatabaseSync(files.bridge, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS stored FROM log WHERE kind = 'registration'").get();
  database.close();
  if (row?.['stored'] !== expected)
    throw new Error(`the store holds ${String(row?.['stored'])} of ${expected} changes`);
}

async function oneRound(bench: Bench, index: number): Promise<Round> {
  const { rooms, lists, shown } = bench;
  const changed = await changeUnheard(bench, index);
  const plain = await lists.take();
  shown.clear();
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  // The first measurement is of before.
  await pause(20);
  loop.reset();
  const began = now();
  const report = await rooms.sweep.run();
  const sweepMs = now() - began;
  await until('the screen shows all changes', () => shown.size >= changed.length);
  const shownMs = now() - began;
  await pause(50);
  loop.disable();
  if (report.changes.length !== changed.length || report.disagreements.length > 0)
    throw new Error(`${report.changes.length} changes, ${report.disagreements.length} disagreements`);
  const raw = new Map([...plain].map(([method, { ms }]) => [method, ms]));
  return { raw, report, sweepMs, shownMs, stallMs: Math.max(0, loop.max / 1e6 - RESOLUTION_MS) };
}

function print(rounds: readonly Round[]): Readonly<Record<string, number>> {
  const median = (of: (one: Round) => number): number => quantile(rounds.map(of), 0.5);
  const rows = METHODS.map((method, index) => ({
    method,
    state: rounds[0]?.report.methods[index]?.state ?? '',
    'raw p50 ms': round(median(({ raw }) => raw.get(method) ?? Number.NaN)),
    'in the sweep p50 ms': median(({ report }) => report.methods[index]?.tookMs ?? Number.NaN),
  }));
  console.table(rows);
  const rawSum = rows.reduce((sum, row) => sum + row['raw p50 ms'], 0);
  const sweepMs = median((one) => one.sweepMs);
  const stalls = rounds.map(({ stallMs }) => stallMs);
  console.table([
    {
      ...{ agents: AGENTS, changing: CHANGING, screens: viewers.length, rounds: rounds.length },
      'raw sum ms': round(rawSum),
      'sweep p50 ms': round(sweepMs),
      'sweep max ms': round(Math.max(...rounds.map((one) => one.sweepMs))),
      'shown p50 ms': round(median(({ shownMs }) => shownMs)),
      'stall p50 ms': round(quantile(stalls, 0.5)),
      'stall max ms': round(Math.max(...stalls)),
    },
  ]);
  return { ratioToRawSum: round(sweepMs / rawSum), maxLoopStallMs: round(Math.max(...stalls)) };
}

async function openScreens(rooms: Rooms, shown: Set<string>): Promise<Worker> {
  const plan: ScreensPlan = { url: rooms.url, count: viewers.length };
  const worker = new Worker(new URL('./sweep-screens.ts', import.meta.url), { workerData: plan });
  worker.on('message', ({ agents: seen }: Shown) => {
    for (const extension of seen) shown.add(extension);
  });
  await until('all screens are connected', () => rooms.connected() === viewers.length, 20_000);
  return worker;
}

async function measure(centre: Centre): Promise<Readonly<Record<string, number>>> {
  const [phones, lists, rooms] = [
    await openPhones(centre.asterisk.ports.sip),
    openRawLists(centre),
    await openRooms(centre, viewers),
  ];
  const shown = new Set<string>();
  const bench: Bench = { centre, rooms, phones, lists, shown };
  await phones.register(agents, true);
  await until('everybody is registered', async () => (await lists.online()).size === AGENTS, 30_000);
  // Everybody is news to the first.
  await rooms.sweep.run();
  const screens = await openScreens(rooms, shown);
  try {
    const rounds: Round[] = [];
    for (let index = 0; index < WARM_UP + ROUNDS; index += 1) {
      const one = await oneRound(bench, index);
      if (index >= WARM_UP) rounds.push(one);
    }
    const everybody = AGENTS + supervisors.length;
    checkStored(centre, everybody + (WARM_UP + ROUNDS) * CHANGING - CHANGING / 2);
    return print(rounds);
  } finally {
    await screens.terminate();
    await rooms.close();
    lists.close();
    phones.close();
  }
}

export async function runSweep(): Promise<Readonly<Record<string, number>>> {
  const runDir = mkdtempSync(join(tmpdir(), 'bench-sweep-'));
  const people = [
    ...agents.map((extension) => person(extension, 'agent')),
    ...supervisors.map((extension) => person(extension, 'supervisor')),
  ];
  const queues = [{ name: QUEUE, members: agents }];
  const centre = await prepareCentre({ runDir, name: 'bench', queues, people, demo: true, oneHash: true });
  try {
    provisionOpen(centre.files.pbx, agents);
    await centre.asterisk.start();
    return await measure(centre);
  } finally {
    await centre.asterisk.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}
