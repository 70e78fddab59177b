// What follows the picture of everybody and writes it down elsewhere: the log of lines, facts, flags, marks and rows.
import type { Clock } from '../domain/clock.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { pauseRowsWhileAway, type MemberRows } from './reconcile/pause-rows.ts';
import { markContacts, type ContactMarks } from './roster/mark-contacts.ts';
import { narrateStatuses } from './roster/narrate.ts';
import type { OwnEntries } from './roster/own-entries.ts';
import type { PeopleStore } from './roster/ports.ts';
import { recordRegistrations } from './roster/registration-log.ts';
import type { Roster } from './roster/roster.ts';

export function followRoster(deps: {
  readonly roster: Roster;
  readonly changes: Pick<OwnEntries, 'registrations'>;
  readonly clock: Clock;
  readonly store: { readonly people: PeopleStore; readonly pbx: MemberRows & ContactMarks };
  readonly config: Config;
  readonly log: Log;
  /** Asterisk can be told now. */
  readonly isReady: () => boolean;
}): void {
  const { roster, changes, store, config, clock, log, isReady } = deps;
  pauseRowsWhileAway({
    ...{ roster, rows: store.pbx, log, isReady },
    stateInterfaceOf: (extension) => config.STATE_INTERFACE.replace('<ext>', extension),
  });
  narrateStatuses(roster, log);
  recordRegistrations({ roster, changes, people: store.people, clock, log });
  markContacts({ roster, marks: store.pbx, log });
}
