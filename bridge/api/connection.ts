// WR1-WR3: one socket. hello → welcome → snapshot; then requests, each answered by exactly one ack or nack.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { CLOSE, type CloseReason } from '../../domain/protocol/close-codes.ts';
import {
  MAX_HELLO_BYTES,
  PROTOCOL,
  PROTOCOLS_SPOKEN,
  type DeviceChange,
  type Hello,
  type Request,
} from '../../domain/protocol/client.ts';
import { decodeClient, encodeServerBody, numbered } from '../../domain/protocol/codec.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Nack, ServerMessage } from '../../domain/protocol/server.ts';
import type { Health } from '../../domain/protocol/views.ts';
import type { Person } from '../../domain/roster/record.ts';
import { errorFields, type Log } from '../log.ts';
import type { ChangeRefusal, Changes, HoldChange } from '../roster/changes.ts';
import { StoreError } from '../roster/ports.ts';
import type { Roster } from '../roster/roster.ts';
import type { Session } from '../sessions/ports.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { CommandResult, Commands } from './commands.ts';
import type { Hub, Peer } from './hub.ts';
import type { RateLimit } from './rate-limit.ts';

/** ms; WR1. */
export const HELLO_MS = 5_000;
/** ms without a frame after which a page is taken for frozen; it pings every 10 s (WR3). */
export const SILENT_MS = 35_000;

/** The socket as this room needs it; `ws` fits. */
export interface Wire {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Bytes not yet taken by the network. */
  backlog(): number;
}

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly roster: Roster;
  readonly changes: Changes;
  readonly commands: Commands;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly hub: Hub;
  /** Frames of one connection. */
  readonly frames: RateLimit;
  /** WR1: revs of another epoch mean nothing. */
  readonly epoch: string;
  readonly health: () => Health;
  readonly lastSequence: (device: string) => Promise<number>;
}

interface SignedIn {
  readonly person: Person;
  readonly session: string;
  /** PS5: whose sequence numbers these are. */
  readonly device: string;
  readonly peer: Peer;
}

/** A device's own id counts within its person only: nobody uses up another's sequence numbers. */
function deviceOf(session: Session | null, { device }: Hello): string | null {
  if (!session) return null;
  return device === undefined ? session.id : `${session.extension}-${device}`;
}

export class Connection {
  readonly #wire: Wire;
  readonly #deps: ConnectionDeps;
  #who: SignedIn | null = null;
  #greeted = false;
  #closed = false;
  #frameNumber = 0;
  #silence: Cancel;

  constructor(wire: Wire, deps: ConnectionDeps) {
    this.#wire = wire;
    this.#deps = deps;
    this.#silence = deps.clock.after(HELLO_MS, () => this.#end(CLOSE.helloTimeout));
  }

