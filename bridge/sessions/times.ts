// SE6: what an agent's sessions come to within a time.
import type { SessionTime, SessionTimes } from './ports.ts';

/** `from` and `to` in ms; the sessions in order of opening. Time with two devices counts once. */
export function timesWithin(sessions: readonly SessionTime[], from: number, to: number): SessionTimes {
  const within = (at: number | null): boolean => at !== null && at >= from && at < to;
  let signedInMs = 0;
  let counted = from;
  for (const { openedAt, closedAt } of sessions) {
    const end = Math.min(closedAt ?? to, to);
    signedInMs += Math.max(0, end - Math.max(openedAt, counted));
    counted = Math.max(counted, end);
  }
  return {
    sessions,
    signIns: sessions.filter(({ openedAt }) => within(openedAt)).length,
    signOuts: sessions.filter(({ closedAt }) => within(closedAt)).length,
    signedInMs,
  };
}
