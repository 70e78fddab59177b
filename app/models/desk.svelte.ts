// Wires the models of an open desk to each other: what the bridge says goes to roster, self, truth line and telephone.
import type { Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import type { CentreConfig, SessionGrant } from '../../domain/protocol/http.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { Link, type BridgeEvent } from './link.ts';
import { Phone } from './phone.svelte.ts';
import type { AuthPort, BridgePort, PhonePort } from './ports.ts';
import { Roster } from './roster.svelte.ts';
import { Self } from './self.svelte.ts';
import { Session } from './session.svelte.ts';
import { Ticker } from './ticker.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import { reachesSession } from './truth.ts';
import { TruthLine } from './truth-line.svelte.ts';

export interface DeskPorts {
  readonly auth: AuthPort;
  readonly bridge: BridgePort;
  readonly phone: PhonePort;
  readonly clock: Clock;
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
  readonly #rng: Rng;

  constructor(ports: DeskPorts) {
    const { clock, rng, policy, i18n } = ports;
    this.#rng = rng;
    this.ticker = new Ticker(clock);
    this.toasts = new Toasts(clock);
    this.connection = new Connection(clock);
    this.session = new Session({
      ...ports,
      onEnter: (grant, config) => this.#enter(grant, config),
      onRenewed: (grant, config) => this.#renewed(grant, config),
      onLeave: () => this.#leave(),
    });
    this.phone = new Phone({ ...ports, toasts: this.toasts });
    const { ticker, toasts, roster, session, connection, phone } = this;
    this.self = new Self({
      clock,
      ticker,
      roster,
      toasts,
      phone,
      request: (asked) => this.#link.request(asked),
    });
    this.truthLine = new TruthLine({ clock, ticker, roster, self: this.self, session, connection, i18n });
    this.#link = new Link({
      bridge: ports.bridge,
      clock,
      rng,
      policy,
      token: (fresh) => this.session.token(fresh),
      listener: {
        handleState: (live) => this.#handleState(live),
        handleWelcome: (welcome) => this.self.handleWelcome(welcome.self.lastSequence),
        handleEvent: (event) => this.#handleEvent(event),
        handleOffset: (offsetMs) => this.ticker.handleOffset(offsetMs),
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

  #enter(grant: SessionGrant, config: CentreConfig): void {
    this.roster.clear();
    this.truthLine.reset();
    this.connection.reset();
    this.self.reset(grant.self.extension);
    this.#link.start();
    void this.phone.start(grant.sip, config.iceServers);
  }

  #renewed(grant: SessionGrant, config: CentreConfig): void {
    if (this.#link.live) void this.#link.request({ type: 'reauth', token: grant.accessToken });
    void this.phone.start(grant.sip, config.iceServers);
  }

  async #leave(): Promise<void> {
    // The socket goes first, so that nothing the bridge says meanwhile wakes the telephone again.
    this.#link.stop();
    await this.phone.stop();
  }

  #handleState(live: boolean): void {
    this.connection.handleState(live);
    if (!live) this.phone.handleReachable(null);
  }

  #handleEvent(event: BridgeEvent): void {
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
      this.truthLine.handleOwn();
    }
    const known =
      ready && this.self.own?.detail !== undefined && this.self.own.detail.registration.state !== 'unknown';
    this.phone.handleReachable(known ? reachesSession(this.self.own, this.session.id) : null);
  }

  #handleEnded(code: number): void {
    this.connection.handleState(false);
    if (code === CLOSE.protocol.code) void this.session.handleOutdated();
    else void this.session.handleOver();
  }
}
