// Wires the models of an open desk to each other: what the bridge says goes to roster, self, truth line and telephone.
import type { Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import type { CentreConfig, SessionGrant } from '../../domain/protocol/http.ts';
import { phrase } from '../i18n/catalogue.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import type { Leaving } from './after-call.ts';
import { Announcer } from './announcer.ts';
import { asAppError } from './app-error.ts';
import { CallGuard } from './call-guard.ts';
import { Connection } from './connection.svelte.ts';
import { Devices } from './devices.svelte.ts';
import { DriftToasts } from './drift.ts';
import { SystemHealth } from './health.svelte.ts';
import { Link, type BridgeEvent } from './link.ts';
import { Phone } from './phone.svelte.ts';
import type { LogStorePort } from './log-store.ts';
import type { Unsent } from './outbox.ts';
import type {
  AddressPort,
  AuthPort,
  BridgePort,
  DeviceClock,
  PhonePort,
  ProfilePort,
  TabsPort,
} from './ports.ts';
import { ProbeAnswer } from './probe.ts';
import type { ReceiptStore } from './receipt-store.ts';
import { Receipts } from './receipts.ts';
import type { Answer, Asked } from './requests.ts';
import { Roster } from './roster.svelte.ts';
import { Route } from './route.svelte.ts';
import { Self } from './self.svelte.ts';
import { Session } from './session.svelte.ts';
import { Ticker } from './ticker.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import { reachesSession, statusPhrase } from './truth.ts';
import { TruthLine } from './truth-line.svelte.ts';

export interface DeskPorts {
  readonly auth: AuthPort;
  readonly bridge: BridgePort;
  readonly phone: PhonePort;
  readonly stores: LogStorePort;
  readonly profiles: ProfilePort;
  readonly receipts: ReceiptStore;
  readonly address: AddressPort;
  readonly tabs: TabsPort;
  readonly clock: DeviceClock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  readonly i18n: I18n;
}

/** [AP5] So many desks a second register again when Asterisk comes back. */
const DESKS_PER_SECOND = 500;

export class Desk {
  readonly ticker: Ticker;
  readonly toasts: Toasts;
  readonly roster = new Roster();
  readonly connection: Connection;
  readonly session: Session;
  readonly phone: Phone;
  readonly self: Self;
  readonly truthLine: TruthLine;
  readonly devices: Devices;
  readonly health: SystemHealth;
  readonly route: Route;
  readonly #link: Link;
  readonly #guard: CallGuard;
  readonly #announcer: Announcer;
  readonly #probe: ProbeAnswer;
  readonly #drifts: DriftToasts;
  readonly #rng: Rng;
  #round = 0;

  constructor(ports: DeskPorts) {
    const { clock, rng, policy, i18n } = ports;
    this.#rng = rng;
    this.ticker = new Ticker(clock, () => this.#link.nudge());
    this.toasts = new Toasts(clock);
    this.connection = new Connection(clock);
    this.route = new Route(ports.address);
    this.session = this.#createSession(ports);
    this.phone = new Phone({
      ...ports,
      toasts: this.toasts,
      onRinging: () => this.#guard.check(),
      onIdle: () => session.handleCallEnded(),
      onContact: (uri) => this.#handleContact(uri),
      onAsked: () => this.#probe.handleAsked(),
    });
    const { ticker, toasts, roster, session, connection, phone } = this;
    const request = (asked: Asked): Promise<Answer> => this.#link.request(asked);
    const onChange = (): void => this.#guard.check();
    this.self = new Self({ ...ports, ticker, roster, toasts, phone, connection, request, onChange });
    const { self } = this;
    this.truthLine = new TruthLine({ clock, ticker, roster, self, session, connection, i18n });
    this.devices = new Devices({ self, session, request });
    this.health = new SystemHealth({ clock, request });
    this.#drifts = new DriftToasts(toasts, (extension) => roster.agents.get(extension)?.name ?? extension);
    this.#announcer = new Announcer({
      ...{ clock, rng, policy },
      tell: (contactUri) => this.#announce(ports.auth, contactUri),
      onProblem: (problem) => this.truthLine.handleAnnounced(problem),
    });
    this.#probe = new ProbeAnswer({
      clock,
      isRegistered: () => phone.state === 'registered',
      answer: (nonce) => void request({ type: 'probe.seen', nonce }),
    });
    this.#guard = new CallGuard({
      clock,
      facts: () => self.declineFacts,
      ringing: () => phone.ringing,
      decline: () => void phone.reject(),
      onDeclined: (queue, count) => this.#handleDeclined(queue, count),
    });
    this.#link = this.#createLink(ports);
  }

  #createSession(ports: DeskPorts): Session {
    const { clock, rng, policy, auth, receipts: store } = ports;
    const receipts = new Receipts({
      ...{ store, clock, rng, policy },
      post: (receipt) => auth.sendReceipt(receipt),
      onWaiting: (count) => this.session.handleReceipts(count),
    });
    return new Session({
      ...ports,
      receipts,
      offsetMs: () => this.ticker.offsetMs,
      isBusy: () => this.phone.busy,
      onEnter: ({ extension }) => void this.#enter(extension),
      onGrant: (grant, config) => this.#handleGrant(grant, config),
      onWaiting: (leaving) => this.#handleWaiting(leaving),
      onLeave: () => this.#leave(),
      onClose: (forget) => this.self.close(forget),
    });
  }

  #createLink({ bridge, clock, rng, policy }: DeskPorts): Link {
    const { self, session, ticker } = this;
    return new Link({
      ...{ bridge, clock, rng, policy },
      device: () => self.device,
      token: (fresh) => session.token(fresh),
      listener: {
        handleState: (live) => this.#handleState(live),
        handleWelcome: (welcome) => self.handleWelcome(welcome.self),
        handleEvent: (event) => this.#handleEvent(event),
        handleOffset: (offsetMs) => ticker.handleOffset(offsetMs),
        handleEnded: (code) => this.#handleEnded(code),
      },
    });
  }

  start(): void {
    this.ticker.start();
    void this.session.resume();
  }

  /** The network, the page or the machine came back (online, visible, resume). */
  nudge(): void {
    this.session.nudge();
    if (this.session.phase !== 'desk') return;
    this.#link.nudge();
    this.phone.nudge();
  }

  async #enter(extension: string): Promise<void> {
    this.#round += 1;
    const mine = this.#round;
    this.roster.clear();
    this.truthLine.reset();
    this.devices.clear();
    this.health.clear();
    this.connection.reset();
    await this.self.open(extension);
    if (mine === this.#round) this.#link.start();
  }

  #handleGrant(grant: SessionGrant, config: CentreConfig): void {
    if (this.#link.live) void this.#link.request({ type: 'reauth', token: grant.accessToken });
    void this.phone.start(grant.sip, config.iceServers);
  }

  async #leave(): Promise<Unsent> {
    this.#round += 1;
    await this.self.idle();
    // The socket goes first, so that nothing the bridge says meanwhile wakes the telephone again.
    this.#link.stop();
    await this.phone.stop();
    this.route.go('desk');
    return this.self.unsent();
  }

  /** SE1, SE4: the call is the last one of this desk. */
  #handleWaiting(leaving: Leaving | null): void {
    this.phone.setClosing(leaving !== null);
    if (leaving && leaving.why !== 'sign-out') this.#link.stop();
  }

  #handleState(live: boolean): void {
    this.connection.handleState(live);
    if (!live) {
      this.phone.handleReachable(null);
      this.phone.handleCarried(null);
      this.#probe.reset();
    }
    this.#guard.check();
  }

  #handleContact(uri: string | null): void {
    if (uri !== null) return this.#announcer.handleRegistered(uri);
    this.#announcer.handleGone();
    this.#probe.reset();
  }

  /** SE2; a token that ran out is renewed once. */
  async #announce(auth: AuthPort, contactUri: string): Promise<void> {
    const { extension } = this.self;
    try {
      await auth.agentOnline(await this.session.token(false), extension, contactUri);
    } catch (error) {
      if (asAppError(error).code !== 'unauthorised') throw error;
      await auth.agentOnline(await this.session.token(true), extension, contactUri);
    }
  }

  #handleEvent(event: BridgeEvent): void {
    if (event.type === 'self:log') return this.self.handleLog(event);
    if (event.type === 'health:report') return this.health.handleReport(event);
    if (event.type === 'probe') return this.#probe.handleProbe(event.nonce);
    if (event.type === 'queue:drift') return this.#drifts.handle(event.drifts);
    const before = this.roster.health?.asterisk.state ?? 'ready';
    this.roster.handleEvent(event);
    const ready = (this.roster.health?.asterisk.state ?? 'ready') === 'ready';
    if (event.type === 'system:health') {
      if (ready && before !== 'ready') {
        this.phone.handleAsteriskBack(
          (this.#rng.next() * this.roster.agents.size * 1_000) / DESKS_PER_SECOND,
        );
      }
    } else {
      this.self.handleOwn();
      this.truthLine.handleOwn();
    }
    const known =
      ready && this.self.own?.detail !== undefined && this.self.own.detail.registration.state !== 'unknown';
    this.phone.handleReachable(known ? reachesSession(this.self.own, this.session.id) : null);
    // ST3: an intent OFFLINE hides the call.
    const tells = known && this.self.own?.detail?.intent.status !== 'OFFLINE';
    this.phone.handleCarried(tells ? this.self.own?.status === 'ON_CALL' : null);
  }

  /** AP11. */
  #handleDeclined(queue: string, count: number): void {
    const status = statusPhrase(this.self.intent?.status ?? 'PAUSE');
    const time = { at: this.ticker.now };
    this.toasts.show(phrase('toast.declined', { count, queue, time, status }), 'declined');
  }

  #handleEnded(code: number): void {
    this.connection.handleState(false);
    if (code === CLOSE.protocol.code) this.session.handleOutdated();
    else void this.#reopen();
  }

  async #reopen(): Promise<void> {
    const mine = this.#round;
    if ((await this.session.handleEnded()) && mine === this.#round) this.#link.start();
  }
}
