// PS8: a hold is the stored pause of one queue. The last word on each queue stands; the agent's changes do not touch it.
import { compareEntries, type HoldFact } from './log.ts';

export interface Hold {
  readonly reason: string;
  /** Extension of a supervisor, or `asterisk`. */
  readonly author: string;
  /** ms. */
  readonly since: number;
}

/** PS4: who a hold belongs to that was set from Asterisk's side (CLI, feature code, another tool). */
export const ASTERISK = 'asterisk';

/** By queue, what the agent's hold entries add up to, in any order of arrival. */
export function foldHolds(entries: Iterable<HoldFact>): ReadonlyMap<string, Hold> {
  const holds = new Map<string, Hold>();
  for (const { queue, reason, actor: author, made: since } of [...entries].sort(compareEntries)) {
    if (reason === null) holds.delete(queue);
    else holds.set(queue, { reason, author, since });
  }
  return holds;
}
