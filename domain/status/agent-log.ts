// ST10: one agent's log with its fold kept up to date; the usual entry (the newest) costs one step, a late one a new fold.
import { compareEntries, type Change } from './log.ts';
import { EMPTY_FOLD, foldIntent, foldNext, type FoldState } from './fold.ts';

export interface AgentLog {
  readonly folded: FoldState;
  /** Id of the entry the bridge received last; what a device names as `seen`. */
  readonly lastReceived: string | null;
  /** False when an entry of that id is there already: replays change nothing. */
  add(entry: Change): boolean;
  get(id: string): Change | undefined;
  /** Highest sequence of a device, or 0, and the made time of that entry. */
  lastOf(device: string): { readonly sequence: number; readonly made: number | null };
}

export function createAgentLog(entries: readonly Change[] = []): AgentLog {
  const byId = new Map<string, Change>();
  const lastByDevice = new Map<string, Change>();
  /** Entries that were named as seen before they came: what had to know them is judged anew when they do. */
  const awaited = new Set<string>();
  let folded = EMPTY_FOLD;
  let newest: Change | null = null;
  let lastReceived: Change | null = null;
  const receivedOf = (id: string): number | null => byId.get(id)?.received ?? null;

  function note(entry: Change): void {
    byId.set(entry.id, entry);
    const last = lastByDevice.get(entry.device);
    if (!last || last.sequence < entry.sequence) lastByDevice.set(entry.device, entry);
    if (entry.received !== null && entry.received >= (lastReceived?.received ?? -1)) lastReceived = entry;
    if (!newest || compareEntries(newest, entry) < 0) newest = entry;
    if (entry.kind === 'choice' && entry.seen !== null && !byId.has(entry.seen)) awaited.add(entry.seen);
  }

  for (const entry of entries) if (!byId.has(entry.id)) note(entry);
  folded = foldIntent(byId.values()).folded;

  return {
    get folded() {
      return folded;
    },
    get lastReceived() {
      return lastReceived?.id ?? null;
    },
    add(entry) {
      if (byId.has(entry.id)) return false;
      const late = newest !== null && compareEntries(newest, entry) > 0;
      const named = awaited.delete(entry.id);
      note(entry);
      folded = late || named ? foldIntent(byId.values()).folded : foldNext(folded, entry, receivedOf).state;
      return true;
    },
    get: (id) => byId.get(id),
    lastOf(device) {
      const last = lastByDevice.get(device);
      return { sequence: last?.sequence ?? 0, made: last?.made ?? null };
    },
  };
}
