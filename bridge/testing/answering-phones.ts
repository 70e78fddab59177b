// RG12: phones that prove at once that they can be rung, for tests of other rooms.
import { reachOf } from '../../domain/registration/evidence.ts';
import type { Roster } from '../roster/roster.ts';

/** The same roster. */
export function phonesThatAnswer(roster: Roster): Roster {
  const answer = (extension: string): void => {
    const record = roster.get(extension);
    if (record?.probe === 'pending' && reachOf(record.registration) === 'reachable')
      roster.apply(extension, { type: 'probe', probe: 'proven' });
  };
  for (const { person } of roster.all()) answer(person.extension);
  roster.onChange(({ person }) => answer(person.extension));
  return roster;
}
