// Many runs in one centre, and what came of them.
import { Scene } from './scene.ts';
import { FAULTS, type Fault } from './plan.ts';
import type { PlantName } from './plants.ts';
import { createPrng } from './prng.ts';
import { AGREE_MS, OUTCOMES, runOnce, type RunResult } from './run.ts';
import type { Arrange } from './device.ts';

export interface SuiteOptions {
  readonly seeds: readonly number[];
  /** See runOnce. */
  readonly slack: number;
  readonly plant?: PlantName;
  /** Stops after the first run with such a problem. */
  readonly until?: RegExp;
  readonly onResult?: (result: RunResult) => void;
}

export const failed = ({ problems }: RunResult): boolean => problems.length > 0;

/** How an outbox is put on the wire: one frame as it should be; all of it twice; each change by itself, in any order. */
const arrangeBy = (seed: () => number): Arrange => {
  return (order, changes) => {
    if (changes.length === 0) return [];
    if (order === 'in order') return [changes];
    if (order === 'doubled') return [[...changes, ...changes], changes];
    const prng = createPrng(seed());
    const shuffled = prng.shuffled(changes);
    return prng.chance(0.5) ? [shuffled] : shuffled.map((change) => [change]);
  };
};

/** A run that failed leaves a centre nobody can trust: the next has a new one. */
export async function runSuite({
  seeds,
  slack,
  plant,
  until,
  onResult,
}: SuiteOptions): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  let scene: Scene | null = null;
  let current = 0;
  try {
    for (const seed of seeds) {
      current = seed;
      scene ??= await Scene.open({
        arrange: arrangeBy(() => current),
        ...(plant === undefined ? {} : { plant }),
      });
      const result = await runOnce(scene, seed, slack);
      results.push(result);
      onResult?.(result);
      if (!failed(result)) continue;
      await scene.end();
      scene = null;
      if (until && result.problems.some((one) => until.test(one))) break;
    }
  } finally {
    await scene?.end();
  }
  return results;
}

export interface FaultRow {
  readonly fault: Fault;
  readonly injected: number;
  readonly runs: number;
  /** ms; longest time from quiet to agreement among the runs with this fault. */
  readonly longestMs: number | null;
}

export function faultTable(results: readonly RunResult[]): readonly FaultRow[] {
  return FAULTS.map((fault) => {
    const having = results.filter(({ injected }) => injected.has(fault));
    const times = having.map(({ agreeMs }) => agreeMs).filter((ms) => ms !== null);
    return {
      fault,
      injected: having.reduce((sum, { injected }) => sum + (injected.get(fault) ?? 0), 0),
      runs: having.length,
      longestMs: times.length === 0 ? null : Math.max(...times),
    };
  });
}

export function tableText(results: readonly RunResult[]): string {
  const lines = faultTable(results).map(({ fault, injected, runs, longestMs }) =>
    [
      fault.padEnd(24),
      String(injected).padStart(9),
      String(runs).padStart(6),
      String(longestMs ?? '-').padStart(12),
    ].join(''),
  );
  const bad = results.filter(failed).map(({ seed }) => seed);
  const late = results
    .filter(({ agreeMs }) => agreeMs !== null && agreeMs > AGREE_MS)
    .map(({ seed }) => seed);
  return [
    `${'fault'.padEnd(24)} injected  runs  longest ms`,
    ...lines,
    `in the log: ${OUTCOMES.map((name) => `${name} ${outcomeSum(results, name)}`).join(', ')}`,
    `${results.length} runs; failed: ${bad.join(', ') || 'none'}; agreed later than ${AGREE_MS} ms: ${late.join(', ') || 'none'}`,
  ].join('\n');
}

export const outcomeSum = (results: readonly RunResult[], name: (typeof OUTCOMES)[number]): number =>
  results.reduce((total, { outcomes }) => total + outcomes[name], 0);

/** For a reader who was not there. */
export function failureText({ seed, problems, trace }: RunResult): string {
  return [
    `seed ${seed}:`,
    ...problems.map((one) => `  ✗ ${one}`),
    ...trace.map((line) => `    ${line}`),
  ].join('\n');
}
