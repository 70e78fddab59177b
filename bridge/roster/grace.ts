// RG1: a registration that is lost has a while to come back before it counts: a page loaded anew registers within it.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Roster } from './roster.ts';

/** Ends each grace `graceMs` after it began, also those that began before a restart; returns how to stop. */
export function endGraces(deps: {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly graceMs: number;
}): () => void {
  const { roster, clock, graceMs } = deps;
  const running = new Map<string, { readonly from: number; readonly cancel: Cancel }>();

  function look({ person: { extension }, registration: { graceFrom: from } }: AgentRecord): void {
    const before = running.get(extension);
    if (before?.from === from || (!before && from === null)) return;
    before?.cancel();
    running.delete(extension);
    if (from === null) return;
    const cancel = clock.after(Math.max(0, from + graceMs - clock.now()), () => {
      running.delete(extension);
      roster.apply(extension, { type: 'grace.over', from });
    });
    running.set(extension, { from, cancel });
  }

  for (const record of roster.all()) look(record);
  const unsubscribe = roster.onChange((now) => look(now));
  return () => {
    unsubscribe();
    for (const { cancel } of running.values()) cancel();
  };
}
