// What the roster needs from the outside.
import type { LogEntry } from '../../domain/status/log.ts';
import type { Person } from '../../domain/roster/record.ts';

/** A store that cannot be used now: nothing was changed, trying again may work (OP2). */
export class StoreError extends Error {
  readonly code = 'store-unavailable';
  readonly retryable = true;
  constructor(cause: unknown) {
    super('the store did not take it', { cause });
    this.name = 'StoreError';
  }
}

/** Every method rejects with StoreError when the store is away. */
export interface LogStore {
  /** Durable when it resolves (PS1). An id that is there already changes nothing: `added` is false. */
  append(entry: LogEntry): Promise<{ readonly rev: number; readonly added: boolean }>;
  /** The same for many, whole or not at all: the revs of those that were added, by id. */
  appendAll(entries: readonly LogEntry[]): Promise<ReadonlyMap<string, number>>;
  /** The whole log in order of storing. */
  load(): Promise<readonly LogEntry[]>;
  /** Highest sequence stored from a device, 0 when none. */
  lastSequence(device: string): Promise<number>;
  lastRev(): Promise<number>;
  /** The newest `received` of all entries (ms), 0 when none: log time goes on from there. */
  lastReceived(): Promise<number>;
}

export interface PeopleStore {
  all(): Promise<readonly Person[]>;
  /** OP5: what other programs read of an agent. */
  setRegistered(extension: string, registered: boolean): Promise<void>;
  /** The same for many, by extension. */
  setAllRegistered(registered: ReadonlyMap<string, boolean>): Promise<void>;
}
