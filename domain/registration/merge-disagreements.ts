// RG5: methods that go on saying different things. A change passes from one part of Asterisk to the next within
// milliseconds, so what one look sees counts only when a look 2 s later sees it still.
import type { Method } from './evidence.ts';
import type { Merged, Opinion } from './merge.ts';
import type { Verdict } from './opinions.ts';

/** ms a disagreement must last before it counts. */
export const DISAGREEMENT_MS = 2_000;

export interface Disagreement {
  readonly extension: string;
  /** ms; when it was seen first. */
  readonly since: number;
  /** What was decided, and by which method. */
  readonly verdict: Verdict;
  readonly by: Method;
  /** Those that differ, the most reliable first. */
  readonly opinions: readonly Opinion[];
}

/** Somebody of those who differed from this verdict still does. */
const goesOn = (before: Disagreement, { evidence, dissent }: Merged): boolean =>
  before.verdict === evidence.verdict &&
  before.opinions.some(({ method }) => dissent.some((opinion) => opinion.method === method));

/** What a look at `at` (ms) leaves of the disagreements before it; those it does not find again are over. */
export function nextDisagreements(
  before: readonly Disagreement[],
  found: readonly Merged[],
  at: number,
): readonly Disagreement[] {
  const known = new Map(before.map((one) => [one.extension, one]));
  return found
    .filter(({ dissent }) => dissent.length > 0)
    .map((merged) => {
      const { extension, verdict, method: by } = merged.evidence;
      const earlier = known.get(extension);
      const since = earlier && goesOn(earlier, merged) ? earlier.since : at;
      return { extension, since, verdict, by, opinions: merged.dissent };
    });
}

/** Whether it counts by a look at `at` (ms). */
export const hasLasted = ({ since }: Disagreement, at: number): boolean => at - since >= DISAGREEMENT_MS;
