// Ports for time and chance. The pure rooms only name them; each program has one real adapter (lint keeps it so).

/** Stops a pending callback; calling it twice, or after it ran, does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Wall time in ms since the epoch. */
  now(): number;
  /** Runs `callback` once after `delayMs` (clamped to 0 and above). */
  after(delayMs: number, callback: () => void): Cancel;
}

export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
}
