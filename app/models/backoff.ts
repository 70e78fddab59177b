// AP5: trying again by the policy: counts the failures in a row, and since when.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';

export interface BackoffPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
}

export class Backoff {
  readonly #ports: BackoffPorts;
  #timer: Cancel | null = null;
  #attempt = 0;
  #since = 0;

  constructor({ clock, rng, policy }: BackoffPorts) {
    this.#ports = { clock, rng, policy };
  }

  /** One more failure: `act` runs once when its time has come. A try that is planned already gives way. */
  again(act: () => void): void {
    const { clock, rng, policy } = this.#ports;
    if (this.#attempt === 0) this.#since = clock.now();
    const downForMs = clock.now() - this.#since;
    const delay = policy.nextDelayMs({ attempt: this.#attempt, downForMs, random: rng.next() });
    this.#attempt += 1;
    this.cancel();
    if (delay !== null) this.#timer = clock.after(delay, act);
  }

  /** Nothing is planned any more; what failed still counts. */
  cancel(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** It worked, or something else begins: the next failure is the first. */
  reset(): void {
    this.cancel();
    this.#attempt = 0;
  }
}
