// Keeps one AMI connection up for ever.
import type { Cancel, Rng } from '../../../domain/clock.ts';
import type { ReconnectPolicy } from '../../../domain/connection/reconnect.ts';
import { openAmi, type AmiAddress, type AmiConnection, type AmiDeps } from './ami-connection.ts';
import type { AmiError, AmiErrorCode } from './ami-error.ts';
import { first, type AmiMessage } from './ami-message.ts';

/*
 *            start(), or the policy's delay is over
 *     down ───────────────────────────────────────▶ connecting
 *      ▲ ▲                                              │ logged in
 *      │ │              refused, timed out              ▼
 *      │ └────────────────────────────────────────── booting ◀─ connecting to an Asterisk that still loads
 *      │                                                │ FullyBooted (at once after the login if it has booted)
 *      │  closed, no pong, Shutdown, stop()             ▼
 *      └───────────────────────────────────────────── ready       (awaitBoot: false goes from connecting to ready)
 */
export type AmiLinkState = 'down' | 'connecting' | 'booting' | 'ready';

/** Why a link is down: what the connection said, Asterisk's own Shutdown, or our stop(). */
export type AmiDownReason = AmiErrorCode | 'shutdown' | 'stopped';

export interface AmiLink {
  state(): AmiLinkState;
  /** Told of every change, with the reason when it is 'down'. Not told of the state at the time of the call. */
  onState(listener: (state: AmiLinkState, reason: AmiDownReason | null) => void): () => void;
  /** Events of whichever connection is up, booting too. 'ready' is told before the FullyBooted that brought it. */
  onEvent(listener: (event: AmiMessage) => void): () => void;
  /** The connection while 'ready', else null: nothing is sent to an Asterisk that has not booted. */
  current(): AmiConnection | null;
  /** Does nothing when already started. */
  start(): void;
  /** Resolves when the socket is gone and no timer is left. It may be started again. */
  stop(): Promise<void>;
}

export interface AmiLinkDeps extends Omit<AmiDeps, 'signal'> {
  readonly policy: ReconnectPolicy;
  readonly rng: Rng;
  /** False for a user that may not read system events; take the moment of boot from another link. Default true. */
  readonly awaitBoot?: boolean;
}

/** A connection that lasted less does not count as recovered, or one that dies at once would be retried at once for ever. */
const RECOVERED_AFTER_MS = 2_000;
/** Asterisk may take long to load; longer than this rather means that the user lacks `read = system`. */
const BOOT_WARNING_MS = 30_000;

interface Attempt {
  readonly abort: AbortController;
  connection: AmiConnection | null;
  /** The loss has been told (Shutdown comes before the socket closes). */
  lost: boolean;
  refused: boolean;
}

/** A stopped link; see `AmiLink`. Reconnects by `deps.policy`; after a refused login with its fatal delay. */
export function createAmiLink(address: AmiAddress, deps: AmiLinkDeps): AmiLink {
  return new Link(address, deps);
}

class Link implements AmiLink {
  readonly #address: AmiAddress;
  readonly #deps: AmiLinkDeps;
  readonly #who: { host: string; port: number; user: string };
  readonly #stateListeners = new Set<(state: AmiLinkState, reason: AmiDownReason | null) => void>();
  readonly #eventListeners = new Set<(event: AmiMessage) => void>();
  #state: AmiLinkState = 'down';
  #running = false;
  #attempt: Attempt | null = null;
  /** Resolves when the sockets of all attempts so far are gone. */
  #ended: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #downSince = 0;
  #readySince = 0;
  #authLogged = false;
  #stopTimer: Cancel = () => undefined;

  constructor(address: AmiAddress, deps: AmiLinkDeps) {
    this.#address = address;
    this.#deps = deps;
    this.#who = { host: address.host, port: address.port, user: address.user };
  }

  state(): AmiLinkState {
    return this.#state;
  }

  current(): AmiConnection | null {
    return this.#state === 'ready' ? (this.#attempt?.connection ?? null) : null;
  }

  onState(listener: (state: AmiLinkState, reason: AmiDownReason | null) => void): () => void {
    const own: typeof listener = (state, reason) => listener(state, reason);
    this.#stateListeners.add(own);
    return () => void this.#stateListeners.delete(own);
  }

  onEvent(listener: (event: AmiMessage) => void): () => void {
    const own: typeof listener = (event) => listener(event);
    this.#eventListeners.add(own);
    return () => void this.#eventListeners.delete(own);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#failures = 0;
    this.#authLogged = false;
    this.#downSince = this.#deps.clock.now();
    this.#connect();
  }

