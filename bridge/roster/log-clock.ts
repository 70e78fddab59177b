// PS5: the bridge's own log time never runs backwards, not even over a restart or a stepped clock.
import type { Clock } from '../../domain/clock.ts';

export interface LogClock {
  /** ms; at least the last one given out. */
  stamp(): number;
}

export function createLogClock(clock: Clock, lastReceived: number): LogClock {
  let last = lastReceived;
  return {
    stamp() {
      last = Math.max(last, clock.now());
      return last;
    },
  };
}
