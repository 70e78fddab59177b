// One signed-in AMI connection over asterisk-manager. The library gives the socket's parser and writer and the login;
// everything it lacks or does wrong is answered here and in the ami-*.ts beside it (docs/adr/0003).
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import Manager, { type AsteriskManager } from 'asterisk-manager';
import type { Cancel, Clock } from '../../../domain/clock.ts';
import { AmiError } from './ami-error.ts';
import { checkActionName, checkCredentials, decodeItem, encodeAction, first } from './ami-message.ts';
import type { AmiFields, AmiMessage } from './ami-message.ts';
import { createAmiPending, type AmiOutcome } from './ami-pending.ts';
import { guardBytes, openSocket, readInTurns, type AmiEndpoint, type ByteGuard } from './ami-socket.ts';

export type { AmiFields, AmiMessage } from './ami-message.ts';

/** Where a log line goes; pino fits. */
export interface AmiLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AmiAddress extends AmiEndpoint {
  readonly user: string;
  readonly secret: string;
  /** Event classes asked for, as in `Action: Events` ('system,agent,call'), or 'off'. */
  readonly eventMask: string;
}

export interface AmiConnection {
  /**
   * Sends one action, in the same tick, and resolves with the response on Success.
   * Rejects AmiError: 'refused' (with Asterisk's words), 'unsupported', 'timeout', 'closed', 'invalid', 'overflow'.
   * Asterisk's messages keep their order: whoever awaits this goes on before the next message is looked at.
   */
  action(name: string, fields?: AmiFields, options?: { timeoutMs?: number }): Promise<AmiMessage>;
  /** The items of an event list (its end not among them). Errors as `action`; 'overflow' beyond `maxItems`. */
  list(
    name: string,
    fields?: AmiFields,
    options?: { timeoutMs?: number; maxItems?: number },
  ): Promise<readonly AmiMessage[]>;
  /**
   * Unsolicited events (list items are not among them) in order of arrival. What came before the very first listener
   * was put on is given to it at once. A listener that throws is logged and harms no other. Returns the way out.
   */
  onEvent(listener: (event: AmiMessage) => void): () => void;
  /** Resolves, never rejects, with the reason once the socket is gone. */
  readonly closed: Promise<AmiError>;
  /** Says Logoff if that is possible and destroys the socket; what was pending is rejected now. */
  close(): void;
}

export interface AmiDeps {
  readonly clock: Clock;
  readonly log: AmiLog;
  /** From the start to the end of the login, ms. */
  readonly connectTimeoutMs?: number;
  readonly actionTimeoutMs?: number;
  readonly listTimeoutMs?: number;
  /** A half-open connection is found after this plus `actionTimeoutMs`. */
  readonly pingEveryMs?: number;
  /** Actions without an answer yet. */
  readonly maxPending?: number;
  readonly maxLineBytes?: number;
  /** Gives up: closes the connection, or ends the attempt. */
  readonly signal?: AbortSignal;
}

const defaults = {
  connectTimeoutMs: 5_000,
  actionTimeoutMs: 5_000,
  listTimeoutMs: 10_000,
  pingEveryMs: 10_000,
  maxPending: 5_000,
  maxLineBytes: 65_536,
};
/** `Output:` of one response or a message with many variables stays far below this. */
const ITEM_PER_LINE_BYTES = 16;
const MOST_LIST_ITEMS = 20_000;
const MOST_EARLY_EVENTS = 10_000;
const MOST_UNSENT_BYTES = 1_048_576;
/** How long a peer that reads nothing may delay the end of our socket. */
const LINGER_MS = 500;
const GREETING = 'Asterisk Call Manager';
const noOutcome: AmiOutcome = () => undefined;

/** Connects, waits for the greeting, signs in, sets the event mask. Rejects AmiError; then nothing is left open. */
export async function openAmi(address: AmiAddress, deps: AmiDeps): Promise<AmiConnection> {
  const { user, secret, eventMask } = address;
  checkCredentials({ user, secret, 'event mask': eventMask });
  return new Session(address, deps).open();
}

/** Only these words mean a wrong user, secret or address; "Asterisk is shutting down" comes to good secrets too. */
function loginError(words: string): AmiError {
  return new AmiError(words.startsWith('Authentication failed') ? 'auth' : 'connect', words);
}

class Session implements AmiConnection {
  readonly closed: Promise<AmiError>;
  readonly #deps: typeof defaults & AmiDeps;
  readonly #address: AmiAddress;
  readonly #manager: AsteriskManager;
  readonly #pending;
  readonly #listeners = new Set<(event: AmiMessage) => void>();
  /** Unguessable, so that an ActionID in a UserEvent cannot pass for an item of our lists. */
  readonly #idPrefix = `${randomBytes(9).toString('base64url')}-`;
  #lastId = 0;
  #socket: Socket | null = null;
  #guard!: ByteGuard;
  #over: AmiError | null = null;
  #signedIn = false;
  /** Asterisk is going: a Logoff would only be an ERROR line in its log. */
  #shutdown = false;
  #early: AmiMessage[] | null;
  #inbox: AmiMessage[] = [];
  #resting = false;
  #stopTimer: Cancel = () => undefined;
  #resolveClosed!: (reason: AmiError) => void;

