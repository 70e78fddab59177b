// This device as a telephone: its registration, the one call it carries, and what the bridge says of its contact.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import type { CentreConfig, SipAccount } from '../../domain/protocol/http.ts';
import { phrase } from '../i18n/catalogue.ts';
import { asAppError, type AppError } from './app-error.ts';
import { LineKeeper, type LineState } from './line-keeper.ts';
import { LostCall } from './lost-call.ts';
import type { CallParty, PhoneCall, PhoneLine, PhonePort } from './ports.ts';
import type { Toasts } from './toasts.svelte.ts';

export interface CallView {
  readonly state: 'ringing' | 'answering' | 'in-call';
  readonly party: CallParty;
  readonly queue: string | null;
  /** How long the caller had waited before it rang here, ms. */
  readonly waitedMs: number | null;
  /** ms on this device's clock: when it began to ring, then when it was answered. */
  readonly since: number;
  readonly muted: boolean;
}

export interface PhonePorts {
  readonly phone: PhonePort;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  readonly toasts: Toasts;
  /** A call has begun to ring; it may be declined at once (AP11). */
  readonly onRinging: () => void;
  /** No call is there any more. */
  readonly onIdle: () => void;
  /** SE2: Asterisk took this contact; null: the registration is gone. */
  readonly onContact: (uri: string | null) => void;
  /** RG12: Asterisk asked this very session whether it is there. */
  readonly onAsked: () => void;
}

/** SIP.js keeps saying Registered when Asterisk has forgotten us; the bridge's word is believed after this. */
const DOUBT_AFTER_MS = 1_500;
const MOST_DOUBT_MS = 30_000;

export class Phone {
  readonly #ports: PhonePorts;
  readonly #keeper: LineKeeper;
  readonly #lost: LostCall;
  #state = $state.raw<LineState>('off');
  #problem = $state.raw<AppError | null>(null);
  #goneSince = $state.raw<number | null>(null);
  #call = $state.raw<CallView | null>(null);
  #carried: PhoneCall | null = null;
  #line: PhoneLine | null = null;
  #account = '';
  #closing = false;
  #doubt: Cancel | null = null;
  #doubtMs = DOUBT_AFTER_MS;

