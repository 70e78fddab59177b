// All that is known of one agent, as facts; the roster reducer feeds it, views and plans are derived from it.
import type { Contact } from '../registration/contacts.ts';
import { NEVER_KNOWN, type Registration } from '../registration/evidence.ts';
import type { Hold } from '../status/holds.ts';
import type { ObservedPause } from '../status/plan.ts';
import type { Probe } from '../status/wanted.ts';
import { EMPTY_FOLD, type FoldState } from '../status/fold.ts';

export type Role = 'agent' | 'supervisor' | 'admin' | 'wall';

export interface Person {
  readonly extension: string;
  readonly name: string;
  readonly role: Role;
  readonly teams: readonly string[];
}

export interface Member {
  readonly queue: string;
  /** What commands name, e.g. `Local/1001@agents-all`. */
  readonly interface: string;
  readonly observed: ObservedPause | null;
  /** PS2: ms since when somebody else's changes are no longer repaired; null: they are. */
  readonly contestedSince: number | null;
}

/** SE: one open session of the agent, as the bridge holds it. */
export interface Desk {
  readonly session: string;
  /** What the device calls itself. */
  readonly label: string;
  /** ms. */
  readonly openedAt: number;
  /** ms since when a page of it is connected to the bridge; null: none is. */
  readonly connectedSince: number | null;
  /** SE4: a sign-out that waits for the end of the call. */
  readonly endsAfterCall: boolean;
}

export interface AgentRecord {
  readonly person: Person;
  readonly folded: FoldState;
  /** PS5: what the agent's devices have to name as `seen`. */
  readonly lastReceived: string | null;
  readonly registration: Registration;
  readonly contacts: readonly Contact[];
  /** In order of opening. */
  readonly desks: readonly Desk[];
  readonly members: readonly Member[];
  readonly holds: ReadonlyMap<string, Hold>;
  readonly probe: Probe;
  /** Channels Up, by Uniqueid: since when (ms) (RG11). */
  readonly channels: ReadonlyMap<string, number>;
  readonly callEndedAt: number | null;
}

export const newRecord = (person: Person): AgentRecord => ({
  person,
  folded: EMPTY_FOLD,
  lastReceived: null,
  registration: NEVER_KNOWN,
  contacts: [],
  desks: [],
  members: [],
  holds: new Map(),
  // RG12: nobody has proved anything to a bridge that just started.
  probe: 'pending',
  channels: new Map(),
  callEndedAt: null,
});

/** ST6: overlapping channels of one agent are one call, from the first Up to the last Hangup. */
export function callOf(record: AgentRecord): { readonly since: number } | null {
  if (record.channels.size === 0) return null;
  return { since: Math.min(...record.channels.values()) };
}