  constructor(address: AmiAddress, deps: AmiDeps) {
    this.#address = address;
    this.#deps = { ...defaults, ...deps };
    this.#early = address.eventMask === 'off' ? null : [];
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    // Without a port: with one it would connect and log in by itself and swallow a refusal (defect 6).
    this.#manager = new Manager(undefined, address.host, address.user, address.secret, false);
    // The library keeps a listener per action until an answer comes, or for ever (defect 13).
    this.#pending = createAmiPending(deps.clock, (id) => this.#manager.removeAllListeners(id));
  }

  async open(): Promise<AmiConnection> {
    const { connectTimeoutMs, clock, signal } = this.#deps;
    if (signal?.aborted === true) throw new AmiError('closed', 'given up before it began');
    this.#stopTimer = clock.after(connectTimeoutMs, () =>
      this.#finish(new AmiError('timeout', `no login in ${connectTimeoutMs} ms`)),
    );
    const giveUp = (): void => this.close();
    signal?.addEventListener('abort', giveUp);
    void this.closed.then(() => signal?.removeEventListener('abort', giveUp));
    const failed = this.closed.then((reason) => Promise.reject(reason));
    try {
      await Promise.race([this.#greeted(), failed]);
      await Promise.race([this.#logIn(), failed]);
      await Promise.race([this.#send('Events', { EventMask: this.#address.eventMask }), failed]);
    } catch (error) {
      this.#finish(error as AmiError);
      throw await this.closed;
    }
    this.#stopTimer();
    this.#scheduleHeartbeat();
    return this;
  }

  action(name: string, fields?: AmiFields, options?: { timeoutMs?: number }): Promise<AmiMessage> {
    return this.#send(name, fields, options?.timeoutMs, true);
  }

  list(
    name: string,
    fields?: AmiFields,
    options: { timeoutMs?: number; maxItems?: number } = {},
  ): Promise<readonly AmiMessage[]> {
    const { timeoutMs = this.#deps.listTimeoutMs, maxItems = MOST_LIST_ITEMS } = options;
    return new Promise((resolve, reject) => {
      this.#write(name, fields, { timeoutMs, maxItems }, true, (error, _answer, items) =>
        error ? reject(error) : resolve(items),
      );
    });
  }

  onEvent(listener: (event: AmiMessage) => void): () => void {
    const own = (event: AmiMessage): void => listener(event);
    this.#listeners.add(own);
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of early) this.#tell(own, event);
    return () => void this.#listeners.delete(own);
  }

  close(): void {
    if (this.#over) return;
    const reason = new AmiError('closed', 'closed by us');
    if (!this.#signedIn || this.#shutdown || this.#socket?.writable !== true) {
      this.#finish(reason);
      return;
    }
    this.#write('Logoff', undefined, { timeoutMs: LINGER_MS, maxItems: null }, false, noOutcome);
    this.#finish(reason, true);
  }

  #send(
    name: string,
    fields?: AmiFields,
    timeoutMs = this.#deps.actionTimeoutMs,
    foreign = false,
  ): Promise<AmiMessage> {
    return new Promise((resolve, reject) => {
      this.#write(name, fields, { timeoutMs, maxItems: null }, foreign, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  }

  /** The hot path: everything up to the socket's write happens in the caller's tick. */
  #write(
    name: string,
    fields: AmiFields | undefined,
    limits: { timeoutMs: number; maxItems: number | null },
    foreign: boolean,
    done: AmiOutcome,
  ): void {
    // Never the library's waiting room: what waits there is replayed, stale, after the login (defect 14).
    if (this.#over) throw new AmiError('closed', `${name}: no connection`, this.#over);
    const { maxPending } = this.#deps;
    if (foreign) {
      checkActionName(name);
      if (this.#pending.size() >= maxPending)
        throw new AmiError('overflow', `${name}: too many actions pending`);
      if ((this.#socket?.writableLength ?? 0) > MOST_UNSENT_BYTES)
        throw new AmiError('overflow', `${name}: socket is full`);
    }
    this.#lastId += 1;
    const id = this.#idPrefix + this.#lastId.toString(36);
    const fieldsOut = encodeAction(name, id, fields);
    this.#pending.add(id, name, limits, done);
    this.#manager.action(fieldsOut);
  }

  /** Waits for Asterisk's first line: the secret is not told to anything that does not greet like Asterisk. */
  #greeted(): Promise<void> {
    return new Promise((resolve, reject) => {
      let heard = '';
      const listen = (chunk: Buffer | string): void => {
        heard += String(chunk);
        if (heard.length < GREETING.length) return;
        this.#socket?.removeListener('data', listen);
        if (heard.startsWith(GREETING)) resolve();
        else reject(new AmiError('connect', 'the other side is not an Asterisk manager'));
      };
      this.#manager.on('rawevent', this.#receive);
      this.#socket = openSocket(this.#manager, this.#address, (socket) => this.#prepare(socket, listen));
      this.#socket.on('data', () => this.#guard.chunkRead()); // behind the library's own listener
    });
  }

  #prepare(socket: Socket, greeting: (chunk: Buffer | string) => void): void {
    const { maxLineBytes } = this.#deps;
    // Stays for good: an 'error' after the end must find a listener, or it ends the process (defect 27).
    socket.on('error', (cause) => this.#lost(cause));
    socket.on('end', () => this.#lost());
    socket.on('close', () => {
      this.#lost();
      this.#resolveClosed(this.#over ?? new AmiError('closed', 'connection lost'));
    });
    readInTurns(socket);
    const limits = { lineBytes: maxLineBytes, itemBytes: maxLineBytes * ITEM_PER_LINE_BYTES };
    this.#guard = guardBytes(socket, limits, (what) =>
      this.#finish(new AmiError('overflow', `Asterisk sent ${what}`)),
    );
    socket.on('data', greeting);
  }

  async #logIn(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#manager.login((refusal) => {
        if (refusal === undefined) resolve();
        else reject(loginError(first(decodeItem(refusal), 'message') ?? 'login refused'));
      });
    });
    this.#signedIn = true;
    // The login was the last thing the library's own dispatcher was needed for. Without it no message can call an
    // emitter's event by its name ('rawevent' would call itself for ever), and each costs no ticks (20, 22, 23, 24).
    this.#manager.removeAllListeners('rawevent');
    this.#manager.on('rawevent', this.#receive);
  }

  readonly #receive = (item: Record<string, unknown>): void => {
    this.#guard.itemDone();
    if (this.#over) return;
    this.#inbox.push(decodeItem(item));
    if (!this.#resting) this.#drain();
  };

  /**
   * Hands out what has arrived. After a message that settled somebody's promise it rests until all microtasks are
   * done, so that who awaited the response goes on before the event that came behind it in the same packet.
   */
  #drain(): void {
    const inbox = this.#inbox;
    let next = 0;
    while (next < inbox.length && !this.#resting && !this.#over) {
      const message = inbox[next] as AmiMessage;
      next += 1;
      const kind = this.#pending.handle(message);
      if (kind === 'event') this.#publish(message);
      this.#resting = kind === 'settled';
    }
    this.#inbox = inbox.slice(next);
    if (this.#resting) queueMicrotask(() => process.nextTick(this.#resume));
  }

  readonly #resume = (): void => {
    this.#resting = false;
    this.#drain();
  };

  #publish(event: AmiMessage): void {
    if (event['event'] === 'Shutdown') this.#shutdown = true;
    for (const listener of this.#listeners) this.#tell(listener, event);
    if (this.#early === null) return;
    if (this.#early.length < MOST_EARLY_EVENTS) this.#early.push(event);
    else {
      this.#early = null;
      this.#deps.log.warn({ kept: MOST_EARLY_EVENTS }, 'AMI events came and nobody listened');
    }
  }

  #tell(listener: (event: AmiMessage) => void, event: AmiMessage): void {
    try {
      listener(event);
    } catch (error) {
      this.#deps.log.error({ err: error, event: event['event'] }, 'AMI event listener failed');
    }
  }

  /** [defect 25] The library has no heartbeat: a half-open connection would look alive for hours. */
  #scheduleHeartbeat(): void {
    this.#stopTimer = this.#deps.clock.after(this.#deps.pingEveryMs, () => {
      this.#send('Ping').then(
        () => {
          if (!this.#over) this.#scheduleHeartbeat();
        },
        (error: AmiError) => this.#finish(error),
      );
    });
  }

  #lost(cause?: Error): void {
    const code = this.#signedIn ? 'closed' : 'connect';
    const words = this.#signedIn ? 'connection lost' : 'no connection';
    this.#finish(new AmiError(code, cause ? `${words}: ${cause.message}` : words, cause));
  }

  /** The one end, whoever comes first. `linger` lets a Logoff out before the socket goes. */
  #finish(reason: AmiError, linger = false): void {
    if (this.#over) return;
    this.#over = reason;
    this.#stopTimer();
    this.#inbox = [];
    this.#early = null;
    this.#pending.failAll(reason);
    const { host, port, user } = this.#address;
    this.#deps.log.debug(
      { host, port, user, code: reason.code, reason: reason.message },
      'AMI connection ended',
    );
    const socket = this.#socket;
    if (socket === null) this.#resolveClosed(reason);
    else if (linger) this.#linger(socket);
    else socket.destroy();
  }

  #linger(socket: Socket): void {
    socket.once(
      'close',
      this.#deps.clock.after(LINGER_MS, () => socket.destroy()),
    );
    socket.destroySoon();
  }
}
