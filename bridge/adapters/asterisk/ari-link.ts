// Keeps one connection to ARI's events up for ever, and asks ARI questions beside it.
import type { Cancel, Clock, Rng } from '../../../domain/clock.ts';
import type { ReconnectPolicy } from '../../../domain/connection/reconnect.ts';
import type { Log } from '../../log.ts';
import type { AriAddress } from './ari-address.ts';
import { AriError, type AriErrorCode } from './ari-error.ts';
import { decodeAriEvent, type AriEvent } from './ari-events.ts';
import { ariGet } from './ari-http.ts';
import { openAriSocket, type AriSocket, type AriSocketDeps } from './ari-socket.ts';

export type { AriAddress } from './ari-address.ts';

/*
 *            start(), or the policy's delay is over
 *     down ───────────────────────────────────────▶ connecting
 *      ▲ ▲                                              │ handshake done: Asterisk has booted (before it says 404, 503)
 *      │ └──────────────────────────────────────────────┤ refused, timed out
 *      │  closed, no pong, stop()                        ▼
 *      └───────────────────────────────────────────── ready
 */
export type AriLinkState = 'down' | 'connecting' | 'ready';

/** Why a link is down: what the connection said, or our stop(). */
export type AriDownReason = AriErrorCode | 'stopped';

export interface AriLink {
  readonly state: AriLinkState;
  /** ms; since when it is ready, or since when it is not, however often it tried. */
  readonly since: number;
  /** Told of every change, with the reason when it is 'down'. Not told of the state at the time of the call. */
  onState(listener: (state: AriLinkState, reason: AriDownReason | null) => void): () => void;
  /** The events that say something of registrations, as ARI documents them; `factOfAri` says what they mean. */
  onEvent(listener: (event: AriEvent) => void): () => void;
  /**
   * `path` begins with a slash, below the ARI URL. Needs no open WebSocket. Resolves with the JSON, unchecked; rejects
   * AriError.
   */
  get(path: string): Promise<unknown>;
  /** Does nothing when already started. */
  start(): void;
  /** Resolves when the socket is gone and no timer is left; questions under way are rejected. It may be started again. */
  stop(): Promise<void>;
}

export interface AriLinkDeps extends Omit<AriSocketDeps, 'onOpen' | 'onText'> {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly policy: ReconnectPolicy;
  /** Deadline of a `get`, ms. */
  readonly getTimeoutMs?: number;
}

/** A connection that lasted less does not count as recovered, or one that dies at once would be retried at once for ever. */
const RECOVERED_AFTER_MS = 2_000;
const GET_TIMEOUT_MS = 5_000;

/** A stopped link; see `AriLink`. Reconnects by `deps.policy`; after a refused password with its fatal delay. */
export function createAriLink(address: AriAddress, deps: AriLinkDeps): AriLink {
  return new Link(address, deps);
}

class Link implements AriLink {
  readonly #address: AriAddress;
  readonly #deps: AriLinkDeps;
  readonly #who: { readonly url: string; readonly user: string };
  readonly #stateListeners = new Set<(state: AriLinkState, reason: AriDownReason | null) => void>();
  readonly #eventListeners = new Set<(event: AriEvent) => void>();
  #state: AriLinkState = 'down';
  #since: number;
  #socket: AriSocket | null = null;
  #asking: AbortController | null = null;
  /** Resolves when the sockets of all attempts so far are gone. */
  #ended: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #downSince = 0;
  /** What has been logged since it was last ready. */
  readonly #logged = new Set<'loss' | 'refusal'>();
  #stopTimer: Cancel = () => undefined;

  constructor(address: AriAddress, deps: AriLinkDeps) {
    this.#address = address;
    this.#deps = deps;
    this.#since = deps.clock.now();
    this.#who = { url: address.url, user: address.user };
  }