  constructor(ports: PhonePorts) {
    this.#ports = ports;
    const { clock, rng, policy } = ports;
    this.#keeper = new LineKeeper({
      clock,
      rng,
      policy,
      onState: (state, problem) => this.#handleState(state, problem),
      onNewContact: () => ports.onContact(this.#line?.contactUri ?? null),
    });
    this.#lost = new LostCall({
      clock,
      call: () => (this.busy ? this.#carried : null),
      end: () => {
        if (this.#call?.state === 'in-call') void this.end();
      },
    });
  }

  get state(): LineState {
    return this.#state;
  }

  /** Why the last try to register failed. */
  get problem(): AppError | null {
    return this.#problem;
  }

  /** ms on this device's clock; null while registered or switched off. */
  get goneSince(): number | null {
    return this.#goneSince;
  }

  get call(): CallView | null {
    return this.#call;
  }

  /** The call that rings, while nobody has answered it. */
  get ringing(): PhoneCall | null {
    return this.#call?.state === 'ringing' ? this.#carried : null;
  }

  /** The same account again changes nothing; another one takes its place. */
  async start(account: SipAccount, iceServers: CentreConfig['iceServers']): Promise<void> {
    const key = JSON.stringify([account, iceServers]);
    if (this.#line && key === this.#account) return;
    await this.stop();
    this.#account = key;
    this.#line = this.#ports.phone.open(account, iceServers, {
      handleDown: (problem) => this.#keeper.handleDown(problem),
      handleUnregistered: () => this.#keeper.handleUnregistered(),
      handleRinging: (call) => this.#handleRinging(call),
      handleAnswered: (call) => this.#handleAnswered(call),
      handleEnded: (call) => this.#handleEnded(call),
      handleAsked: () => this.#ports.onAsked(),
    });
    this.#keeper.start(this.#line);
  }

  /** Whether somebody talks, or is about to. */
  get busy(): boolean {
    return this.#call !== null && this.#call.state !== 'ringing';
  }

  /** SE1, SE4: the desk closes after this call, so no other one is taken; what keeps the call stays as it is. */
  setClosing(closing: boolean): void {
    this.#closing = closing;
    if (closing) this.#cancelDoubt();
  }

  /** Ends the call, unregisters, closes. Never rejects: every step is tried by the line itself. */
  async stop(): Promise<void> {
    const line = this.#line;
    if (!line) return;
    this.#line = null;
    this.setClosing(false);
    this.#cancelDoubt();
    this.#keeper.release();
    await line.stop().catch(() => undefined);
    this.#carried = null;
    this.#call = null;
  }

  nudge(): void {
    // The secret may be gone: a REGISTER that is refused would only look like trouble.
    if (!this.#closing) this.#keeper.nudge();
  }

  /** Asterisk is back after it was gone: it has forgotten every contact. `afterMs` spreads many desks. */
  handleAsteriskBack(afterMs: number): void {
    this.#ports.clock.after(afterMs, () => this.#keeper.wake());
  }

  /** What the bridge says: whether Asterisk can reach this very session; null when it cannot know. */
  handleReachable(reachable: boolean | null): void {
    if (reachable !== false || this.#closing) {
      this.#cancelDoubt();
      return;
    }
    this.#doubt ??= this.#ports.clock.after(this.#doubtMs, () => {
      this.#doubt = null;
      this.#doubtMs = Math.min(this.#doubtMs * 2, MOST_DOUBT_MS);
      void this.#keeper.check();
      // Still not reachable when nothing arrives to say otherwise: ask again, ever more slowly.
      this.handleReachable(false);
    });
  }

  /** What the bridge says: whether Asterisk carries a call of this agent; null when it cannot know. */
  handleCarried(carried: boolean | null): void {
    this.#lost.handleCarried(carried);
  }

  async answer(): Promise<void> {
    const call = this.#carried;
    if (!call || this.#call?.state !== 'ringing') return;
    this.#call = { ...this.#call, state: 'answering' };
    try {
      await call.answer();
    } catch (error) {
      const why = phrase(`error.${asAppError(error).code}`);
      this.#ports.toasts.show(phrase('toast.callFailed', { why }));
      this.#handleEnded(call);
      await call.reject().catch(() => undefined);
    }
  }

  async reject(): Promise<void> {
    const call = this.#carried;
    if (!call) return;
    const rejected = call.reject().catch(() => undefined);
    this.#handleEnded(call);
    await rejected;
  }

  async end(): Promise<void> {
    const call = this.#carried;
    if (!call) return;
    // Said to the other side first: with the call this device may sign out, and its line goes.
    const ended = call.end().catch(() => undefined);
    this.#handleEnded(call);
    await ended;
  }

  toggleMute(): void {
    if (!this.#carried || this.#call?.state !== 'in-call') return;
    const muted = !this.#call.muted;
    this.#carried.setMuted(muted);
    this.#call = { ...this.#call, muted };
  }

  #handleState(state: LineState, problem: AppError | null): void {
    this.#state = state;
    // The reason of the last failure stays readable while the next try runs.
    if (problem || state === 'registered' || state === 'off') this.#problem = problem;
    if (state === 'registered' || state === 'off') this.#goneSince = null;
    else this.#goneSince ??= this.#ports.clock.now();
    if (state !== 'registered') this.#ports.onContact(null);
  }

  #handleRinging(call: PhoneCall): void {
    if (this.#carried || this.#closing) {
      void call.reject().catch(() => undefined);
      return;
    }
    this.#carried = call;
    const { party, queue, waitedMs } = call;
    this.#call = { state: 'ringing', party, queue, waitedMs, since: this.#ports.clock.now(), muted: false };
    this.#ports.onRinging();
  }

  #handleAnswered(call: PhoneCall): void {
    if (call !== this.#carried || !this.#call) return;
    this.#call = { ...this.#call, state: 'in-call', since: this.#ports.clock.now() };
  }

  #handleEnded(call: PhoneCall): void {
    if (call !== this.#carried) return;
    this.#carried = null;
    this.#call = null;
    this.#ports.onIdle();
  }

  #cancelDoubt(): void {
    this.#doubt?.();
    this.#doubt = null;
    this.#doubtMs = DOUBT_AFTER_MS;
  }
}
