// The one place of the bridge where real time and chance enter (lint keeps it so).
import type { Clock, Rng } from '../../domain/clock.ts';

/** Longest delay a Node timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

/** Node's clock. Timers keep the process alive until they ran or were cancelled: who starts one cancels it. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
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
