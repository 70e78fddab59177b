// AP2, PS5: the port to what this device keeps of its agent's log: own changes (the outbox) and what the bridge told.
import type { AgentView } from '../../domain/protocol/views.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { LogTail } from '../../domain/status/agent-log.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';

/** A choice as it was made. */
export interface Chosen {
  readonly status: ChoosableStatus;
  readonly reason: string | null;
  /** ms on this device's clock. */
  readonly made: number;
  /** ms from this device's clock to the bridge's, as known when it was made. */
  readonly offset: number;
  /** The last change from the bridge that was known when it was made. */
  readonly seen: string | null;
}

/** An own change that waits for the bridge. */
export interface PendingChange extends Chosen {
  /** Names it on this device; the sequence may still change. */
  readonly key: number;
  readonly sequence: number;
}

/** The bridge's last word, for the time when nobody can be asked. */
export interface LastWord {
  readonly own: AgentView;
  /** ms on this device's clock, when it was heard. */
  readonly at: number;
  /** ms from this device's clock to the bridge's, as measured then. */
  readonly offset: number;
}

export interface KeptLog {
  /** Whose outbox this is (`hello.device`). */
  readonly device: string;
  /** The highest number given so far. */
  readonly lastSequence: number;
  /** By sequence. */
  readonly pending: readonly PendingChange[];
  readonly heard: LogTail | null;
  readonly last: LastWord | null;
}

/** What became of a change that was sent. */
export type Settled = { readonly key: number; readonly refused: Refusal | null };

/** All methods reject with `AppError` `storage` when nothing can be kept. */
export interface LogStore {
  /** Forgets settled changes made before `settledSince` (ms on this device's clock). */
  load(settledSince: number): Promise<KeptLog>;
  /** Numbered and durable when it resolves; two tabs never get the same number. */
  add(chosen: Chosen): Promise<PendingChange>;
  /** By sequence, those of other tabs included. */
  pending(): Promise<readonly PendingChange[]>;
  settle(settled: readonly Settled[]): Promise<void>;
  /** The next number is above this one. */
  countFrom(lastSequence: number): Promise<void>;
  /** Another change has the number of `key`: it and the pending ones after it get new ones, above `lastSequence`. */
  renumber(key: number, lastSequence: number): Promise<void>;
  keepHeard(heard: LogTail): Promise<void>;
  keepLast(last: LastWord): Promise<void>;
  /** Calls when the pending changes may be others, also by another tab. Returns the way to stop. */
  watch(changed: () => void): () => void;
  /** `forget`: deletes everything (SE8). */
  close(forget: boolean): Promise<void>;
}

export interface LogStorePort {
  /** One store per agent (SE8). */
  open(extension: string): LogStore;
  /** For a page that can keep nothing: its own device as long as it lives. */
  newDevice(): string;
}
