// ST7: what is due at a certain time, held in the store, so that it is due at that time over a restart too.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { errorFields, type Log } from '../log.ts';
import { createInTurn } from '../roster/in-turn.ts';
import type { Deadline, DeadlineStore } from './ports.ts';

/** ms until a handler that failed is asked again. */
export const AGAIN_MS = 1_000;

/**
 * What is due. Rejects when nothing was done: it is asked again. It is asked once for each deadline, but for a bridge that
 * was killed in the middle of it: a step it makes names `follows`, and the second one is void (ST10).
 */
export type DeadlineHandler = (deadline: Deadline) => Promise<void>;

export interface Deadlines {
  /** Stored when it resolves; replaces what has that key. Rejects with StoreError: what was set before stands. */
  set(deadline: Deadline): Promise<void>;
  /** Of a key nobody set it changes nothing. Rejects with StoreError: it stands. */
  cancel(key: string): Promise<void>;
  get(key: string): Deadline | undefined;
  /** Until somebody handles a kind, its deadlines wait, those overdue too. */
  on(kind: string, handler: DeadlineHandler): void;
  stop(): void;
}

interface DeadlinesDeps {
  readonly store: DeadlineStore;
  readonly clock: Clock;
  readonly log: Log;
}

class Room implements Deadlines {
  readonly #deps: DeadlinesDeps;
  readonly #inTurn = createInTurn();
  readonly #set: Map<string, Deadline>;
  readonly #timers = new Map<string, Cancel>();
  readonly #handlers = new Map<string, DeadlineHandler>();
  #stopped = false;

  constructor(deps: DeadlinesDeps, stored: readonly Deadline[]) {
    this.#deps = deps;
    this.#set = new Map(stored.map((deadline) => [deadline.key, deadline]));
  }

  set(deadline: Deadline): Promise<void> {
    return this.#inTurn(deadline.key, async () => {
      await this.#deps.store.put(deadline);
      this.#set.set(deadline.key, deadline);
      this.#arm(deadline);
    });
  }

  cancel(key: string): Promise<void> {
    return this.#inTurn(key, async () => {
      if (!this.#set.has(key)) return;
      await this.#deps.store.remove(key);
      this.#set.delete(key);
      this.#disarm(key);
    });
  }

  get(key: string): Deadline | undefined {
    return this.#set.get(key);
  }

  on(kind: string, handler: DeadlineHandler): void {
    this.#handlers.set(kind, handler);
    for (const deadline of this.#set.values()) if (deadline.kind === kind) this.#arm(deadline);
  }

  stop(): void {
    this.#stopped = true;
    for (const key of [...this.#timers.keys()]) this.#disarm(key);
  }

  #disarm(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }

  #arm(deadline: Deadline, at = deadline.dueMs): void {
    const { clock } = this.#deps;
    this.#disarm(deadline.key);
    if (this.#stopped || !this.#handlers.has(deadline.kind)) return;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#timers.delete(deadline.key);
      // A timer of weeks is cut short, and one of Node's may be a moment early.
      if (clock.now() < at) this.#arm(deadline, at);
      else void this.#fire(deadline);
    });
    this.#timers.set(deadline.key, cancel);
  }

  async #fire(deadline: Deadline): Promise<void> {
    const { clock, log } = this.#deps;
    const { key, agent, kind } = deadline;
    try {
      await this.#handlers.get(kind)?.(deadline);
    } catch (error) {
      log.warn({ agent, kind, ...errorFields(error) }, 'a deadline could not be kept; tried again');
      if (this.#set.get(key) === deadline) this.#arm(deadline, clock.now() + AGAIN_MS);
      return;
    }
    // The handler may have set it anew.
    if (this.#set.get(key) !== deadline) return;
    this.#set.delete(key);
    await this.#forget(deadline);
  }

  /** Not again by this bridge, whether or not the store takes it. */
  async #forget({ key, dueMs, agent, kind }: Deadline): Promise<void> {
    const { store, log } = this.#deps;
    try {
      await this.#inTurn(key, () => store.remove(key, dueMs));
    } catch (error) {
      log.warn({ agent, kind, ...errorFields(error) }, 'a deadline that is over was not removed');
    }
  }
}

/** With what was set before the restart. Rejects with StoreError. */
export async function createDeadlines(deps: DeadlinesDeps): Promise<Deadlines> {
  return new Room(deps, await deps.store.all());
}
