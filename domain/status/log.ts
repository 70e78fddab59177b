// ST11: the log of facts. Everything people see about a status is folded from these entries.
import type { ChoosableStatus } from './status.ts';
import type { RegistrationState } from '../registration/evidence.ts';

export const CAUSES = [
  'agent',
  'supervisor',
  'call',
  'registration',
  'asterisk',
  'deadline',
  'session',
] as const;
export type Cause = (typeof CAUSES)[number];

interface EntryBase {
  /** `entryId(device, sequence)`: the same change sent twice has the same id. */
  readonly id: string;
  /** Extension of the agent the entry is about. */
  readonly agent: string;
  readonly cause: Cause;
  /** Extension of the person who did it, or `bridge`, or `asterisk`. */
  readonly actor: string;
  readonly device: string;
  /** Counts up per device: order within a device never depends on a clock (PS5). */
  readonly sequence: number;
  /** ms; the device's time, corrected and clamped (PS5). Places the entry in the log. */
  readonly made: number;
  /** ms on the bridge's log clock, which never runs backwards; null while only the desk knows the entry. */
  readonly received: number | null;
}

/** A status set by a person, or adopted from Asterisk (PS4). */
export interface Choice extends EntryBase {
  readonly kind: 'choice';
  readonly status: ChoosableStatus;
  readonly reason: string | null;
  /** The last change from the bridge that the device knew of when it was made (PS5). */
  readonly seen: string | null;
  /** PS5: it could not be placed in time to within 2 s. */
  readonly uncertain: boolean;
}

/** ST10: an automatic change; it counts only while the entry it follows is in force at its place. */
export interface Step extends EntryBase {
  readonly kind: 'step';
  readonly status: ChoosableStatus;
  readonly reason: string | null;
  /** Id of the entry it follows; null: the state before any entry. */
  readonly follows: string | null;
}

export interface RegistrationFact extends EntryBase {
  readonly kind: 'registration';
  readonly state: RegistrationState;
}

export interface CallFact extends EntryBase {
  readonly kind: 'call';
  /** Asterisk's Linkedid (ST6). */
  readonly call: string;
  readonly phase: 'answered' | 'ended';
}

/** PS8: one queue's stored pause, or its lifting (`reason: null`). */
export interface HoldFact extends EntryBase {
  readonly kind: 'hold';
  readonly queue: string;
  readonly reason: string | null;
}

/** A time in which nobody could know: Asterisk or the bridge was away from `from` (ms) to `made`. */
export interface GapFact extends EntryBase {
  readonly kind: 'gap';
  readonly from: number;
}

/** What the intent is folded from. */
export type Change = Choice | Step;
export type LogEntry = Change | RegistrationFact | CallFact | HoldFact | GapFact;

export const isChange = (entry: LogEntry): entry is Change =>
  entry.kind === 'choice' || entry.kind === 'step';

/** Padded so that ids of one device sort as their sequence does: ties in time keep the device's order (PS5). */
export const entryId = (device: string, sequence: number): string =>
  `${device}.${String(sequence).padStart(10, '0')}`;

/** ST10: by made time, ties by id (code units). A total order, so every reader folds alike. */
export function compareEntries(a: LogEntry, b: LogEntry): number {
  if (a.made !== b.made) return a.made - b.made;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

export interface Placement {
  readonly made: number;
  /** PS5: the clamp moved it by more than 2 s. */
  readonly uncertain: boolean;
}

/** PS5: a change moved further than this by the clamp is uncertain. */
const CERTAIN_WITHIN_MS = 2_000;

/**
 * PS5: where a change belongs in time. `claimedMs` is the device's own time, `offsetMs` what has to be added to its
 * clock to get the bridge's, `previousMadeMs` and `nextMadeMs` the made times of the device's entries before and after
 * it by sequence (null: none is known), `receivedMs` the log clock.
 */
export function placeInTime(input: {
  readonly claimedMs: number;
  readonly offsetMs: number;
  readonly previousMadeMs: number | null;
  readonly nextMadeMs: number | null;
  readonly receivedMs: number;
}): Placement {
  const corrected = Math.round(input.claimedMs + input.offsetMs);
  const notBefore = Math.max(corrected, input.previousMadeMs ?? 0);
  const made = Math.min(notBefore, input.nextMadeMs ?? Infinity, input.receivedMs);
  return { made, uncertain: Math.abs(made - corrected) > CERTAIN_WITHIN_MS };
}
