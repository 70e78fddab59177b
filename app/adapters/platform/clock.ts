// The one place of the app where real time and chance enter (lint keeps it so).
import type { Rng } from '../../../domain/clock.ts';
import type { DeviceClock } from '../../models/ports.ts';

/** Longest delay a browser timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

export const createBrowserClock = (): DeviceClock => ({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
});

/** For jitter, never for secrets. */
export const createBrowserRng = (): Rng => ({ next: () => Math.random() });
