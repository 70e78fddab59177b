// AP5: a line that broke in a call never brings its BYE: Asterisk's word that it carries the call no more ends it here. Only a
// call that the word was once given for: of any other the bridge may not have heard yet, and it goes on.
//
//   unheard --carried--> carried --not carried--> doubted --2 s--> ended
//   doubted --carried, nobody can tell--> carried
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { PhoneCall } from './ports.ts';

export interface LostCallPorts {
  readonly clock: Clock;
  /** The call that was answered here; null: none. */
  readonly call: () => PhoneCall | null;
  readonly end: () => void;
}

const BELIEVED_AFTER_MS = 2_000;

export class LostCall {
  readonly #ports: LostCallPorts;
  #told: boolean | null = null;
  #wasCarried: PhoneCall | null = null;
  #doubt: Cancel | null = null;

  constructor(ports: LostCallPorts) {
    this.#ports = ports;
  }

  /** What the bridge says: whether Asterisk carries a call of this agent; null when it cannot know. */
  handleCarried(carried: boolean | null): void {
    const { clock, end } = this.#ports;
    const call = this.#ports.call();
    // The word that still stands from an earlier call says nothing of this one.
    if (carried && !this.#told) this.#wasCarried = call;
    this.#told = carried;
    if (carried !== false || !call || call !== this.#wasCarried) {
      this.#doubt?.();
      this.#doubt = null;
      return;
    }
    this.#doubt ??= clock.after(BELIEVED_AFTER_MS, () => {
      this.#doubt = null;
      if (this.#ports.call() === call) end();
    });
  }
}
