// AP11: declines queue calls for as long as `declinesFrom` says so: those that come, and one that rings already.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { declinesFrom, type DeclineFacts } from './decline.ts';
import type { PhoneCall } from './ports.ts';

export interface CallGuardPorts {
  readonly clock: Clock;
  /** Times in ms on this device's clock. */
  readonly facts: () => DeclineFacts;
  /** The call that rings, unanswered. */
  readonly ringing: () => PhoneCall | null;
  readonly decline: (call: PhoneCall) => void;
  /** `count`: different callers declined since the rule began to hold. */
  readonly onDeclined: (queue: string, count: number) => void;
}

export class CallGuard {
  readonly #ports: CallGuardPorts;
  #timer: Cancel | null = null;
  /** A queue offers a declined call again after a second: it counts once. */
  #declined = new Set<string>();

  constructor(ports: CallGuardPorts) {
    this.#ports = ports;
  }

  /** A call began to ring, or something changed that the rule is about. */
  check(): void {
    const { clock, facts, ringing, decline, onDeclined } = this.#ports;
    this.#timer?.();
    this.#timer = null;
    const from = declinesFrom(facts());
    if (from === null) this.#declined.clear();
    const call = ringing();
    if (from === null || !call || call.queue === null) return;
    const waitMs = from - clock.now();
    if (waitMs > 0) {
      this.#timer = clock.after(waitMs, () => this.check());
      return;
    }
    decline(call);
    const caller = call.linkedId ?? '';
    if (caller !== '' && this.#declined.has(caller)) return;
    this.#declined.add(caller === '' ? `unnamed ${this.#declined.size}` : caller);
    onDeclined(call.queue, this.#declined.size);
  }
}
