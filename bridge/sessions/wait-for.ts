// Waiting for a fact about one agent, never for a while.
import type { Clock } from '../../domain/clock.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Roster } from '../roster/roster.ts';

/** The first record that gives something, or null when none did within `withinMs` (ms). */
export function recordThat<Found>(
  { roster, clock }: { readonly roster: Roster; readonly clock: Clock },
  extension: string,
  find: (record: AgentRecord) => Found | null,
  withinMs: number,
): Promise<Found | null> {
  const now = roster.get(extension);
  const found = now ? find(now) : null;
  if (found !== null) return Promise.resolve(found);
  return new Promise((resolve) => {
    const end = (result: Found | null): void => {
      cancel();
      unsubscribe();
      resolve(result);
    };
    const cancel = clock.after(withinMs, () => end(null));
    const unsubscribe = roster.onChange((record) => {
      if (record.person.extension !== extension) return;
      const result = find(record);
      if (result !== null) end(result);
    });
  });
}
