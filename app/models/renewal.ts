// SE1: the access token is renewed by the cookie before it runs out, one request at a time.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { SessionGrant } from '../../domain/protocol/http.ts';
import { Backoff, type BackoffPorts } from './backoff.ts';
import type { AuthPort } from './ports.ts';

export interface RenewalPorts extends BackoffPorts {
  readonly auth: Pick<AuthPort, 'refresh'>;
}

/** A token is renewed this long before it runs out, or half-way when it is shorter. */
const RENEW_BEFORE_MS = 60_000;

export class Renewal {
  readonly #auth: RenewalPorts['auth'];
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #renewing: Promise<SessionGrant> | null = null;
  #timer: Cancel | null = null;

  constructor(ports: RenewalPorts) {
    this.#auth = ports.auth;
    this.#clock = ports.clock;
    this.#backoff = new Backoff(ports);
  }

  /** Whoever asks meanwhile gets the same answer. Rejects with `AppError`. */
  renew(): Promise<SessionGrant> {
    this.#renewing ??= this.#auth.refresh().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Null: another session has the cookie by now, perhaps another person's. Rejects with `AppError`. */
  async renewOwn(session: string): Promise<SessionGrant | null> {
    const grant = await this.renew();
    return grant.session === session ? grant : null;
  }

  /** `act` runs in good time before that token runs out. */
  plan({ expiresInMs }: SessionGrant, act: () => void): void {
    this.reset();
    const delayMs = Math.max(expiresInMs / 2, expiresInMs - RENEW_BEFORE_MS);
    this.#timer = this.#clock.after(delayMs, act);
  }

  /** It could not be renewed now: `act` runs when it is worth another try. */
  again(act: () => void): void {
    this.#cancel();
    this.#backoff.again(act);
  }

  /** Nothing is planned any more; failures so far still count. */
  pause(): void {
    this.#cancel();
    this.#backoff.cancel();
  }

  /** Nothing is planned any more, and the next failure is the first. */
  reset(): void {
    this.#cancel();
    this.#backoff.reset();
  }

  #cancel(): void {
    this.#timer?.();
    this.#timer = null;
  }
}
