// RG3-RG5: several methods' opinions of one extension become one piece of evidence, and what spoke against it.
import { METHODS, type Evidence, type Method } from './evidence.ts';
import { opinionOf, type Opinions, type Verdict } from './opinions.ts';

export interface Opinion {
  readonly method: Method;
  readonly verdict: Verdict;
}

export interface Merged {
  /** Of the most reliable method that has an opinion. */
  readonly evidence: Evidence & { readonly verdict: Verdict };
  /** RG5: opinions of less reliable methods that differ, the most reliable first. */
  readonly dissent: readonly Opinion[];
}

/** Those methods that have an opinion of the extension. */
export function opinionsAbout(extension: string, answers: readonly Opinions[]): readonly Opinion[] {
  const found: Opinion[] = [];
  for (const answer of answers) {
    const verdict = opinionOf(answer, extension);
    if (verdict !== null) found.push({ method: answer.method, verdict });
  }
  return found;
}

const rank = ({ method }: Opinion): number => METHODS.indexOf(method);

/**
 * `at` (ms): when all of them were asked. null when nobody has an opinion: then nothing happens to the extension (RG4).
 * In whatever order the answers came, the result is the same.
 */
export function mergeOpinions(extension: string, opinions: readonly Opinion[], at: number): Merged | null {
  const [first, ...rest] = [...opinions].sort((a, b) => rank(a) - rank(b));
  if (!first) return null;
  const { method, verdict } = first;
  return {
    evidence: { method, extension, verdict, at },
    dissent: rest.filter((opinion) => opinion.verdict !== verdict),
  };
}
