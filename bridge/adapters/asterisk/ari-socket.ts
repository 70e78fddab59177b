// One WebSocket to ARI's events, from the handshake to its end. Everything that can end it ends in one AriError.
import { randomBytes } from 'node:crypto';
import { WebSocket, type RawData } from 'ws';
import type { Cancel, Clock } from '../../../domain/clock.ts';
import { authorizationOf, eventsUrl, type AriAddress } from './ari-address.ts';
import { AriError, errorOfStatus } from './ari-error.ts';

export interface AriSocketDeps {
  readonly clock: Clock;
  /** From the start to the end of the handshake, ms. */
  readonly connectTimeoutMs?: number;
  /** A hung Asterisk is found after this plus `pongWithinMs` at most. */
  readonly pingEveryMs?: number;
  readonly pongWithinMs?: number;
  onOpen(): void;
  /** Each frame as it came. */
  onText(text: string): void;
}

export interface AriSocket {
  /** Resolves, never rejects, with the reason once the socket is gone. */
  readonly closed: Promise<AriError>;
  /** Says goodbye if that is possible; nothing is told from now on. */
  close(): void;
}

const defaults = { connectTimeoutMs: 2_000, pingEveryMs: 2_000, pongWithinMs: 2_000 };
/** The largest event of a queue call had 2 KB (measured). */
const MOST_FRAME_BYTES = 1_048_576;
/** How long a peer that answers nothing may delay the end of our socket. */
const LINGER_MS = 500;

/** Throws only for an address that is no URL. */
export function openAriSocket(address: AriAddress, deps: AriSocketDeps): AriSocket {
  return new Socket(address, { ...defaults, ...deps });
}

/**
 * A name for this connection alone. With one used again, an Asterisk that had hung takes up our tries all at once, and
 * the end of the earlier ones leaves the last one open and silent (measured: 5 of 5); and a second bridge would take
 * the events from the first. Asterisk forgets the name with the connection.
 */
const newApp = (): string => `desk-${randomBytes(6).toString('hex')}`;

class Socket implements AriSocket {
  readonly closed: Promise<AriError>;
  readonly #deps: typeof defaults & AriSocketDeps;
  readonly #socket: WebSocket;
  #resolveClosed!: (reason: AriError) => void;
  #over: AriError | null = null;
  #stopTimer: Cancel;
  /** Something came since the last ping. */
  #heard = true;

  constructor(address: AriAddress, deps: typeof defaults & AriSocketDeps) {
    this.#deps = deps;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#socket = new WebSocket(eventsUrl(address, newApp()), {
      headers: authorizationOf(address),
      perMessageDeflate: false,
      maxPayload: MOST_FRAME_BYTES,
    });
    this.#stopTimer = deps.clock.after(deps.connectTimeoutMs, () =>
      this.#finish(new AriError('timeout', `ARI: no handshake in ${deps.connectTimeoutMs} ms`)),
    );
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('open', this.#handleOpen);
    socket.on('message', this.#handleMessage);
    socket.on('pong', () => (this.#heard = true));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) =>
      this.#finish(errorOfStatus('ARI events', statusCode)),
    );
    // Stays for good: an 'error' without a listener ends the process.
    socket.on('error', (cause) => this.#finish(new AriError('closed', `ARI: ${cause.message}`, cause)));
    socket.on('close', (code) => {
      this.#finish(new AriError('closed', `ARI: connection lost (${code})`));
      this.#resolveClosed(this.#over ?? new AriError('closed', 'ARI: connection lost'));
    });
  }

  close(): void {
    this.#finish(new AriError('closed', 'closed by us'), true);
  }

  readonly #handleOpen = (): void => {
    if (this.#over) return;
    this.#stopTimer();
    this.#schedulePing();
    this.#deps.onOpen();
  };

  readonly #handleMessage = (data: RawData, isBinary: boolean): void => {
    this.#heard = true;
    // `ws` hands text over as one Buffer unless told otherwise.
    if (!this.#over && !isBinary && Buffer.isBuffer(data)) this.#deps.onText(data.toString());
  };

  /** A half-open connection, or an Asterisk that hangs, would look alive for hours. */
  #schedulePing(): void {
    const { clock, pingEveryMs, pongWithinMs } = this.#deps;
    this.#stopTimer = clock.after(pingEveryMs, () => {
      this.#heard = false;
      this.#socket.ping();
      this.#stopTimer = clock.after(pongWithinMs, () => {
        if (this.#heard) this.#schedulePing();
        else this.#finish(new AriError('timeout', `ARI: silent for ${pongWithinMs} ms`));
      });
    });
  }

  /** The one end, whoever comes first. `politely`: an abrupt one is a warning in Asterisk's log. */
  #finish(reason: AriError, politely = false): void {
    if (this.#over) return;
    this.#over = reason;
    this.#stopTimer();
    const socket = this.#socket;
    if (!politely || socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      return;
    }
    socket.close(1000);
    socket.once(
      'close',
      this.#deps.clock.after(LINGER_MS, () => socket.terminate()),
    );
  }
}
