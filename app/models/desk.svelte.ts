// Wires the models of an open desk to each other: what the bridge says goes to roster, self, truth line and telephone.
import type { Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import type { CentreConfig, SessionGrant } from '../../domain/protocol/http.ts';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import { phrase } from '../i18n/catalogue.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { CallGuard } from './call-guard.ts';
import { Connection } from './connection.svelte.ts';
import { driftWords } from './drift.ts';
import { Link, type BridgeEvent } from './link.ts';
import { Phone } from './phone.svelte.ts';
import type { LogStorePort } from './log-store.ts';
import type { AuthPort, BridgePort, DeviceClock, PhonePort, ProfilePort } from './ports.ts';
import type { Answer, Asked } from './requests.ts';
import { Roster } from './roster.svelte.ts';
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
  readonly #link: Link;
  readonly #guard: CallGuard;
  readonly #rng: Rng;
  #round = 0;
  /** Repairs told of by the toast that is shown. */
  #repaired = 0;

  constructor(ports: DeskPorts) {
    const { clock, rng, policy, i18n } = ports;
    this.#rng = rng;
    this.ticker = new Ticker(clock, () => this.#link.nudge());
    this.toasts = new Toasts(clock);
    this.connection = new Connection(clock);
    this.session = new Session({
      ...ports,
      onEnter: ({ extension }) => void this.#enter(extension),
      onGrant: (grant, config) => this.#handleGrant(grant, config),
      onLeave: (forget) => this.#leave(forget),
    });
    this.phone = new Phone({ ...ports, toasts: this.toasts, onRinging: () => this.#guard.check() });
    const { ticker, toasts, roster, session, connection, phone } = this;
    const request = (asked: Asked): Promise<Answer> => this.#link.request(asked);
    const onChange = (): void => this.#guard.check();
    this.self = new Self({ ...ports, ticker, roster, toasts, phone, connection, request, onChange });
    const { self } = this;
    this.truthLine = new TruthLine({ clock, ticker, roster, self, session, connection, i18n });
    this.#guard = new CallGuard({
      clock,
      facts: () => self.declineFacts,
      ringing: () => phone.ringing,
      decline: () => void phone.reject(),
      onDeclined: (queue, count) => this.#handleDeclined(queue, count),
    });
    this.#link = new Link({
      ...{ bridge: ports.bridge, clock, rng, policy },
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
    this.connection.reset();
    await this.self.open(extension);
    if (mine === this.#round) this.#link.start();
  }

  #handleGrant(grant: SessionGrant, config: CentreConfig): void {
    if (this.#link.live) void this.#link.request({ type: 'reauth', token: grant.accessToken });
    void this.phone.start(grant.sip, config.iceServers);
  }

  async #leave(forget: boolean): Promise<void> {
    this.#round += 1;
    if (forget) await this.self.idle();
    // The socket goes first, so that nothing the bridge says meanwhile wakes the telephone again.
    this.#link.stop();
    await this.phone.stop();
    await this.self.close(forget);
  }

  #handleState(live: boolean): void {
    this.connection.handleState(live);
    if (!live) this.phone.handleReachable(null);
    this.#guard.check();
  }

  #handleEvent(event: BridgeEvent): void {
    if (event.type === 'self:log') return this.self.handleLog(event);
    // The pages of these are still to come.
    if (event.type === 'health:report' || event.type === 'probe') return;
    if (event.type === 'queue:drift') return this.#handleDrift(event.drifts);
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
  }

  /** AP11. */
  #handleDeclined(queue: string, count: number): void {
    const status = statusPhrase(this.self.intent?.status ?? 'PAUSE');
    const time = { at: this.ticker.now };
    this.toasts.show(phrase('toast.declined', { count, queue, time, status }), 'declined');
  }

  #handleDrift(drifts: readonly QueueDrift[]): void {
    this.#repaired = this.toasts.isShown('repaired') ? this.#repaired : 0;
    const nameOf = (extension: string): string => this.roster.agents.get(extension)?.name ?? extension;
    const { repaired, contested } = driftWords(drifts, this.#repaired, nameOf);
    if (repaired) this.toasts.show(repaired.words, 'repaired');
    this.#repaired = repaired?.count ?? this.#repaired;
    for (const words of contested) this.toasts.show(words);
  }

  #handleEnded(code: number): void {
    this.connection.handleState(false);
    if (code === CLOSE.protocol.code) void this.session.handleOutdated();
    else void this.session.handleOver();
  }
}
