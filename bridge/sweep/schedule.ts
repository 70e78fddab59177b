// RG2: cron's `*/5`, on the injected clock.
import type { Cancel, Clock } from '../../domain/clock.ts';

/**
 * Calls at every multiple of `everyMs` of wall time from now on; for a divisor of a quarter of an hour those are the same
 * in every time zone. What passed while the machine slept is not made up for.
 */
export function atMultiples(clock: Clock, everyMs: number, callback: () => void): Cancel {
  const schedule = (after: number): Cancel => {
    const due = (Math.floor(after / everyMs) + 1) * everyMs;
    return clock.after(due - clock.now(), () => {
      // A timer may come a little early: from its own due time on, or this one would be due again.
      cancel = schedule(Math.max(due, clock.now()));
      callback();
    });
  };
  let cancel = schedule(clock.now());
  return () => cancel();
}
