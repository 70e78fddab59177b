// SE1, SE4, SE8: from the sign-in form to the desk and back. The access token lives here, in memory, and nowhere else.
import type { CentreConfig, SessionGrant } from '../../domain/protocol/http.ts';
import { AfterCall, type Leaving } from './after-call.ts';
import { AppError, asAppError, type ErrorCode } from './app-error.ts';
import type { BackoffPorts } from './backoff.ts';
import type { Unsent } from './outbox.ts';
import type { AuthPort, Profile, ProfilePort, TabsPort } from './ports.ts';
import type { Receipts } from './receipts.ts';
import { Renewal } from './renewal.ts';
import { isOver, tellSignOut } from './sign-out.ts';

/**
 * `loading`: it is not known yet whether a session stands · `unreachable`: nobody can say, tried again by itself ·
 * `outdated`: the bridge does not speak this page's protocol any more.
 */
export type Phase = 'loading' | 'unreachable' | 'sign-in' | 'desk' | 'leaving' | 'outdated';

/** `sealed`: signed out here, the centre will be told · `told`: now it was · `unconfirmed`: it can only notice by itself. */
export type SignInNotice = 'signed-out' | 'unconfirmed' | 'sealed' | 'told' | null;

export interface SessionPorts extends BackoffPorts {
  readonly auth: AuthPort;
  readonly profiles: ProfilePort;
  readonly receipts: Receipts;
  readonly tabs: TabsPort;
  /** What has to be added to this device's clock to get the bridge's, ms. */
  readonly offsetMs: () => number;
  /** Whether this device's telephone is in a call: it goes on, whatever ends the session. */
  readonly isBusy: () => boolean;
  /** A desk opens; its token may come later. */
  readonly onEnter: (self: SessionGrant['self']) => void;
  /** A new token (and perhaps a new SIP account) for the desk that is open. */
  readonly onGrant: (grant: SessionGrant, config: CentreConfig) => void;
  /** Something waits for the end of the call, or nothing does any more. */
  readonly onWaiting: (leaving: Leaving | null) => void;
  /** Takes the telephone and the socket down; every step is tried. Never rejects: with what the bridge has not answered for. */
  readonly onLeave: () => Promise<Unsent>;
  /** Closes what this device keeps of the agent. `forget`: deletes it (SE8). */
  readonly onClose: (forget: boolean) => Promise<void>;
}

const EMPTY_CONFIG: CentreConfig = {
  centre: { name: '', timeZone: 'UTC', demo: false },
  reasons: [],
  iceServers: [],
};

/** SE8: so long the receipts of earlier sign-outs go before anything else. */
const TELL_FIRST_MS = 4_000;
/** A session that the bridge ends again so soon after it opened it anew is over. */
const REOPENED_FOR_MS = 60_000;

