// RG12: the page's half of "can I be rung?". The bridge names a nonce over the socket and has Asterisk ask this session's
// device (OPTIONS); that the question came is told with the nonce.
import type { DeviceClock } from './ports.ts';

/** The nonce and the question travel on two sockets, and either may be first: so long a question counts for what follows. */
const RACE_MS = 250;

export interface ProbeAnswerPorts {
  readonly clock: DeviceClock;
  /** Whether this tab is registered: what another tab of the session hears is not its to tell. */
  readonly isRegistered: () => boolean;
  readonly answer: (nonce: string) => void;
}

export class ProbeAnswer {
  readonly #ports: ProbeAnswerPorts;
  /** By the clock that nobody sets, ms. */
  #askedAt: number | null = null;
  #nonce: string | null = null;

  constructor(ports: ProbeAnswerPorts) {
    this.#ports = ports;
  }

  /** A newer nonce takes the place of one that Asterisk has not asked for. */
  handleProbe(nonce: string): void {
    const { clock, isRegistered } = this.#ports;
    const justAsked = this.#askedAt !== null && clock.elapsed() - this.#askedAt <= RACE_MS;
    this.#nonce = nonce;
    if (justAsked && isRegistered()) this.#tell();
  }

  /** Asterisk's question arrived here. */
  handleAsked(): void {
    const { clock, isRegistered } = this.#ports;
    if (!isRegistered()) return;
    this.#askedAt = clock.elapsed();
    this.#tell();
  }

  /** The registration or the socket is gone: what was heard before proves nothing any more. */
  reset(): void {
    this.#askedAt = null;
    this.#nonce = null;
  }

  #tell(): void {
    const nonce = this.#nonce;
    if (nonce === null) return;
    this.#nonce = null;
    this.#ports.answer(nonce);
  }
}