  async stop(): Promise<void> {
    const attempt = this.#attempt;
    this.#running = false;
    this.#stopTimer();
    this.#attempt = null;
    attempt?.abort.abort();
    this.#become('down', 'stopped');
    await this.#ended;
  }

  #connect(): void {
    const attempt: Attempt = {
      abort: new AbortController(),
      connection: null,
      lost: false,
      refused: false,
    };
    this.#attempt = attempt;
    this.#become('connecting', null);
    // A listener may have stopped the link just now.
    if (this.#attempt !== attempt) return;
    const before = this.#ended;
    this.#ended = openAmi(this.#address, { ...this.#deps, signal: attempt.abort.signal })
      .then(
        (connection) => this.#opened(attempt, connection),
        (error: AmiError) => this.#down(attempt, error),
      )
      .then(() => before);
  }

  /** Resolves when the connection has ended. */
  async #opened(attempt: Attempt, connection: AmiConnection): Promise<void> {
    if (this.#attempt !== attempt) {
      connection.close();
      await connection.closed;
      return;
    }
    attempt.connection = connection;
    this.#authLogged = false;
    if (this.#deps.awaitBoot === false) this.#ready();
    else this.#awaitBoot();
    connection.onEvent((event) => this.#handleEvent(attempt, event));
    this.#down(attempt, await connection.closed);
  }

  #awaitBoot(): void {
    this.#stopTimer = this.#deps.clock.after(BOOT_WARNING_MS, () =>
      this.#deps.log.warn(this.#who, 'AMI: no FullyBooted yet; may this user read system events?'),
    );
    this.#become('booting', null);
  }

  #ready(): void {
    this.#stopTimer();
    this.#readySince = this.#deps.clock.now();
    const downForMs = this.#readySince - this.#downSince;
    this.#deps.log.info({ ...this.#who, downForMs, failures: this.#failures }, 'AMI ready');
    this.#become('ready', null);
  }

  #handleEvent(attempt: Attempt, event: AmiMessage): void {
    const name = first(event, 'event');
    if (name === 'FullyBooted' && this.#state === 'booting') this.#ready();
    this.#tell(this.#eventListeners, (listener) => listener(event));
    // It refuses everything from now on, logins too. Coming back has to wait until the process has closed the socket.
    if (name === 'Shutdown') this.#lose(attempt, 'shutdown', null);
  }

  /** The attempt is over: tells it, if nobody did, and plans the next. */
  #down(attempt: Attempt, error: AmiError): void {
    this.#lose(attempt, error.code, error);
    if (this.#attempt !== attempt) return;
    const { clock, policy, rng, log } = this.#deps;
    this.#attempt = null;
    const delayMs = policy.nextDelayMs({
      attempt: this.#failures,
      downForMs: clock.now() - this.#downSince,
      random: rng.next(),
      fatal: attempt.refused,
    });
    log.debug({ ...this.#who, delayMs, failures: this.#failures, reason: error.message }, 'AMI next try');
    if (delayMs !== null) this.#stopTimer = clock.after(delayMs, () => this.#connect());
  }

  #lose(attempt: Attempt, reason: AmiDownReason, error: AmiError | null): void {
    if (this.#attempt !== attempt || attempt.lost) return;
    attempt.lost = true;
    attempt.refused = error?.retryable === false;
    this.#stopTimer();
    const now = this.#deps.clock.now();
    const recovered = this.#state === 'ready' && now - this.#readySince >= RECOVERED_AFTER_MS;
    this.#failures = recovered ? 0 : this.#failures + 1;
    if (recovered) this.#downSince = now;
    this.#report(reason, error);
    this.#become('down', reason);
  }

  /** A loss is told once, a refused login once, by name and never by secret; the tries in between are for debugging. */
  #report(reason: AmiDownReason, error: AmiError | null): void {
    const fields = { ...this.#who, reason, cause: error?.message };
    if (reason === 'auth' && !this.#authLogged) {
      this.#authLogged = true;
      this.#deps.log.error(fields, 'AMI login refused: check user, secret and permit lines in manager.conf');
    } else if (this.#state === 'ready' || (this.#failures === 1 && reason !== 'auth')) {
      this.#deps.log.warn(fields, 'AMI down');
    }
  }

  #become(state: AmiLinkState, reason: AmiDownReason | null): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#tell(this.#stateListeners, (listener) => listener(state, reason));
  }

  #tell<Listener>(listeners: ReadonlySet<Listener>, call: (listener: Listener) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#deps.log.error({ ...this.#who, err: error }, 'AMI link listener failed');
      }
    }
  }
}
