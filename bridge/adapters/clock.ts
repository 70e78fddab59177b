// The one place of the bridge where real time and chance enter (lint keeps it so).
import type { Clock, Rng } from '../../domain/clock.ts';

/** Longest delay a Node timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

export interface ClockSources {
  /** ms since the epoch; may be set by people and programs. */
  readonly wall: () => number;
  /** ms since some moment; only ever grows. */
  readonly monotonic: () => number;
}

const SYSTEM: ClockSources = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * PS5: a wall clock that never runs backwards. Set back, it goes on at its own pace until the real one has caught up;
 * set forward (or woken up), it follows. `notBefore` (ms): what the log has seen already, so that a restart is no way back.
 */
export function createSteadyNow(notBefore: number, { wall, monotonic }: ClockSources = SYSTEM): () => number {
  let last = Math.max(wall(), notBefore);
  let lastAt = monotonic();
  return () => {
    const at = monotonic();
    last = Math.max(wall(), last + at - lastAt);
    lastAt = at;
    return Math.floor(last);
  };
}

/**
 * Node's clock, made steady. Timers keep the process alive until they ran or were cancelled: who starts one cancels it.
 */
export function createSystemClock(notBefore = 0): Clock {
  return {
    now: createSteadyNow(notBefore),
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
      return () => clearTimeout(timer);
    },
  };
}

/** Node's Math.random: for jitter, never for secrets or ids that must not be guessed. */
export function createSystemRng(): Rng {
  return { next: () => Math.random() };
}
