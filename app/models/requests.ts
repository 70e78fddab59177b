// WR3: requests on the wire, each answered once: by the bridge, or by the loss of the connection.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Request } from '../../domain/protocol/client.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Ack } from '../../domain/protocol/server.ts';

export type Answer =
  | { readonly ok: true; readonly ack: Ack }
  | {
      readonly ok: false;
      readonly code: Refusal | 'connection-lost';
      readonly lastSequence: number | null;
      /** Which change of an `outbox.flush` was refused. */
      readonly sequence: number | null;
    };

/** A request without its id: ids are given here. */
export type Asked = Request extends infer One
  ? One extends { id: string }
    ? Omit<One, 'id'>
    : never
  : never;

export const LOST: Answer = { ok: false, code: 'connection-lost', lastSequence: null, sequence: null };

/** Longest wait for an answer before the socket counts as dead. */
export const ANSWER_WITHIN_MS = 5_000;
/** Answered when Asterisk has done its part; a sweep has five seconds for each method, twice when two disagree. */
const PATIENCE_MS: Partial<Record<Asked['type'], number>> = {
  'probe.run': 15_000,
  'device.signOut': 15_000,
  'agent.signOut': 15_000,
  'sweep.run': 45_000,
};

export class Requests {
  readonly #clock: Clock;
  readonly #waiting = new Map<
    string,
    { readonly settle: (answer: Answer) => void; readonly cancel: Cancel }
  >();
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `overdue` runs when no answer came in time; the answer then is up to `loseAll`. */
  ask(asked: Asked, send: (request: Request) => void, overdue: () => void): Promise<Answer> {
    this.#asked += 1;
    const id = `r${this.#asked}`;
    const withinMs = PATIENCE_MS[asked.type] ?? ANSWER_WITHIN_MS;
    return new Promise((settle) => {
      this.#waiting.set(id, { settle, cancel: this.#clock.after(withinMs, overdue) });
      send({ ...asked, id });
    });
  }

  /** An answer to nothing we asked is ignored. */
  settle(id: string, answer: Answer): void {
    const entry = this.#waiting.get(id);
    if (!entry) return;
    this.#waiting.delete(id);
    entry.cancel();
    entry.settle(answer);
  }

  loseAll(): void {
    for (const id of [...this.#waiting.keys()]) this.settle(id, LOST);
  }
}
