// What the bridge knows when it starts: people, the log, open sessions, the last known registrations.
import type { LogEntry } from '../domain/status/log.ts';
import {
  applyEvidence,
  endGrace,
  loseSight,
  NEVER_KNOWN,
  type Registration,
} from '../domain/registration/evidence.ts';
import type { LogStore, PeopleStore } from './roster/ports.ts';
import { createRoster, type Roster } from './roster/roster.ts';

/** What the log's facts add up to, by the same fold that live evidence goes through. */
function lastRegistrations(entries: readonly LogEntry[], graceMs: number): ReadonlyMap<string, Registration> {
  const last = new Map<string, Registration>();
  for (const entry of entries) {
    if (entry.kind !== 'registration') continue;
    const { agent: extension, state: verdict, made: at } = entry;
    const evidence = { method: 'contact-statuses', extension, verdict, at } as const;
    const before = last.get(extension) ?? NEVER_KNOWN;
    const { graceFrom } = before;
    const over = graceFrom !== null && at - graceFrom >= graceMs;
    last.set(extension, applyEvidence(over ? endGrace(before, graceFrom) : before, evidence));
  }
  return last;
}

/** `now`, `graceMs` (ms): from here on nothing is known until Asterisk speaks, with the last word of the log beside it (RG4). */
export async function openPicture(
  people: PeopleStore,
  store: LogStore,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): Promise<Roster> {
  const [persons, entries, rev] = await Promise.all([people.all(), store.load(), store.lastRev()]);
  const roster = createRoster(persons, entries, rev);
  for (const [agent, registration] of lastRegistrations(entries, graceMs)) {
    roster.apply(agent, { type: 'registration.restored', registration: loseSight(registration, now) });
  }
  return roster;
}
