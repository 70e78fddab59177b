// SE1, WR4: token buckets in memory. One process serves a centre; several bridges would share them in the store.
import type { Clock } from '../../domain/clock.ts';

export interface RateLimit {
  /** Takes one token; false when there is none. */
  take(key: string): boolean;
  /** Gives a token back: what it was taken for turned out well. */
  giveBack(key: string): void;
}

/** `burst` tokens at first, one more every `refillMs`; keys that are full again are forgotten. */
export function createRateLimit(
  clock: Clock,
  options: { readonly burst: number; readonly refillMs: number },
): RateLimit {
  const { burst, refillMs } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  const MOST_KEYS = 10_000;

  function forgetFull(now: number): void {
    for (const [key, bucket] of buckets) {
      if (bucket.tokens + (now - bucket.at) / refillMs >= burst) buckets.delete(key);
    }
  }

  return {
    take(key) {
      const now = clock.now();
      if (buckets.size >= MOST_KEYS) forgetFull(now);
      const before = buckets.get(key) ?? { tokens: burst, at: now };
      const tokens = Math.min(burst, before.tokens + Math.max(0, now - before.at) / refillMs);
      const allowed = tokens >= 1;
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
      return allowed;
    },
    giveBack(key) {
      const bucket = buckets.get(key);
      if (bucket) bucket.tokens = Math.min(burst, bucket.tokens + 1);
    },
  };
}