export class Session {
  readonly #ports: SessionPorts;
  readonly #afterCall: AfterCall;
  readonly #renewal: Renewal;
  #phase = $state.raw<Phase>('loading');
  #grant = $state.raw<SessionGrant | null>(null);
  #profile = $state.raw<Profile | null>(null);
  #notice = $state.raw<SignInNotice>(null);
  #problem = $state.raw<ErrorCode | null>(null);
  #unreachableSince = $state.raw<number | null>(null);
  #busy = $state.raw(false);
  #waiting = $state.raw<Leaving | null>(null);
  #reopenedAt = -Infinity;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#renewal = new Renewal(ports);
    this.#afterCall = new AfterCall({
      isBusy: ports.isBusy,
      onWaiting: (leaving) => {
        this.#waiting = leaving;
        ports.onWaiting(leaving);
      },
      leave: (leaving) => void this.#leave(leaving),
    });
    ports.tabs.onSignedOut((session) => {
      if (session === this.id) this.handleOver();
    });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get id(): string {
    return this.#profile?.session ?? '';
  }

  get self(): SessionGrant['self'] | null {
    return this.#profile?.self ?? null;
  }

  get config(): CentreConfig {
    return this.#profile?.config ?? EMPTY_CONFIG;
  }

  get notice(): SignInNotice {
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

  /** What takes this desk away when the call is over; null: nothing. */
  get waiting(): Leaving | null {
    return this.#waiting;
  }

  /** SE1: the bridge knows this session no more; only its last call goes on. */
  get over(): boolean {
    return this.#waiting !== null && this.#waiting.why !== 'sign-out';
  }

  /** Page load: the cookie may still stand for a session. Tried until somebody answers. */
  async resume(): Promise<void> {
    this.#renewal.pause();
    const { receipts } = this.#ports;
    await this.#atMost(TELL_FIRST_MS, receipts.flush());
    // SE8: who signed out here is out, whatever the cookie says. A profile is of somebody who came after that.
    if (receipts.count > 0 && !(await this.#profileLeft())) return this.#close('sealed');
    try {
      const grant = await this.#renewal.renew();
      if (receipts.has(grant.session)) this.#close('sealed');
      else await this.#open(grant);
    } catch (error) {
      if (isOver(asAppError(error))) this.#close(receipts.count > 0 ? 'sealed' : null);
      else await this.#openWithout();
    }
  }

  /** The network or the page came back. */
  nudge(): void {
    if (this.#phase === 'unreachable') void this.resume();
    else if (this.#phase !== 'loading') void this.#ports.receipts.flush();
  }

  /** SE8: so many sign-outs the centre has not been told of. */
  handleReceipts(count: number): void {
    if (count === 0 && this.#phase === 'sign-in' && this.#notice === 'sealed') this.#notice = 'told';
  }

  async signIn(extension: string, password: string): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem = null;
    try {
      // The session before this one ends first: only who has no other open session begins ONLINE (SE3).
      await this.#atMost(TELL_FIRST_MS, this.#ports.receipts.flush());
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

  /** SE4: at once; a call of this device ends with it. */
  async signOut(everywhere: boolean): Promise<void> {
    await this.#leave({ why: 'sign-out', everywhere });
  }

  /** SE4: when the call of this device is over; at once when there is none. */
  signOutAfterCall(everywhere: boolean): void {
    if (this.#phase === 'desk') this.#afterCall.when({ why: 'sign-out', everywhere });
  }

  /** The person stays after all. */
  stay(): void {
    this.#afterCall.cancel();
  }

  handleCallEnded(): void {
    this.#afterCall.handleCallEnded();
  }

  /**
   * The bridge closed the socket for good. SE5: a session it only lost sight of opens again for the same device; whether it
   * did: then the socket may be opened anew. Otherwise the desk leaves.
   */
  async handleEnded(): Promise<boolean> {
    const { clock } = this.#ports;
    if (this.#phase !== 'desk') return false;
    if (clock.now() - this.#reopenedAt < REOPENED_FOR_MS) return this.#isOver();
    this.#reopenedAt = clock.now();
    try {
      const grant = await this.#renewal.renewOwn(this.id);
      if (!grant) return this.#isOver();
      if (this.#phase === 'desk') this.#take(grant, this.config);
      return this.#phase === 'desk';
    } catch {
      return this.#isOver();
    }
  }

  #isOver(): false {
    this.handleOver();
    return false;
  }

  /** The bridge ended the session, or a refresh was refused. A live call goes on. */
  handleOver(): void {
    this.#renewal.reset();
    if (this.#phase === 'desk') this.#afterCall.when({ why: 'over' });
  }

  handleOutdated(): void {
    this.#renewal.reset();
    if (this.#phase === 'desk') this.#afterCall.when({ why: 'outdated' });
  }

  async #leave(leaving: Leaving): Promise<void> {
    if (this.#phase !== 'desk') return;
    const { onLeave, onClose } = this.#ports;
    if (leaving.why === 'sign-out') return this.#signOut(leaving.everywhere);
    this.#phase = leaving.why === 'outdated' ? 'outdated' : 'leaving';
    await onLeave();
    await onClose(false);
    if (leaving.why === 'over') this.#close('signed-out');
  }

  /** SE4: telephone and socket first, then the session; each step is tried whatever became of the others. */
  async #signOut(everywhere: boolean): Promise<void> {
    const { clock, auth, receipts, offsetMs, onLeave, onClose } = this.#ports;
    const signedOut = { made: clock.now(), offset: offsetMs(), everywhere };
    const token = this.#grant?.accessToken ?? null;
    const { session = '', receipt = '' } = this.#grant ?? this.#profile ?? {};
    this.#phase = 'leaving';
    this.#renewal.reset();
    this.#ports.tabs.tellSignedOut(session);
    const sealed = { session, receipt, signedOut, ...(await onLeave()) };
    const signOut = (used: string): Promise<void> => auth.signOut(used, everywhere);
    const renew = async (): Promise<string | null> =>
      (await this.#renewal.renewOwn(session))?.accessToken ?? null;
    const { notice, forget } = await tellSignOut({ clock, receipts, signOut, renew }, { token, sealed });
    await onClose(forget);
    this.#close(notice);
  }

  async #open(grant: SessionGrant): Promise<void> {
    const config = await this.#ports.auth.config(grant.accessToken);
    this.#grant = grant;
    this.#enter(this.#remember(grant, config));
    this.#plan(grant);
    this.#ports.onGrant(grant, config);
  }

  #remember({ self, session, receipt }: SessionGrant, config: CentreConfig): Profile {
    const profile = { self, session, receipt, config };
    this.#ports.profiles.save(profile);
    return profile;
  }

  #enter(profile: Profile): void {
    this.#profile = profile;
    this.#notice = null;
    this.#problem = null;
    this.#unreachableSince = null;
    this.#phase = 'desk';
    this.#ports.onEnter(profile.self);
  }

  /** AP2: nobody can be asked. Whoever was here last gets their desk with what it knew, and changes are kept for later. */
  async #openWithout(): Promise<void> {
    const profile = await this.#profileLeft();
    if (profile && this.#phase === 'loading') this.#enter(profile);
    else this.#retryResume();
  }

  /** Of a session nobody signed out of here. */
  async #profileLeft(): Promise<Profile | null> {
    const profile = await this.#ports.profiles.load();
    return profile && !this.#ports.receipts.has(profile.session) ? profile : null;
  }

  #atMost(limitMs: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.after(limitMs, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** The first token of a desk that was opened without one. */
  async #complete(grant: SessionGrant): Promise<void> {
    if (grant.self.extension !== this.self?.extension) {
      await this.#ports.onLeave();
      await this.#ports.onClose(false);
      await this.#open(grant);
      return;
    }
    const config = await this.#ports.auth.config(grant.accessToken).catch(() => this.config);
    if (this.#phase === 'desk') this.#take(grant, config);
  }

  #take(grant: SessionGrant, config: CentreConfig): void {
    this.#grant = grant;
    this.#profile = this.#remember(grant, config);
    this.#plan(grant);
    this.#ports.onGrant(grant, config);
  }

  #close(notice: SignInNotice): void {
    this.#renewal.reset();
    this.#ports.profiles.forget(this.#profile?.session ?? null);
    this.#grant = null;
    this.#profile = null;
    this.#notice = notice;
    this.#phase = 'sign-in';
  }

  #retryResume(): void {
    this.#unreachableSince ??= this.#ports.clock.now();
    this.#phase = 'unreachable';
    this.#renewal.again(() => void this.resume());
  }

  #plan(grant: SessionGrant): void {
    this.#renewal.plan(grant, () => this.#renewLater());
  }

  #renewLater(): void {
    this.#renewOpen().catch(() => undefined);
  }

  /** Renews the token of the open desk. A refusal ends it, and so does another session's cookie; trouble is tried again. */
  async #renewOpen(): Promise<SessionGrant> {
    try {
      const grant = await (this.#grant ? this.#renewal.renewOwn(this.id) : this.#renewal.renew());
      if (!grant) throw new AppError('session-ended', { retryable: false });
      if (this.#phase === 'desk' && grant !== this.#grant) {
        if (this.#grant) this.#take(grant, this.config);
        else await this.#complete(grant);
      }
      return grant;
    } catch (error) {
      const problem = asAppError(error);
      if (isOver(problem)) this.handleOver();
      else if (this.#phase === 'desk') this.#renewal.again(() => this.#renewLater());
      throw problem;
    }
  }
}
