// SE1, SE4: what takes the desk away waits for the end of a live call.
//
//   free --when, no call--> done at once
//   free --when, in a call--> waiting --call ended--> done
//   waiting --the person stays--> free, unless the bridge ended the session

/** `over`: the bridge ended the session · `outdated`: it does not speak this page's protocol · `sign-out`: own choice. */
export type Leaving =
  { readonly why: 'over' | 'outdated' } | { readonly why: 'sign-out'; readonly everywhere: boolean };

export interface AfterCallPorts {
  /** Whether this device's telephone is in a call. */
  readonly isBusy: () => boolean;
  /** Null: nothing waits. */
  readonly onWaiting: (leaving: Leaving | null) => void;
  readonly leave: (leaving: Leaving) => void;
}

export class AfterCall {
  readonly #ports: AfterCallPorts;
  /** Own choice stands above the bridge's word: it forgets what this device kept (SE8). */
  #own: Leaving | null = null;
  #bridges: Leaving | null = null;

  constructor(ports: AfterCallPorts) {
    this.#ports = ports;
  }

  when(leaving: Leaving): void {
    if (!this.#ports.isBusy()) return this.#go(leaving);
    if (leaving.why === 'sign-out') this.#own = leaving;
    else this.#bridges = leaving;
    this.#tell();
  }

  handleCallEnded(): void {
    const leaving = this.#own ?? this.#bridges;
    if (leaving) this.#go(leaving);
  }

  /** The person stays after all; what the bridge ended is over all the same. */
  cancel(): void {
    this.#own = null;
    this.#tell();
  }

  #go(leaving: Leaving): void {
    this.#own = null;
    this.#bridges = null;
    this.#tell();
    this.#ports.leave(leaving);
  }

  #tell(): void {
    this.#ports.onWaiting(this.#own ?? this.#bridges);
  }
}
