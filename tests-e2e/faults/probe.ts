// The stranger acts when all is calm: then what must come of it is certain (PS4, PS8).
import { pass } from '../testkit/wait.ts';
import type { Actor } from './act.ts';
import { holdsOf, intentOf, type LogRow } from './oracle.ts';
import type { Agent } from './people.ts';
import { createPrng, type Prng } from './prng.ts';
import { planRun } from './plan.ts';
import type { Scene } from './scene.ts';
import { settle } from './settle.ts';

/** ms without anything: no command is in flight (1 s), no foreign change is waiting to be judged. */
const CALM_MS = 1_500;

interface Expected {
  readonly agent: Agent;
  readonly what: string;
  /** Rows of cause asterisk that must come, as `kind status-or-queue reason`; lifted holds come on top. */
  readonly rows: readonly string[];
}

const describeRow = ({ kind, status, subject, reason }: LogRow): string =>
  `${kind} ${status ?? subject ?? ''} ${reason ?? '-'}`;

/** What the stranger does to this agent and what follows by PS4; null: nothing that is certain. */
function disturb(scene: Scene, agent: Agent, rows: readonly LogRow[], prng: Prng): Expected | null {
  const own = rows.filter((row) => row.agent === agent.extension);
  const { status } = intentOf(own);
  // "Signed-in" agents only: whether a chosen OFFLINE counts is not said.
  if (status === 'OFFLINE') return null;
  const held = [...holdsOf(own).keys()];
  const some = agent.queues.slice(0, -1);
  const reason = `calm ${prng.int(100, 999)}`;
  const act = (queues: readonly string[], why: string | null, what: string, must: readonly string[]) =>
    scene.disturb(agent, queues, why) ? { agent, what, rows: must } : null;
  if (status === 'ONLINE' && held.length > 0) return act(held, null, 'its own hold lifted (PS8)', []);
  const all = prng.chance(0.4) || some.length === 0;
  if (status === 'ONLINE' || prng.chance(0.2)) {
    return all
      ? act(agent.queues, reason, 'a pause of all queues adopted', [`choice PAUSE ${reason}`])
      : act(
          some,
          reason,
          'a pause of some queues as a hold',
          some.map((queue) => `hold ${queue} ${reason}`),
        );
  }
  return all
    ? act(agent.queues, null, 'an unpause of all queues adopted', ['choice ONLINE -'])
    : act(some, null, 'an unpause of some queues repaired', []);
}

/** Tries it on everybody, if the plan has it; resolves with the log at its end. */
export async function probe(
  scene: Scene,
  actor: Actor,
  before: readonly LogRow[],
  limitMs: number,
  problems: string[],
): Promise<readonly LogRow[]> {
  const { seed, probe: wanted } = planRun(actor.seed);
  if (!wanted) return before;
  const prng = createPrng(~seed);
  await pass(CALM_MS);
  const expected = actor.agents
    .map((agent) => disturb(scene, agent, before, prng))
    .filter((one) => one !== null);
  for (const { agent, what } of expected) actor.note(`calm: of ${agent.extension} must come ${what}`);
  const { agreeMs, found, rows } = await settle(scene, actor, before, limitMs);
  actor.note(`agreed after ${agreeMs ?? '?'} ms`);
  if (agreeMs === null) problems.push(...found.map((one) => `${limitMs} ms after a calm change: ${one}`));
  const fresh = rows.slice(before.length).filter(({ cause }) => cause === 'asterisk');
  for (const { agent, what, rows: must } of expected) {
    const came = fresh.filter((row) => row.agent === agent.extension);
    const lifted = came.filter(({ kind, reason }) => kind === 'hold' && reason === null);
    const is = came
      .filter((row) => !lifted.includes(row))
      .map(describeRow)
      .sort();
    if (is.join() !== [...must].sort().join())
      problems.push(`calm: of ${agent.extension} must come ${what}; came [${is.join(', ')}] (PS4)`);
  }
  return rows;
}
