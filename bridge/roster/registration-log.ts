// ST11, OP5: every change of a registration becomes a fact in the log and a flag in `users`. Gathered for a moment: when a
// network comes back, or a sweep found a thousand phones, each commit of its own would hold up everybody's clicks.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import { errorFields, type Log } from '../log.ts';
import type { OwnEntries, RegistrationNews } from './own-entries.ts';
import type { PeopleStore } from './ports.ts';
import type { Roster } from './roster.ts';

/** ms. */
export const GATHER_MS = 20;
/** Facts in one write: its time is everybody's (a few ms). */
const MOST_AT_ONCE = 100;

/** Unknown changes nobody (RG4): the flag keeps the last known word. */
const flagsOf = (news: readonly RegistrationNews[]): ReadonlyMap<string, boolean> =>
  new Map(
    news
      .filter(({ state }) => state !== 'unknown')
      .map(({ agent, state }: { agent: string; state: RegistrationState }) => [
        agent,
        state === 'registered',
      ]),
  );

/** Writes behind the roster; a store that fails is a warning, the truth is Asterisk's. Returns how to stop. */
export function recordRegistrations(deps: {
  readonly roster: Roster;
  readonly changes: Pick<OwnEntries, 'registrations'>;
  readonly people: Pick<PeopleStore, 'setAllRegistered'>;
  readonly clock: Clock;
  readonly log: Log;
}): () => void {
  const { roster, changes, people, clock, log } = deps;
  const news: RegistrationNews[] = [];
  let timer: Cancel | null = null;

  function flush(): void {
    timer?.();
    timer = null;
    const told = news.splice(0, MOST_AT_ONCE);
    if (told.length === 0) return;
    if (news.length > 0) timer = clock.after(GATHER_MS, flush);
    const agents = told.slice(0, 10).map(({ agent }) => agent);
    for (const write of [changes.registrations(told), people.setAllRegistered(flagsOf(told))]) {
      write.catch((error: unknown) =>
        log.warn({ agents, count: told.length, ...errorFields(error) }, 'registrations not stored'),
      );
    }
  }

  const unsubscribe = roster.onChange((now, before) => {
    const { state } = now.registration;
    if (state === before.registration.state) return;
    news.push({ agent: now.person.extension, state });
    timer ??= clock.after(GATHER_MS, flush);
  });
  return () => {
    unsubscribe();
    while (news.length > 0) flush();
    timer?.();
  };
}
