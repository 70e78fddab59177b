// The one ticking clock of the page: every running time on the screen moves with it, in the same moment.
import type { DeviceClock } from './ports.ts';
import { createStepWatch } from './clock-step.ts';

const TICK_MS = 1_000;

export class Ticker {
  readonly #clock: DeviceClock;
  readonly #stepOf: () => number;
  readonly #onStep: () => void;
  #now = $state.raw(0);
  #offsetMs = $state.raw(0);

  /** `onStep`: somebody set the device's clock, the offset wants measuring. */
  constructor(clock: DeviceClock, onStep: () => void) {
    this.#clock = clock;
    this.#onStep = onStep;
    this.#stepOf = createStepWatch(clock);
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
    // What was just measured has any step in it already.
    this.#stepOf();
    // Measured again every few seconds; noise of the network is not worth moving every timer.
    if (Math.abs(offsetMs - this.#offsetMs) > 200) this.#offsetMs = offsetMs;
  }

  /** PS5: whether the clock was set since the last look; also before a change takes its time from it. */
  watchStep(): void {
    const stepMs = this.#stepOf();
    if (stepMs === 0) return;
    // A step forward may be a sleep, in which the monotonic clock stands still; a step back is somebody's hand.
    if (stepMs < 0) this.#offsetMs -= stepMs;
    this.#now = this.#clock.now();
    this.#onStep();
  }

  start(): void {
    this.watchStep();
    const now = this.#clock.now();
    this.#now = now;
    this.#clock.after(TICK_MS - (now % TICK_MS), () => this.start());
  }
}
