// AP5: keeps one SIP line registered for ever: connect, register, and again after every loss, at once when the world says so.
//
//   off --start--> connecting --registered--> registered --transport or registration lost--> waiting --delay, nudge--> connecting
//   registered --check()--> one REGISTER at once; unanswered: the transport is taken down and the way begins anew
//   any --stop--> off
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import { AppError, asAppError } from './app-error.ts';
import type { PhoneLine } from './ports.ts';

export type LineState = 'off' | 'connecting' | 'registered' | 'waiting';

export interface LineKeeperPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  /** `problem`: why the last try failed, null while none did. */
  readonly onState: (state: LineState, problem: AppError | null) => void;
  /** Asterisk took the contact as a new one, or as one it may have forgotten. */
  readonly onNewContact: () => void;
}

const CONNECT_WITHIN_MS = 6_000;
const REGISTER_WITHIN_MS = 3_000;
/** Waking events come in flocks (online, visible, resume): one REGISTER answers them all. */
const TRUSTED_FOR_MS = 5_000;

export class LineKeeper {
  readonly #ports: LineKeeperPorts;
  #line: PhoneLine | null = null;
  #state: LineState = 'off';
  #round = 0;
  #timer: Cancel | null = null;
  #attempt = 0;
  #downSince = 0;
  #confirmedAt = 0;
  #checking = false;

  constructor(ports: LineKeeperPorts) {
    this.#ports = ports;
  }

  get state(): LineState {
    return this.#state;
  }

  start(line: PhoneLine): void {
    if (this.#line) throw new Error('line started twice');
    this.#line = line;
    this.#attempt = 0;
    this.#downSince = this.#ports.clock.now();
    void this.#try();
  }

  /** Lets go of the line without touching it: stopping it is the caller's. */
  release(): void {
    this.#line = null;
    this.#begin('off', null);
  }

  handleDown(problem: AppError): void {
    // While a try is under way its own promise tells.
    if (this.#state === 'registered') this.#retry(problem);
  }

  handleUnregistered(): void {
    if (this.#state === 'registered' && !this.#checking) void this.#try();
  }

  /** The network or the page came back. */
  nudge(): void {
    if (this.#state === 'waiting') void this.#try();
    else if (this.#ports.clock.now() - this.#confirmedAt > TRUSTED_FOR_MS) void this.#ask();
  }

  /** The other side is known to be there again, having forgotten us: no waiting, no trust in an earlier answer. */
  wake(): void {
    if (this.#state === 'waiting') void this.#try();
    else void this.check();
  }

  /** Somebody doubts that Asterisk knows us: one REGISTER, whatever SIP.js believes. */
  async check(): Promise<void> {
    if (await this.#ask()) this.#ports.onNewContact();
  }

  /** Whether it was asked and said yes. */
  async #ask(): Promise<boolean> {
    const line = this.#line;
    if (!line || this.#state !== 'registered' || this.#checking) return false;
    this.#checking = true;
    const mine = this.#round;
    try {
      await this.#within(REGISTER_WITHIN_MS, line.register());
      if (mine !== this.#round) return false;
      this.#confirmedAt = this.#ports.clock.now();
      return true;
    } catch (error) {
      if (mine === this.#round) await this.#fail(line, asAppError(error));
      return false;
    } finally {
      if (mine === this.#round) this.#checking = false;
    }
  }

  #begin(state: LineState, problem: AppError | null): void {
    this.#round += 1;
    this.#timer?.();
    this.#timer = null;
    this.#checking = false;
    if (this.#state === 'registered' && state !== 'registered') this.#downSince = this.#ports.clock.now();
    this.#state = state;
    this.#ports.onState(state, problem);
  }

  async #try(): Promise<void> {
    const line = this.#line;
    if (!line) return;
    this.#begin('connecting', null);
    const mine = this.#round;
    try {
      await this.#within(CONNECT_WITHIN_MS, line.connect());
      if (mine !== this.#round) return;
      await this.#within(REGISTER_WITHIN_MS, line.register());
      if (mine !== this.#round) return;
      this.#attempt = 0;
      this.#confirmedAt = this.#ports.clock.now();
      this.#begin('registered', null);
      this.#ports.onNewContact();
    } catch (error) {
      if (mine === this.#round) await this.#fail(line, asAppError(error));
    }
  }

  /** Silence means the transport is dead however open it looks; an answered refusal needs no new transport. */
  async #fail(line: PhoneLine, problem: AppError): Promise<void> {
    this.#retry(problem);
    if (problem.code !== 'sip-refused') await line.disconnect().catch(() => undefined);
  }

  #retry(problem: AppError): void {
    const { clock, rng, policy } = this.#ports;
    this.#begin('waiting', problem);
    const downForMs = clock.now() - this.#downSince;
    const delay = policy.nextDelayMs({ attempt: this.#attempt, downForMs, random: rng.next() });
    this.#attempt += 1;
    if (delay !== null) this.#timer = clock.after(delay, () => void this.#try());
  }

  #within(limitMs: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#ports.clock.after(limitMs, () =>
        reject(new AppError('sip-timeout', { retryable: true })),
      );
      work.then(resolve, (error: unknown) => reject(asAppError(error))).finally(cancel);
    });
  }
}
