// ST10, PS5, PS6: the intent is a fold over the agent's log. Same set of entries, same intent, whatever the order of arrival.
import { compareEntries, type Cause, type Change, type Choice } from './log.ts';
import type { ChoosableStatus } from './status.ts';

export interface Intent {
  readonly status: ChoosableStatus;
  readonly reason: string | null;
  readonly cause: Cause;
  readonly actor: string;
  /** ms; made time of the entry in force. */
  readonly since: number;
  /** Id of the entry in force; null before any. */
  readonly entry: string | null;
}

/**
 * What became of an entry: `effective` it changed the intent at its place · `void` a step that lost its ground ·
 * `unseen` an agent's change that did not know the supervisor's in force · `declined` an ONLINE over 60 s late.
 */
export type Outcome = 'effective' | 'void' | 'unseen' | 'declined';

export interface Folded {
  readonly intent: Intent;
  /** PS6: the declined ONLINE that waits for an answer on the desk; any later change closes it. */
  readonly question: Choice | null;
  /** PS5: the agent's change that a supervisor's change stood up against, until the next effective one. */
  readonly overruled: Choice | null;
}

/** Before any entry nobody is signed in. */
export const NO_INTENT: Intent = {
  status: 'OFFLINE',
  reason: null,
  cause: 'session',
  actor: 'bridge',
  since: 0,
  entry: null,
};

/** PS6: an ONLINE older than this on arrival is not acted on. */
export const STALE_ONLINE_MS = 60_000;

export interface FoldState extends Folded {
  /** The choice in force, null when a step is: a later agent's change must have seen it when it is a supervisor's. */
  readonly inForce: Choice | null;
}

export const EMPTY_FOLD: FoldState = { intent: NO_INTENT, question: null, overruled: null, inForce: null };

/** PS6: of a person, whoever it is: what the bridge itself adopts or does is never late. */
const isStaleOnline = ({ status, cause, made, received }: Choice): boolean =>
  status === 'ONLINE' &&
  (cause === 'agent' || cause === 'supervisor') &&
  received !== null &&
  received - made > STALE_ONLINE_MS;

/** Whether the device that made `choice` knew of `earlier`: it had seen that entry, or one the bridge received no sooner. */
function hadSeen(choice: Choice, earlier: Choice, receivedOf: (id: string) => number | null): boolean {
  if (choice.seen === null) return false;
  if (choice.seen === earlier.id) return true;
  const seenAt = receivedOf(choice.seen);
  return seenAt !== null && earlier.received !== null && seenAt >= earlier.received;
}

function outcomeOf(state: FoldState, entry: Change, receivedOf: (id: string) => number | null): Outcome {
  if (entry.kind === 'step') return entry.follows === state.intent.entry ? 'effective' : 'void';
  if (isStaleOnline(entry)) return 'declined';
  const { inForce } = state;
  const guarded = inForce?.cause === 'supervisor' && entry.cause === 'agent' && entry.status !== 'OFFLINE';
  return guarded && !hadSeen(entry, inForce, receivedOf) ? 'unseen' : 'effective';
}

/** PS6: the desk is asked about what its agent did; a supervisor's late ONLINE is only kept in the log. */
const withQuestion = (state: FoldState, declined: Choice): FoldState =>
  declined.cause === 'agent' ? { ...state, question: declined } : state;

/** One entry that sorts after all before it. `receivedOf` answers for every entry of the log, null where unknown. */
export function foldNext(
  state: FoldState,
  entry: Change,
  receivedOf: (id: string) => number | null,
): { readonly state: FoldState; readonly outcome: Outcome } {
  const outcome = outcomeOf(state, entry, receivedOf);
  if (outcome === 'void') return { state, outcome };
  if (outcome === 'declined') return { state: withQuestion(state, entry as Choice), outcome };
  if (outcome === 'unseen')
    return { state: { ...state, question: null, overruled: entry as Choice }, outcome };
  const { status, reason, cause, actor, made: since, id } = entry;
  return {
    outcome,
    state: {
      intent: { status, reason, cause, actor, since, entry: id },
      question: null,
      overruled: null,
      inForce: entry.kind === 'choice' ? entry : null,
    },
  };
}

/** A fold up to some entry of the order, so that what came before need not be at hand. */
export interface FoldBase {
  readonly state: FoldState;
  /** ms on the log clock: when entries were received that are not at hand but named as seen. */
  readonly heard: ReadonlyMap<string, number>;
}

export const NO_BASE: FoldBase = { state: EMPTY_FOLD, heard: new Map() };

/** The whole log at once, or all that sorts after `base`: any order, duplicates allowed (the first of equal ids counts). */
export function foldIntent(
  entries: Iterable<Change>,
  base: FoldBase = NO_BASE,
): {
  readonly folded: FoldState;
  readonly outcomes: ReadonlyMap<string, Outcome>;
} {
  const byId = new Map<string, Change>();
  for (const entry of entries) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  const receivedOf = (id: string): number | null => byId.get(id)?.received ?? base.heard.get(id) ?? null;
  const outcomes = new Map<string, Outcome>();
  let folded = base.state;
  for (const entry of [...byId.values()].sort(compareEntries)) {
    const next = foldNext(folded, entry, receivedOf);
    folded = next.state;
    outcomes.set(entry.id, next.outcome);
  }
  return { folded, outcomes };
}
