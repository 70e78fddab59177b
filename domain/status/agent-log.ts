// ST10: one agent's log with its fold kept up to date; the usual entry (the newest) costs one step, a late one a new fold
// of the newest entries, a very late one of all.
import { compareEntries, type Change } from './log.ts';
import { EMPTY_FOLD, foldIntent, foldNext, type FoldBase, type FoldState } from './fold.ts';

/** The made times (ms) of a device's entries around a sequence; null where there is none. */
export interface Neighbours {
  readonly previousMadeMs: number | null;
  readonly nextMadeMs: number | null;
}

/** The end of a log with what is needed to fold it without its beginning. */
export interface LogTail {
  readonly base: FoldBase;
  /** In the order of the fold. */
  readonly entries: readonly Change[];
}

/** Entries in the tail: more than a desk makes and misses while it is cut off for a shift's worth of breaks. */
export const TAIL_ENTRIES = 50;

export interface AgentLog {
  readonly folded: FoldState;
  /** Id of the entry the bridge received last; what a device names as `seen`. */
  readonly lastReceived: string | null;
  /** `false` when an entry of that id is there already: replays change nothing. `late`: entries of the order come after it. */
  add(entry: Change): false | 'newest' | 'late';
  get(id: string): Change | undefined;
  /** PS5: what a change of that device and sequence is clamped between. */
  neighboursOf(device: string, sequence: number): Neighbours;
  /** The newest entries of the order: what a desk needs to fold its own changes in. */
  tail(): LogTail;
}

class Log implements AgentLog {
  readonly #tailEntries: number;
  readonly #byId = new Map<string, Change>();
  readonly #byDevice = new Map<string, Change[]>();
  /** Entries that were named as seen before they came: what had to know them is judged anew when they do. */
  readonly #awaited = new Set<string>();
  /** The fold of all that sorts before `#recent`. */
  #base = EMPTY_FOLD;
  #recent: Change[] = [];
  #folded = EMPTY_FOLD;
  #lastReceived: Change | null = null;

  constructor(entries: readonly Change[], tailEntries: number) {
    this.#tailEntries = tailEntries;
    for (const entry of entries) if (!this.#byId.has(entry.id)) this.#note(entry);
    this.#foldAll();
  }

  get folded(): FoldState {
    return this.#folded;
  }

  get lastReceived(): string | null {
    return this.#lastReceived?.id ?? null;
  }

  add(entry: Change): false | 'newest' | 'late' {
    if (this.#byId.has(entry.id)) return false;
    const place = this.#recent.findLastIndex((one) => compareEntries(one, entry) < 0) + 1;
    const newest = place === this.#recent.length;
    const beforeAll = place === 0 && this.#byId.size > this.#recent.length;
    const named = this.#awaited.delete(entry.id);
    this.#note(entry);
    if (beforeAll || named) {
      this.#foldAll();
      return newest ? 'newest' : 'late';
    }
    this.#recent.splice(place, 0, entry);
    this.#folded = newest
      ? foldNext(this.#folded, entry, this.#receivedOf).state
      : this.#foldFrom(this.#base, this.#recent);
    if (this.#recent.length > this.#tailEntries)
      this.#base = this.#foldFrom(this.#base, this.#recent.splice(0, 1));
    return newest ? 'newest' : 'late';
  }

  get(id: string): Change | undefined {
    return this.#byId.get(id);
  }

  neighboursOf(device: string, sequence: number): Neighbours {
    let [previous, next]: (Change | null)[] = [null, null];
    for (const entry of this.#byDevice.get(device) ?? []) {
      if (entry.sequence < sequence && entry.sequence > (previous?.sequence ?? 0)) previous = entry;
      if (entry.sequence > sequence && entry.sequence < (next?.sequence ?? Infinity)) next = entry;
    }
    return { previousMadeMs: previous?.made ?? null, nextMadeMs: next?.made ?? null };
  }

  tail(): LogTail {
    const entries = [...this.#recent];
    const own = new Set(entries.map(({ id }) => id));
    const heard = entries.flatMap((entry): [string, number][] => {
      if (entry.kind !== 'choice' || entry.seen === null || own.has(entry.seen)) return [];
      const received = this.#receivedOf(entry.seen);
      return received === null ? [] : [[entry.seen, received]];
    });
    return { base: { state: this.#base, heard: new Map(heard) }, entries };
  }

  readonly #receivedOf = (id: string): number | null => this.#byId.get(id)?.received ?? null;

  #note(entry: Change): void {
    this.#byId.set(entry.id, entry);
    const ofDevice = this.#byDevice.get(entry.device) ?? [];
    ofDevice.push(entry);
    this.#byDevice.set(entry.device, ofDevice);
    if (entry.received !== null && entry.received >= (this.#lastReceived?.received ?? -1))
      this.#lastReceived = entry;
    if (entry.kind === 'choice' && entry.seen !== null && !this.#byId.has(entry.seen))
      this.#awaited.add(entry.seen);
  }

  #foldFrom(base: FoldState, entries: readonly Change[]): FoldState {
    return entries.reduce((state, entry) => foldNext(state, entry, this.#receivedOf).state, base);
  }

  #foldAll(): void {
    const sorted = [...this.#byId.values()].sort(compareEntries);
    this.#recent = sorted.splice(Math.max(0, sorted.length - this.#tailEntries));
    this.#base = this.#foldFrom(EMPTY_FOLD, sorted);
    this.#folded = this.#foldFrom(this.#base, this.#recent);
  }
}

/** `tailEntries`: how many of the newest entries `tail` gives and a late entry may cost. */
export const createAgentLog = (entries: readonly Change[] = [], tailEntries = TAIL_ENTRIES): AgentLog =>
  new Log(entries, tailEntries);

/** The tail with changes the bridge does not know yet: the same fold as the bridge's, on the desk (ST10). */
export const foldTail = (tail: LogTail, pending: readonly Change[]): FoldState =>
  foldIntent([...tail.entries, ...pending], tail.base).folded;
