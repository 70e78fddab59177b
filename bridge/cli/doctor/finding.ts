// What the doctor says: one kind of answer for every check.
import type { ConfFile } from './conf-file.ts';
import type { Facts } from './facts.ts';

export type FindingState = 'ok' | 'warn' | 'wrong' | 'unknown';

/** Lines to paste. */
export interface Fragment {
  readonly file: string;
  readonly lines: readonly string[];
}

export interface Verdict {
  readonly state: FindingState;
  /** Queues, extensions, modules …; empty: Asterisk as a whole. */
  readonly about: readonly string[];
  /** One sentence: what is so. */
  readonly says: string;
  readonly fix: Fragment | null;
}

export interface Finding extends Verdict {
  readonly id: string;
  /** The rule, and what happens to people without it. */
  readonly why: string;
}

export interface Check {
  readonly id: string;
  readonly why: string;
  /** Nothing when there is nothing to judge. */
  readonly look: (facts: Facts) => readonly Verdict[];
}

type Words = Partial<Pick<Verdict, 'about' | 'fix'>>;
const verdict =
  (state: FindingState) =>
  (says: string, { about = [], fix = null }: Words = {}): Verdict => ({ state, says, about, fix });

export const ok = verdict('ok');
export const warn = verdict('warn');
export const wrong = verdict('wrong');
export const unknown = verdict('unknown');

export const fragment = (file: string, ...lines: readonly string[]): Fragment => ({ file, lines });

/** A check that needs one file: without it there is no opinion. */
export function fromFile(
  name: string,
  look: (file: ConfFile, facts: Facts) => readonly Verdict[],
): (facts: Facts) => readonly Verdict[] {
  return (facts) => {
    const file = facts.conf[name] ?? null;
    return file ? look(file, facts) : [unknown(`${name} could not be read`)];
  };
}

/** Same state and sentence: one verdict about all of them, their fragments joined. */
export function merged(verdicts: readonly Verdict[]): readonly Verdict[] {
  const groups = Map.groupBy(verdicts, ({ state, says, fix }) => `${state} ${fix?.file ?? ''} ${says}`);
  return [...groups.values()].map((group) => {
    const fixes = group.map(({ fix }) => fix).filter((fix) => fix !== null);
    const [head = unknown('')] = group;
    const lines = [...new Set(fixes.map((fix) => fix.lines.join('\n')))].flatMap((text) => text.split('\n'));
    const about = [...new Set(group.flatMap((one) => one.about))];
    return { ...head, about, fix: fixes[0] ? { file: fixes[0].file, lines } : null };
  });
}

/** One verdict for each fault, items with the same one together; without any, one that all is well. */
export function judgeEach<Item>(
  items: readonly Item[],
  good: string,
  fault: (item: Item) => Verdict | null,
): readonly Verdict[] {
  const faults = merged(items.map(fault).filter((found) => found !== null));
  return faults.length > 0 ? faults : [ok(good)];
}
