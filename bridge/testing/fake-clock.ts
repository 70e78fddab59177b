// Time for tests: stands still until told to move.
import type { Clock } from '../../domain/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time forward; callbacks that fall due run in order of due time, each seeing its own time as now. */
  advance(ms: number): void;
  /** Callbacks still to come: 0 means nothing was left behind. */
  pending(): number;
}

interface Entry {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that starts at `startMs` (ms since the epoch). A callback scheduled while advancing runs too, if due in time. */
export function createFakeClock(startMs: number): FakeClock {
  let now = startMs;
  const entries = new Set<Entry>();
  // A Set keeps the order of scheduling, so of two callbacks due together the older one runs first.
  const nextDue = (until: number): Entry | null => {
    let found: Entry | null = null;
    for (const entry of entries) {
      if (entry.at <= until && (found === null || entry.at < found.at)) found = entry;
    }
    return found;
  };
  return {
    now: () => now,
    pending: () => entries.size,
    after(delayMs, callback) {
      const entry: Entry = { at: now + Math.max(0, delayMs), callback };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    advance(ms) {
      const until = now + ms;
      for (let entry = nextDue(until); entry; entry = nextDue(until)) {
        entries.delete(entry);
        now = Math.max(now, entry.at);
        entry.callback();
      }
      now = until;
    },
  };
}
