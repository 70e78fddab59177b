// ST11, OP5: every change of a registration becomes a fact in the log and a flag in `users`.
import type { Log } from '../log.ts';
import { errorFields } from '../log.ts';
import type { OwnEntries } from './own-entries.ts';
import type { PeopleStore } from './ports.ts';
import type { Roster } from './roster.ts';

/** Writes behind the roster; a store that fails is a warning, the truth is Asterisk's. */
export function recordRegistrations(deps: {
  readonly roster: Roster;
  readonly changes: Pick<OwnEntries, 'registration'>;
  readonly people: PeopleStore;
  readonly log: Log;
}): () => void {
  const { roster, changes, people, log } = deps;
  return roster.onChange((now, before) => {
    const { state } = now.registration;
    if (state === before.registration.state) return;
    const agent = now.person.extension;
    const writes = [changes.registration(agent, state)];
    // Unknown changes nobody (RG4): the flag keeps the last known word.
    if (state !== 'unknown') writes.push(people.setRegistered(agent, state === 'registered'));
    for (const write of writes) {
      write.catch((error: unknown) =>
        log.warn({ agent, state, ...errorFields(error) }, 'registration not stored'),
      );
    }
  });
}
