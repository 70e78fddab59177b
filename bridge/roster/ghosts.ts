// RG1, RG5: ghosts are agents whom a queue would ring although nobody can: unpaused in it, and out of reach for longer than
// the grace. There should be none for longer than it takes to pause them; for how long there were tells how well that goes.
import type { Clock } from '../../domain/clock.ts';
import { reachOf } from '../../domain/registration/evidence.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Roster } from './roster.ts';

export interface Ghosts {
  /** ms of those that are none any more. */
  readonly doneMs: number;
  /** Extension → ms since when. */
  readonly now: ReadonlyMap<string, number>;
}

export const NO_GHOSTS: Ghosts = { doneMs: 0, now: new Map() };

/** What Asterisk was last seen to do counts; out of its sight nothing is known of pauses, so nobody is one. */
export const isGhost = ({ registration, members }: AgentRecord): boolean =>
  reachOf(registration) === 'unreachable' && members.some(({ observed }) => observed?.paused === false);

/** `at` in ms; the very same object when nothing changed. */
export function foldGhost(ghosts: Ghosts, record: AgentRecord, at: number): Ghosts {
  const { extension } = record.person;
  const since = ghosts.now.get(extension);
  if (isGhost(record) === (since !== undefined)) return ghosts;
  const now = new Map(ghosts.now);
  if (since === undefined) return { ...ghosts, now: now.set(extension, at) };
  now.delete(extension);
  return { doneMs: ghosts.doneMs + at - since, now };
}

/** Seconds up to `at` (ms), all agents summed, and who is one. */
export function ghostReport(
  ghosts: Ghosts,
  at: number,
): { readonly seconds: number; readonly now: string[] } {
  const running = [...ghosts.now.values()].reduce((sum, since) => sum + at - since, 0);
  return { seconds: (ghosts.doneMs + running) / 1_000, now: [...ghosts.now.keys()].sort() };
}

/** Counts from now on; the result is for the health report. */
export function watchGhosts(deps: {
  readonly roster: Roster;
  readonly clock: Clock;
}): () => ReturnType<typeof ghostReport> {
  const { roster, clock } = deps;
  let ghosts = NO_GHOSTS;
  const take = (record: AgentRecord): void => {
    ghosts = foldGhost(ghosts, record, clock.now());
  };
  for (const record of roster.all()) take(record);
  roster.onChange((now) => take(now));
  return () => ghostReport(ghosts, clock.now());
}
