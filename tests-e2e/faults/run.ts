// One seeded run: storm, quiet, agreement; then the books are checked.
import { deviceTime } from '../testkit/wait.ts';
import { Actor } from './act.ts';
import { auditDeeds, auditProofs, auditRows, auditUnpauses, disagreements } from './judge.ts';
import { readLog } from './log-reader.ts';
import { intentOf, type Intent, type LogRow, type Phones } from './oracle.ts';
import { planRun, type Fault } from './plan.ts';
import { probe } from './probe.ts';
import type { Scene } from './scene.ts';
import { pictures, settle } from './settle.ts';

/** ms from quiet; by then all must agree (PS7 marks what is older). */
export const AGREE_MS = 2_000;

export interface RunResult {
  readonly seed: number;
  /** ms from quiet to agreement; null: never. */
  readonly agreeMs: number | null;
  readonly tookMs: number;
  readonly injected: ReadonlyMap<Fault, number>;
  /** What the log shows of the run: whether what could happen did. */
  readonly outcomes: Outcomes;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
}

/** How many of each in the log of a run; they show that the runs reach what they are for. */
export const OUTCOMES = ['choices', 'adopted', 'holds', 'declined', 'overruled', 'clock doubted'] as const;
export type Outcomes = Readonly<Record<(typeof OUTCOMES)[number], number>>;

function outcomesOf(agents: readonly string[], rows: readonly LogRow[], fresh: readonly LogRow[]): Outcomes {
  const judged = agents.map((agent) => intentOf(rows.filter((row) => row.agent === agent)));
  const among = (ids: (intent: Intent) => ReadonlySet<string>): number =>
    fresh.filter(({ id }) => judged.some((intent) => ids(intent).has(id))).length;
  const choices = fresh.filter(({ kind }) => kind === 'choice');
  return {
    choices: choices.length,
    adopted: choices.filter(({ cause }) => cause === 'asterisk').length,
    holds: fresh.filter(({ kind, reason }) => kind === 'hold' && reason !== null).length,
    declined: among(({ declined }) => declined),
    overruled: among(({ overruled }) => overruled),
    'clock doubted': choices.filter(({ uncertain }) => uncertain === 1).length,
  };
}

/** `slack`: by how much the machine may be slower than AGREE_MS allows before that is a failure. */
export async function runOnce(scene: Scene, seed: number, slack: number): Promise<RunResult> {
  const began = deviceTime();
  const actor = new Actor(scene, planRun(seed));
  const problems: string[] = [];
  const startRev = readLog(scene.centre.files.bridge).at(-1)?.rev ?? 0;
  let agreeMs: number | null = null;
  try {
    agreeMs = await body(scene, actor, slack, problems);
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  problems.push(...scene.problems.splice(0));
  const { injected, trace } = actor;
  const outcomes = outcomesOf(
    actor.agents.map(({ extension }) => extension),
    readLog(scene.centre.files.bridge),
    readLog(scene.centre.files.bridge, startRev),
  );
  return { seed, agreeMs, tookMs: deviceTime() - began, injected, outcomes, problems, trace };
}

async function body(scene: Scene, actor: Actor, slack: number, problems: string[]): Promise<number | null> {
  const startLog = readLog(scene.centre.files.bridge);
  const limit = AGREE_MS * slack;
  const arrivals = scene.arrivals.size;
  scene.foreign.splice(0, scene.foreign.length - 100);
  scene.eyes.pauses.splice(0);
  const startedAt = deviceTime();
  const marks = new Map(actor.devices.map((device) => [device, device.deeds.length]));

  await actor.prepare();
  const ready = await settle(scene, actor, startLog, limit);
  if (ready.agreeMs === null) problems.push(...ready.found.map((one) => `before the run: ${one}`));
  actor.note('everybody is here and agreed');
  await actor.storm();
  await actor.calm();
  const { agreeMs, found, rows } = await settle(scene, actor, ready.rows, limit);
  if (agreeMs === null) {
    problems.push(...found.map((one) => `${limit} ms after quiet: ${one}`));
    actor.note('no agreement');
  } else actor.note(`agreed after ${agreeMs} ms`);

  const last = agreeMs === null ? rows : await probe(scene, actor, rows, limit, problems);
  if (agreeMs !== null) await freshPicture(scene, actor, last, problems);
  const deeds = actor.devices.flatMap((device) => device.deeds.slice(marks.get(device) ?? 0));
  const fresh = last.slice(startLog.length);
  const foreign = scene.foreign.filter(({ at }) => at >= startedAt);
  problems.push(
    ...auditDeeds(deeds, last),
    ...auditRows(fresh, deeds, foreign, scene.arrivals.size - arrivals, scene.agents),
    ...auditUnpauses(scene.eyes.pauses, last, foreign, scene.troubles),
    ...auditProofs(scene.eyes.pauses, last, foreign, scene.troubles, (agent) =>
      phonesOf(scene, actor, agent),
    ),
  );
  if (problems.length > 0) logTail(actor, fresh);
  await actor.leave();
  return agreeMs;
}

function phonesOf(scene: Scene, actor: Actor, extension: string): Phones {
  const devices = actor.devices.filter((device) => device.extension === extension);
  const lost = scene.agents.find((agent) => agent.extension === extension)?.losses ?? [];
  return {
    answered: devices.flatMap(({ answered }) => answered),
    pages: devices.flatMap(({ times }) => times),
    lost,
  };
}

/** A supervisor who has just come sees the same. */
async function freshPicture(
  scene: Scene,
  actor: Actor,
  rows: readonly LogRow[],
  problems: string[],
): Promise<void> {
  const { supervisor } = scene;
  const members = await scene.eyes.members();
  supervisor.forget();
  await supervisor.connect();
  for (const agent of actor.agents) {
    const shown = pictures(actor, scene, agent.extension);
    problems.push(...disagreements(agent, rows, members, shown).map((one) => `seen anew: ${one}`));
  }
}

function logTail(actor: Actor, fresh: readonly LogRow[]): void {
  actor.trace.push('the log of this run:');
  for (const row of fresh) {
    const { rev, id, agent, kind, cause, made, received, status, reason, seen, follows, subject } = row;
    const more = [
      ...(seen === null ? [] : [`seen ${seen}`]),
      ...(follows === null ? [] : [`follows ${follows}`]),
    ];
    actor.trace.push(
      `  ${rev} ${id} ${agent} ${kind}/${cause} ${status ?? subject ?? row.state ?? ''} ${JSON.stringify(reason)} ` +
        `made ${made} received ${received} (${made - received}) ${more.join(' ')}`,
    );
  }
}
