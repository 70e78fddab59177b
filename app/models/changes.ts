// PS5, PS6: the agent's own status changes from the click to the bridge's word. Pure: a state and what happened give the next.
//
//   saving --ack--> gone: the bridge shows an agent its own change before it acknowledges it (WR3)
//   saving --nack--> gone (undone)
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';

export interface PendingChange {
  /** Ours alone; the sequence may still change. */
  readonly key: number;
  /** Null until the bridge told how far this device had counted. */
  readonly sequence: number | null;
  readonly status: ChoosableStatus;
  readonly reason: string | null;
  /** ms on this device's clock. */
  readonly made: number;
  /** ms from this device's clock to the bridge's, as known when it was made. */
  readonly offset: number;
  readonly seen: string | null;
}

export interface Changes {
  readonly entries: readonly PendingChange[];
  readonly lastSequence: number | null;
  readonly keys: number;
}

export const NO_CHANGES: Changes = { entries: [], lastSequence: null, keys: 0 };

type Choice = Pick<PendingChange, 'status' | 'reason' | 'made' | 'offset' | 'seen'>;

export function addChange(changes: Changes, choice: Choice): Changes {
  const sequence = changes.lastSequence === null ? null : changes.lastSequence + 1;
  const entry: PendingChange = { ...choice, key: changes.keys + 1, sequence };
  return { entries: [...changes.entries, entry], lastSequence: sequence, keys: entry.key };
}

/** Numbers the entries that have none, and from `from` (a key) on all of them. */
function renumber(changes: Changes, lastSequence: number, from: number | null): Changes {
  let next = lastSequence;
  const entries = changes.entries.map((entry) => {
    const moves = entry.sequence === null || (from !== null && entry.key >= from);
    if (!moves) return entry;
    next += 1;
    return { ...entry, sequence: next };
  });
  return { ...changes, entries, lastSequence: next };
}

/** The bridge greeted: it has stored up to `lastSequence`. What was sent before keeps its number (a replay changes nothing). */
export function greetChanges(changes: Changes, lastSequence: number): Changes {
  const highest = Math.max(lastSequence, ...changes.entries.map((entry) => entry.sequence ?? 0));
  return renumber(changes, highest, null);
}

/** Another change has that number: this one and those after it count on from what the bridge has. */
export const renumberChanges = (changes: Changes, key: number, lastSequence: number): Changes =>
  renumber(changes, lastSequence, key);

/** Stored, or refused. */
export const dropChange = (changes: Changes, key: number): Changes => ({
  ...changes,
  entries: changes.entries.filter((entry) => entry.key !== key),
});

/** The oldest change, once it has a number: they go one after the other. */
export function nextToSend(changes: Changes): { readonly key: number; readonly change: DeviceChange } | null {
  const [entry] = changes.entries;
  if (!entry || entry.sequence === null) return null;
  const { key, sequence, status, reason, made, offset, seen } = entry;
  return { key, change: { sequence, status, reason, made, offset, seen } };
}
