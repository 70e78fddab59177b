// AP5: whether the bridge is there, and since when it is not.
import type { Clock } from '../../domain/clock.ts';

export class Connection {
  readonly #clock: Clock;
  #live = $state.raw(false);
  #goneSince = $state.raw<number | null>(null);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get live(): boolean {
    return this.#live;
  }

  /** ms on this device's clock; null while the bridge is there. */
  get goneSince(): number | null {
    return this.#goneSince;
  }

  handleState(live: boolean): void {
    this.#live = live;
    if (live) this.#goneSince = null;
    else this.#goneSince ??= this.#clock.now();
  }

  /** A new desk begins: the bridge is not there yet. */
  reset(): void {
    this.#live = false;
    this.#goneSince = this.#clock.now();
  }
}