  get state(): AriLinkState {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  onState(listener: (state: AriLinkState, reason: AriDownReason | null) => void): () => void {
    const own: typeof listener = (state, reason) => listener(state, reason);
    this.#stateListeners.add(own);
    return () => void this.#stateListeners.delete(own);
  }

  onEvent(listener: (event: AriEvent) => void): () => void {
    const own: typeof listener = (event) => listener(event);
    this.#eventListeners.add(own);
    return () => void this.#eventListeners.delete(own);
  }

  get(path: string): Promise<unknown> {
    const signal = this.#asking?.signal;
    if (!signal) return Promise.reject(new AriError('closed', `GET ${path}: the link is stopped`));
    const { clock, getTimeoutMs: timeoutMs = GET_TIMEOUT_MS } = this.#deps;
    return ariGet(this.#address, path, { clock, timeoutMs, signal });
  }

  start(): void {
    if (this.#asking) return;
    this.#asking = new AbortController();
    this.#failures = 0;
    this.#logged.clear();
    this.#downSince = this.#deps.clock.now();
    this.#connect();
  }

  async stop(): Promise<void> {
    this.#asking?.abort(new AriError('closed', 'closed by us'));
    this.#asking = null;
    this.#stopTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#become('down', 'stopped');
    await this.#ended;
  }

  #connect(): void {
    this.#become('connecting', null);
    // A listener may have stopped the link just now.
    if (!this.#asking) return;
    const isCurrent = (): boolean => this.#socket === socket;
    const socket = openAriSocket(this.#address, {
      ...this.#deps,
      onOpen: () => (isCurrent() ? this.#ready() : undefined),
      onText: (text) => (isCurrent() ? this.#handleText(text) : undefined),
    });
    this.#socket = socket;
    const before = this.#ended;
    this.#ended = socket.closed
      .then((reason) => (isCurrent() ? this.#lost(reason) : undefined))
      .then(() => before);
  }

  #ready(): void {
    const downForMs = this.#deps.clock.now() - this.#downSince;
    this.#deps.log.info({ ...this.#who, downForMs, failures: this.#failures }, 'ARI ready');
    this.#logged.clear();
    this.#become('ready', null);
  }

  #handleText(text: string): void {
    const event = decodeAriEvent(text);
    if (event === undefined) this.#deps.log.warn(this.#who, 'ARI event not understood');
    if (event) this.#tell(this.#eventListeners, (listener) => listener(event));
  }

  /** Tells it and plans the next try. */
  #lost(error: AriError): void {
    this.#socket = null;
    const { clock, policy, rng, log } = this.#deps;
    const now = clock.now();
    const recovered = this.#state === 'ready' && now - this.#since >= RECOVERED_AFTER_MS;
    this.#failures = recovered ? 0 : this.#failures + 1;
    if (recovered) this.#downSince = now;
    this.#report(error);
    this.#become('down', error.code);
    if (!this.#asking || this.#socket !== null) return;
    const delayMs = policy.nextDelayMs({
      attempt: this.#failures,
      downForMs: now - this.#downSince,
      random: rng.next(),
      // Not 'unsupported': an Asterisk that still loads says 404 too.
      fatal: error.code === 'refused',
    });
    log.debug({ ...this.#who, delayMs, failures: this.#failures, reason: error.message }, 'ARI next try');
    if (delayMs !== null) this.#stopTimer = clock.after(delayMs, () => this.#connect());
  }

  /** A loss is told once, a refused password once, by name only; the tries in between are for debugging. */
  #report(error: AriError): void {
    const kind = error.code === 'refused' ? 'refusal' : 'loss';
    if (this.#logged.has(kind)) return;
    this.#logged.add(kind);
    const fields = { ...this.#who, reason: error.code, cause: error.message };
    if (kind === 'loss') this.#deps.log.warn(fields, 'ARI down');
    else this.#deps.log.error(fields, 'ARI login refused: check user and password in ari.conf');
  }

  #become(state: AriLinkState, reason: AriDownReason | null): void {
    if (this.#state === state) return;
    if (state === 'ready' || this.#state === 'ready') this.#since = this.#deps.clock.now();
    this.#state = state;
    this.#tell(this.#stateListeners, (listener) => listener(state, reason));
  }

  #tell<Listener>(listeners: ReadonlySet<Listener>, call: (listener: Listener) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#deps.log.error({ ...this.#who, err: error }, 'ARI link listener failed');
      }
    }
  }
}
