// ST7: what the room of deadlines needs from the outside, and what the others get of it.

export interface Deadline {
  /** One of a key at a time: setting it again replaces it. */
  readonly key: string;
  /** Extension. */
  readonly agent: string;
  /** Which room it is for. */
  readonly kind: string;
  /** ms since the epoch, on the bridge's clock. */
  readonly dueMs: number;
  /** ST10: the entry that a step made at that time follows; null where there is none. */
  readonly follows: string | null;
}

/** Every method rejects with StoreError when the store is away. */
export interface DeadlineStore {
  all(): Promise<readonly Deadline[]>;
  /** Replaces what has that key. */
  put(deadline: Deadline): Promise<void>;
  /** `dueMs`: only if it is still due then; one that was set anew stays. */
  remove(key: string, dueMs?: number): Promise<void>;
}
