// The one ticking clock of the page: every running time on the screen moves with it, in the same moment.
import type { Clock } from '../../domain/clock.ts';

const TICK_MS = 1_000;

export class Ticker {
  readonly #clock: Clock;
  #now = $state.raw(0);
  #offsetMs = $state.raw(0);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.now();
  }

  /** ms on this device's clock, moving once a second. */
  get now(): number {
    return this.#now;
  }

  /** ms on the bridge's clock: what times from the bridge are compared with. */
  get bridgeNow(): number {
    return this.#now + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  handleOffset(offsetMs: number): void {
    // Measured again every few seconds; noise of the network is not worth moving every timer.
    if (Math.abs(offsetMs - this.#offsetMs) > 200) this.#offsetMs = offsetMs;
  }

  start(): void {
    const now = this.#clock.now();
    this.#now = now;
    this.#clock.after(TICK_MS - (now % TICK_MS), () => this.start());
  }
}
