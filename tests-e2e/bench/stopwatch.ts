// Time as the benchmarks see it.

/** ms with fractions, monotonic. */
export const now = (): number => performance.now();

/** Wall time in ms, for what is stamped by clocks of other programs. */
export const wallTime = (): number => Date.now();

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Uniform in [0, below). */
export const random = (below: number): number => Math.random() * below;

/** The q-quantile (0..1) of the samples by the nearest-rank method. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const round = (value: number): number => Math.round(value * 1_000) / 1_000;
