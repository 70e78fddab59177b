// What the bridge knows when it starts: people, the log, open sessions, the last known registrations.
import { isChange, type LogEntry } from '../domain/status/log.ts';
import type { Registration } from '../domain/registration/evidence.ts';
import type { LogStore, PeopleStore } from './roster/ports.ts';
import { createRoster, type Roster } from './roster/roster.ts';

/** Unknown until Asterisk speaks, with the last word of the log beside it (RG4). */
function lastRegistrations(entries: readonly LogEntry[]): ReadonlyMap<string, Registration> {
  const last = new Map<string, Registration>();
  for (const entry of entries) {
    if (entry.kind !== 'registration' || entry.state === 'unknown') continue;
    const { state: lastKnown, made } = entry;
    last.set(entry.agent, { state: 'unknown', since: made, lastKnown, knownSince: made, asOf: made });
  }
  return last;
}

export async function openPicture(people: PeopleStore, store: LogStore): Promise<Roster> {
  const [persons, entries, rev] = await Promise.all([people.all(), store.load(), store.lastRev()]);
  const roster = createRoster(persons, entries.filter(isChange), rev);
  for (const [agent, registration] of lastRegistrations(entries)) {
    roster.apply(agent, { type: 'registration.restored', registration });
  }
  return roster;
}
