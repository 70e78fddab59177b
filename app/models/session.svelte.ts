// SE1, SE4: from the sign-in form to the desk and back. The access token lives here, in memory, and nowhere else.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import type { CentreConfig, SessionGrant } from '../../domain/protocol/http.ts';
import { asAppError, type AppError, type ErrorCode } from './app-error.ts';
import type { AuthPort, Profile, ProfilePort } from './ports.ts';

/**
 * `loading`: it is not known yet whether a session stands · `unreachable`: nobody can say, tried again by itself ·
 * `outdated`: the bridge does not speak this page's protocol any more.
 */
export type Phase = 'loading' | 'unreachable' | 'sign-in' | 'desk' | 'leaving' | 'outdated';

export interface SessionPorts {
  readonly auth: AuthPort;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  readonly profiles: ProfilePort;
  /** A desk opens; its token may come later. */
  readonly onEnter: (self: SessionGrant['self']) => void;
  /** A new token (and perhaps a new SIP account) for the desk that is open. */
  readonly onGrant: (grant: SessionGrant, config: CentreConfig) => void;
  /** Takes the telephone and the socket down; every step is tried. `forget`: the person signed out (SE8). */
  readonly onLeave: (forget: boolean) => Promise<void>;
}

const EMPTY_CONFIG: CentreConfig = {
  centre: { name: '', timeZone: 'UTC', demo: false },
  reasons: [],
  iceServers: [],
};

/** A token is renewed this long before it runs out, or half-way when it is shorter. */
const RENEW_BEFORE_MS = 60_000;

/** The session is over, as opposed to "could not be asked". */
const isOver = ({ code }: AppError): boolean => code === 'unauthorised' || code === 'session-ended';