  /** A frame from the page; `bytes` its length. */
  handleFrame(text: string, bytes: number): void {
    if (this.#closed) return;
    if (!this.#deps.frames.take('frames')) return this.#end(CLOSE.tooFast);
    this.#silence();
    this.#silence = this.#deps.clock.after(SILENT_MS, () => this.#end(CLOSE.silent));
    if (!this.#greeted) return this.#handleHello(text, bytes);
    const decoded = decodeClient(text);
    if (!decoded.ok) {
      if (decoded.requestId === null) return this.#end(CLOSE.badFrame);
      return this.#nack(decoded.requestId, 'bad-request', { detail: decoded.problem });
    }
    if (!this.#who || decoded.message.type === 'hello') return this.#end(CLOSE.badFrame);
    this.#handleRequest(decoded.message, this.#who);
  }

  /** The protocol is text. */
  handleBinary(): void {
    this.#end(CLOSE.badFrame);
  }

  handleClosed(): void {
    this.#closed = true;
    this.#silence();
    if (this.#who) this.#deps.hub.leave(this.#who.peer);
    this.#who = null;
  }

  #end({ code, text }: CloseReason): void {
    if (this.#closed) return;
    this.#wire.close(code, text);
    this.handleClosed();
  }

  #sendBody(body: string): void {
    if (this.#closed) return;
    this.#frameNumber += 1;
    this.#wire.send(numbered(this.#frameNumber, body));
  }

  #send(message: ServerMessage): void {
    this.#sendBody(encodeServerBody(message));
  }

  #ack(id: string, rev: number): void {
    this.#send({ type: 'ack', id, rev });
  }

  #nack(id: string, code: Refusal, extra: Partial<Omit<Nack, 'type' | 'id' | 'code'>> = {}): void {
    this.#send({ type: 'nack', id, code, ...extra });
  }

  #handleHello(text: string, bytes: number): void {
    if (bytes > MAX_HELLO_BYTES) return this.#end(CLOSE.tooLarge);
    const decoded = decodeClient(text);
    if (!decoded.ok || decoded.message.type !== 'hello') return this.#end(CLOSE.badFrame);
    this.#greeted = true;
    this.#greet(decoded.message).catch((error: unknown) => {
      this.#deps.log.error(errorFields(error), 'hello failed');
      this.#end(CLOSE.goingAway);
    });
  }

  async #greet(hello: Hello): Promise<void> {
    const { tokens, sessions, roster, lastSequence } = this.#deps;
    if (!PROTOCOLS_SPOKEN.includes(hello.protocol)) return this.#end(CLOSE.protocol);
    const id = await tokens.verify(hello.token);
    if (id === null) return this.#end(CLOSE.unauthorised);
    const device = deviceOf(sessions.open(id), hello);
    const last = device === null ? 0 : await lastSequence(device);
    // Asked again: it may have ended while the store was asked.
    const session = sessions.open(id);
    const record = session && roster.get(session.extension);
    if (!record || device === null) return this.#end(CLOSE.sessionEnded);
    if (!this.#closed) this.#welcome({ person: record.person, session: session.id, device }, last, hello);
  }

  #welcome(me: Omit<SignedIn, 'peer'>, lastSequence: number, { resume }: Hello): void {
    const { person, session, device } = me;
    const { hub, roster, clock, epoch, health } = this.#deps;
    const peer: Peer = {
      ...{ person, session },
      send: (body) => this.#sendBody(body),
      backlog: () => this.#wire.backlog(),
      close: (reason) => this.#end(reason),
    };
    this.#who = { ...me, peer };
    const scope = hub.scopeOf(person);
    const { extension, name, role } = person;
    this.#send({
      type: 'welcome',
      ...{ protocol: PROTOCOL, epoch, rev: roster.rev, serverTime: clock.now(), scope },
      self: { extension, name, role, session, device, lastSequence },
    });
    const known = resume?.epoch === epoch && resume.scope === scope && resume.rev <= roster.rev;
    hub.join(peer, known ? resume.rev : null);
    this.#send({ type: 'system:health', health: health() });
  }

  #handleRequest(request: Request, me: SignedIn): void {
    this.#answer(request, me).catch((error: unknown) => {
      const fields = { agent: me.person.extension, request: request.type, ...errorFields(error) };
      const changing = !['clock.ping', 'reauth'].includes(request.type);
      this.#deps.log.error(fields, changing ? 'status change failed' : 'request failed');
      this.#nack(request.id, error instanceof StoreError ? error.code : 'internal');
    });
  }

  async #answer(request: Request, me: SignedIn): Promise<void> {
    const { roster, clock, tokens } = this.#deps;
    switch (request.type) {
      case 'status.set':
        return this.#change(request.id, me, request.agent ?? me.person.extension, [request.change]);
      case 'outbox.flush':
        return this.#change(request.id, me, me.person.extension, request.changes);
      case 'queue.pause':
      case 'queue.unpause': {
        const { agent: target, queue } = request;
        const reason = request.type === 'queue.pause' ? request.reason : null;
        return this.#hold(request.id, { actor: me.person, target, queue, reason });
      }
      case 'probe.seen':
        this.#deps.commands.probeSeen(me.session, request.nonce);
        return this.#ack(request.id, roster.rev);
      case 'probe.run':
      case 'device.signOut':
      case 'agent.signOut':
      case 'sweep.run':
        return this.#settle(request.id, await this.#command(request, me.person));
      case 'clock.ping':
        return this.#send({ type: 'ack', id: request.id, rev: roster.rev, serverTime: clock.now() });
      case 'reauth': {
        const own = (await tokens.verify(request.token)) === me.session;
        return own ? this.#ack(request.id, roster.rev) : this.#nack(request.id, 'unauthorised');
      }
    }
  }

  #command(
    request: Extract<Request, { type: 'probe.run' | 'device.signOut' | 'agent.signOut' | 'sweep.run' }>,
    actor: Person,
  ): Promise<CommandResult> {
    const { commands } = this.#deps;
    switch (request.type) {
      case 'probe.run':
        return commands.probe(actor, request.agent ?? actor.extension);
      case 'device.signOut':
        return commands.signOutDevice(actor, request);
      case 'agent.signOut':
        return commands.signOutAgent(actor, request);
      case 'sweep.run':
        return commands.sweep(actor);
    }
  }

  #settle(id: string, result: CommandResult): void {
    if (result.ok) this.#ack(id, this.#deps.roster.rev);
    else this.#nack(id, result.code);
  }

  /** One ack for all of them, or a nack at the first refused: what came before it stands. */
  async #change(id: string, me: SignedIn, target: string, made: readonly DeviceChange[]): Promise<void> {
    let rev = this.#deps.roster.rev;
    for (const change of made) {
      const { person: actor, device } = me;
      const result = await this.#deps.changes.setStatus({ actor, device, target, change });
      if (!result.ok) return this.#refuse(id, result, change.sequence);
      rev = result.rev;
    }
    this.#ack(id, rev);
  }

  #refuse(id: string, { code, lastSequence }: ChangeRefusal, sequence?: number): void {
    this.#nack(id, code, {
      ...(lastSequence === undefined ? {} : { lastSequence }),
      ...(sequence === undefined ? {} : { sequence }),
    });
  }

  async #hold(id: string, change: HoldChange): Promise<void> {
    const result = await this.#deps.changes.setHold(change);
    if (result.ok) this.#ack(id, result.rev);
    else this.#refuse(id, result);
  }
}
