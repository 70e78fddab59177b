// PS5: notices that somebody set the device's clock, by comparing it with the one that nobody can set.
import type { DeviceClock } from './ports.ts';

const STEP_MS = 2_000;

/** Answers by how many ms the wall clock jumped since the last answer; 0: it went on as time does. */
export function createStepWatch(clock: DeviceClock): () => number {
  const difference = (): number => clock.now() - clock.elapsed();
  let last = difference();
  return () => {
    const now = difference();
    const step = now - last;
    // Slow corrections add up to no jump.
    last = now;
    return Math.abs(step) > STEP_MS ? step : 0;
  };
}