export class Session {
  readonly #ports: SessionPorts;
  #phase = $state.raw<Phase>('loading');
  #grant = $state.raw<SessionGrant | null>(null);
  #self = $state.raw<SessionGrant['self'] | null>(null);
  #config = $state.raw<CentreConfig>(EMPTY_CONFIG);
  #notice = $state.raw<'signed-out' | 'unconfirmed' | null>(null);
  #problem = $state.raw<ErrorCode | null>(null);
  #unreachableSince = $state.raw<number | null>(null);
  #busy = $state.raw(false);
  #timer: Cancel | null = null;
  #attempt = 0;
  #renewing: Promise<SessionGrant> | null = null;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get id(): string {
    return this.#grant?.session ?? '';
  }

  get self(): SessionGrant['self'] | null {
    return this.#self;
  }

  get config(): CentreConfig {
    return this.#config;
  }

  get notice(): 'signed-out' | 'unconfirmed' | null {
    return this.#notice;
  }

  /** Why the last sign-in failed. */
  get problem(): ErrorCode | null {
    return this.#problem;
  }

  get unreachableSince(): number | null {
    return this.#unreachableSince;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Page load: the cookie may still stand for a session. Tried until somebody answers. */
  async resume(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    try {
      await this.#open(await this.#renew());
    } catch (error) {
      const problem = asAppError(error);
      if (isOver(problem)) this.#close(null);
      else await this.#openWithout();
    }
  }

  /** The network or the page came back. */
  nudge(): void {
    if (this.#phase === 'unreachable') void this.resume();
  }

  async signIn(extension: string, password: string): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem = null;
    try {
      await this.#open(await this.#ports.auth.signIn(extension, password));
    } catch (error) {
      this.#problem = asAppError(error).code;
    } finally {
      this.#busy = false;
    }
  }

  /** The token in force. `fresh`: the bridge refused the last one. Rejects when none is to be had now. */
  async token(fresh: boolean): Promise<string> {
    if (!fresh && this.#grant) return this.#grant.accessToken;
    return (await this.#renewOpen()).accessToken;
  }

  /** SE4: telephone and socket first, then the session; each step is tried whatever became of the others. */
  async signOut(everywhere: boolean): Promise<void> {
    const token = this.#grant?.accessToken ?? null;
    if (this.#phase !== 'desk') return;
    this.#phase = 'leaving';
    this.#timer?.();
    await this.#ports.onLeave(true).catch(() => undefined);
    const told = await this.#tellBridge(token, everywhere);
    this.#close(told ? null : 'unconfirmed');
  }

  /** The bridge ended the session, or a refresh was refused. */
  async handleOver(): Promise<void> {
    if (this.#phase !== 'desk') return;
    this.#phase = 'leaving';
    await this.#ports.onLeave(false).catch(() => undefined);
    this.#close('signed-out');
  }

  async handleOutdated(): Promise<void> {
    this.#phase = 'outdated';
    this.#timer?.();
    await this.#ports.onLeave(false).catch(() => undefined);
  }

  async #open(grant: SessionGrant): Promise<void> {
    const config = await this.#ports.auth.config(grant.accessToken);
    this.#grant = grant;
    this.#enter({ self: grant.self, config });
    this.#ports.profiles.save({ self: grant.self, config });
    this.#planRenewal(grant);
    this.#ports.onGrant(grant, config);
  }

  #enter({ self, config }: Profile): void {
    this.#self = self;
    this.#config = config;
    this.#notice = null;
    this.#problem = null;
    this.#unreachableSince = null;
    this.#attempt = 0;
    this.#phase = 'desk';
    this.#ports.onEnter(self);
  }

  /** AP2: nobody can be asked. Whoever was here last gets their desk with what it knew, and changes are kept for later. */
  async #openWithout(): Promise<void> {
    const profile = await this.#ports.profiles.load();
    if (profile && this.#phase === 'loading') this.#enter(profile);
    else this.#retryResume();
  }

  /** The first token of a desk that was opened without one. */
  async #complete(grant: SessionGrant): Promise<void> {
    if (grant.self.extension !== this.#self?.extension) {
      await this.#ports.onLeave(false).catch(() => undefined);
      await this.#open(grant);
      return;
    }
    const config = await this.#ports.auth.config(grant.accessToken).catch(() => this.#config);
    if (this.#phase !== 'desk') return;
    this.#config = config;
    this.#ports.profiles.save({ self: grant.self, config });
    this.#take(grant);
  }

  #take(grant: SessionGrant): void {
    this.#grant = grant;
    this.#self = grant.self;
    this.#attempt = 0;
    this.#planRenewal(grant);
    this.#ports.onGrant(grant, this.#config);
  }

  #close(notice: 'signed-out' | 'unconfirmed' | null): void {
    this.#timer?.();
    this.#grant = null;
    this.#self = null;
    this.#config = EMPTY_CONFIG;
    this.#notice = notice;
    this.#phase = 'sign-in';
    this.#ports.profiles.save(null);
  }

  #retryResume(): void {
    const { clock } = this.#ports;
    this.#unreachableSince ??= clock.now();
    this.#phase = 'unreachable';
    this.#again(clock.now() - this.#unreachableSince, () => void this.resume());
  }

  #again(downForMs: number, act: () => void): void {
    const { clock, policy, rng } = this.#ports;
    const delay = policy.nextDelayMs({ attempt: this.#attempt, downForMs, random: rng.next() });
    this.#attempt += 1;
    this.#timer?.();
    if (delay !== null) this.#timer = clock.after(delay, act);
  }

  #planRenewal({ expiresInMs }: SessionGrant): void {
    this.#timer?.();
    const delayMs = Math.max(expiresInMs / 2, expiresInMs - RENEW_BEFORE_MS);
    this.#timer = this.#ports.clock.after(delayMs, () => void this.#renewOpen().catch(() => undefined));
  }

  /** One at a time: whoever asks meanwhile gets the same answer. */
  #renew(): Promise<SessionGrant> {
    this.#renewing ??= this.#ports.auth.refresh().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Renews the token of the open desk. A refusal ends it; trouble on the way is tried again. */
  async #renewOpen(): Promise<SessionGrant> {
    try {
      const grant = await this.#renew();
      if (this.#phase === 'desk' && grant !== this.#grant) {
        if (this.#grant) this.#take(grant);
        else await this.#complete(grant);
      }
      return grant;
    } catch (error) {
      const problem = asAppError(error);
      if (isOver(problem)) void this.handleOver();
      else if (this.#phase === 'desk') this.#again(0, () => void this.#renewOpen().catch(() => undefined));
      throw problem;
    }
  }

  /** A token that is missing or ran out meanwhile is renewed once: signing out must not fail for being late. */
  async #tellBridge(token: string | null, everywhere: boolean): Promise<boolean> {
    const { auth } = this.#ports;
    try {
      if (token !== null) {
        await auth.signOut(token, everywhere);
        return true;
      }
    } catch (error) {
      if (!isOver(asAppError(error))) return false;
    }
    try {
      await auth.signOut((await this.#renew()).accessToken, everywhere);
      return true;
    } catch (error) {
      return isOver(asAppError(error));
    }
  }
}
