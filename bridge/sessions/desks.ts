// RG9: the roster knows each agent's open sessions, and which of them have a page connected.
import type { Clock } from '../../domain/clock.ts';
import type { Desk } from '../../domain/roster/record.ts';
import type { Roster } from '../roster/roster.ts';
import type { OpenSession } from './ports.ts';
import type { Pages } from './presence.ts';
import type { Registry } from './registry.ts';

/** Keeps `desks` of every record as the registry and the hub say, from now on. */
export function followDesks(deps: {
  readonly registry: Registry;
  readonly pages: Pages;
  readonly roster: Roster;
  readonly clock: Clock;
}): void {
  const { registry, pages, roster, clock } = deps;
  /** ms since when a page of the session is connected. */
  const connectedSince = new Map<string, number>();

  const deskOf = ({ id, deviceLabel, openedAt, ending }: OpenSession): Desk => ({
    ...{ session: id, label: deviceLabel, openedAt, endsAfterCall: ending !== null },
    connectedSince: connectedSince.get(id) ?? null,
  });

  function tell(extension: string): void {
    roster.apply(extension, { type: 'desks', desks: registry.of(extension).map(deskOf) });
  }

  registry.onChange(tell);
  // Of a person who is new to the bridge the session is there before the record is.
  roster.onChange(({ person: { extension }, desks }) => {
    if (desks.length !== registry.of(extension).length) tell(extension);
  });
  pages.onPresence((id) => {
    if (!pages.sessions().has(id)) connectedSince.delete(id);
    else if (!connectedSince.has(id)) connectedSince.set(id, clock.now());
    const session = registry.get(id);
    if (session) tell(session.extension);
  });
  for (const { extension } of registry.all()) tell(extension);
}
