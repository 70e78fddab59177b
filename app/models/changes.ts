// PS5, PS6: the agent's own status changes from the click to the bridge's word. Pure: a state and what happened give the next.
//
//   saving --ack--> chosen --own view of that rev--> gone
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
  readonly made: number;
  readonly seen: string | null;
  /** Null while saving; then the change counter at which it was stored. */
  readonly storedAt: number | null;
}

export interface Changes {
  readonly entries: readonly PendingChange[];
  readonly lastSequence: number | null;
  readonly keys: number;
}

export const NO_CHANGES: Changes = { entries: [], lastSequence: null, keys: 0 };

type Choice = Pick<PendingChange, 'status' | 'reason' | 'made' | 'seen'>;

export function addChange(changes: Changes, choice: Choice): Changes {
  const sequence = changes.lastSequence === null ? null : changes.lastSequence + 1;
  const entry: PendingChange = { ...choice, key: changes.keys + 1, sequence, storedAt: null };
  return { entries: [...changes.entries, entry], lastSequence: sequence, keys: entry.key };
}

/** Numbers the entries that have none, and from `from` (a key) on all that are not stored yet. */
function renumber(changes: Changes, lastSequence: number, from: number | null): Changes {
  let next = lastSequence;
  const entries = changes.entries.map((entry) => {
    const moves =
      entry.storedAt === null && (entry.sequence === null || (from !== null && entry.key >= from));
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

export const storeChange = (changes: Changes, key: number, rev: number): Changes => ({
  ...changes,
  entries: changes.entries.map((entry) => (entry.key === key ? { ...entry, storedAt: rev } : entry)),
});

export const dropChange = (changes: Changes, key: number): Changes => ({
  ...changes,
  entries: changes.entries.filter((entry) => entry.key !== key),
});

/** The bridge's own word has reached `rev`: what was stored by then is in it. Same object when nothing goes. */
export function settleChanges(changes: Changes, rev: number): Changes {
  const entries = changes.entries.filter((entry) => entry.storedAt === null || entry.storedAt > rev);
  return entries.length === changes.entries.length ? changes : { ...changes, entries };
}

/** The oldest unstored change, once it has a number: they go one after the other. */
export function nextToSend(changes: Changes): { readonly key: number; readonly change: DeviceChange } | null {
  const entry = changes.entries.find((one) => one.storedAt === null);
  if (!entry || entry.sequence === null) return null;
  const { key, sequence, status, reason, made, seen } = entry;
  return { key, change: { sequence, status, reason, made, seen } };
}
