// PS5: the bridge's own log time never runs backwards, not even over a restart or a stepped clock. No two entries have
// the same: what was received first is told by it alone (`seen`), and a step comes after the choice it follows (ST10).
import type { Clock } from '../../domain/clock.ts';

export interface LogClock {
  /** ms; later than any given out before. */
  stamp(): number;
}

export function createLogClock(clock: Clock, lastReceived: number): LogClock {
  let last = lastReceived;
  return {
    stamp() {
      last = Math.max(last + 1, clock.now());
      return last;
    },
  };
}
