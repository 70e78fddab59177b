// WR1-WR3, AP5: one lasting connection to the bridge over many sockets: hello, frame numbers, requests, heartbeat, reconnect.
//
//   idle --start--> connecting --welcome--> live --close, gap, silence--> waiting --delay, nudge--> connecting
//   any --fatal close, stop--> idle
import type { Cancel, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import { PROTOCOL } from '../../domain/protocol/client.ts';
import { afterClose } from '../../domain/protocol/close-codes.ts';
import type { ServerMessage, Welcome } from '../../domain/protocol/server.ts';
import type { BridgePort, BridgeSocket, DeviceClock } from './ports.ts';
import { ANSWER_WITHIN_MS, LOST, Requests, type Answer, type Asked } from './requests.ts';

export type BridgeEvent = Exclude<ServerMessage, { type: 'welcome' | 'ack' | 'nack' }>;

export interface LinkListener {
  /** `reconnecting` is also the state before the first welcome. */
  handleState(live: boolean): void;
  handleWelcome(welcome: Welcome): void;
  handleEvent(event: BridgeEvent): void;
  /** What has to be added to the clock to get the bridge's, ms. */
  handleOffset(offsetMs: number): void;
  /** The bridge ended it and said not to come back. */
  handleEnded(code: number): void;
}

export interface LinkPorts {
  readonly bridge: BridgePort;
  readonly clock: DeviceClock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  /** PS5: whose outbox is sent over this connection. */
  readonly device: () => string;
  /** The access token in force; `fresh`: the bridge refused the last one. Rejects when there is none to be had now. */
  readonly token: (fresh: boolean) => Promise<string>;
  readonly listener: LinkListener;
}

const WELCOME_WITHIN_MS = 5_000;
const HEARTBEAT_MS = 10_000;
/** A connection that lived this long was a success: the next failure counts as the first. */
const PROVEN_AFTER_MS = 5_000;

interface Resume {
  readonly epoch: string;
  readonly rev: number;
  readonly scope: string;
}

export class Link {
  readonly #ports: LinkPorts;
  readonly #requests: Requests;
  #phase: 'idle' | 'connecting' | 'live' | 'waiting' = 'idle';
  /** Names one try: what a former one still says is not heard. */
  #round = 0;
  #socket: BridgeSocket | null = null;
  #timers: Cancel[] = [];
  #lastFrame: number | null = null;
  #resume: Resume | null = null;
  #attempt = 0;
  #downSince = 0;
  #liveSince = 0;
  #refused = false;
  #pinging = false;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
    this.#requests = new Requests(ports.clock);
  }

  get live(): boolean {
    return this.#phase === 'live';
  }

  start(): void {
    if (this.#phase !== 'idle') throw new Error('link started twice');
    this.#resume = null;
    this.#refused = false;
    this.#attempt = 0;
    this.#downSince = this.#ports.clock.now();
    this.#connect();
  }

  stop(): void {
    this.#clear();
    this.#phase = 'idle';
  }

  /** The network or the page came back: try now, or ask at once whether the socket still lives. */
  nudge(): void {
    if (this.#phase === 'live') void this.#ping();
    else if (this.#phase === 'waiting') this.#connect();
  }

  request(asked: Asked): Promise<Answer> {
    const socket = this.#socket;
    if (this.#phase !== 'live' || !socket) return Promise.resolve(LOST);
    return this.#requests.ask(
      asked,
      (request) => socket.send(request),
      () => this.#retry(),
    );
  }

  #later(delayMs: number, callback: () => void): void {
    this.#timers.push(this.#ports.clock.after(delayMs, callback));
  }

  /** Silences the current try and everything that waits on it. */
  #clear(): void {
    const { clock, listener } = this.#ports;
    const wasLive = this.#phase === 'live';
    this.#round += 1;
    this.#phase = 'waiting';
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    this.#socket?.drop();
    this.#socket = null;
    this.#lastFrame = null;
    this.#pinging = false;
    if (wasLive) {
      this.#downSince = clock.now();
      if (clock.now() - this.#liveSince >= PROVEN_AFTER_MS) this.#attempt = 0;
      listener.handleState(false);
    }
    this.#requests.loseAll();
  }

  #retry(): void {
    const { clock, policy, rng } = this.#ports;
    this.#clear();
    const downForMs = clock.now() - this.#downSince;
    const delay = policy.nextDelayMs({ attempt: this.#attempt, downForMs, random: rng.next() });
    this.#attempt += 1;
    if (delay !== null) this.#later(delay, () => this.#connect());
  }

  #connect(): void {
    this.#clear();
    this.#phase = 'connecting';
    const mine = this.#round;
    this.#later(WELCOME_WITHIN_MS + ANSWER_WITHIN_MS, () => this.#retry());
    this.#ports.token(this.#refused).then(
      (token) => {
        if (mine === this.#round) this.#open(token);
      },
      () => {
        if (mine === this.#round) this.#retry();
      },
    );
  }

  #open(token: string): void {
    const mine = this.#round;
    const heard =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (mine === this.#round) act(...args);
      };
    this.#later(WELCOME_WITHIN_MS, () => this.#retry());
    this.#socket = this.#ports.bridge.open({
      handleOpen: heard(() => {
        const device = this.#ports.device();
        const hello = { type: 'hello' as const, protocol: PROTOCOL, token, device };
        this.#socket?.send(this.#resume ? { ...hello, resume: this.#resume } : hello);
      }),
      handleFrame: heard((n: number, body: ServerMessage) => this.#handleFrame(n, body)),
      handleBadFrame: heard(() => this.#handleGap()),
      handleClose: heard((code: number) => this.#handleClose(code)),
    });
  }

  /** A frame is missing or unreadable: what we hold may be wrong, only a snapshot cures it. */
  #handleGap(): void {
    this.#resume = null;
    this.#retry();
  }

  #handleClose(code: number): void {
    const after = afterClose(code);
    if (after === 'fatal') {
      this.stop();
      this.#ports.listener.handleEnded(code);
      return;
    }
    // A second refusal in a row waits like any failure, so that a wrong clock cannot make a storm.
    const atOnce = after === 'refresh' && !this.#refused;
    this.#refused ||= after === 'refresh';
    if (atOnce) this.#connect();
    else this.#retry();
  }

  #handleFrame(n: number, body: ServerMessage): void {
    const gap = this.#lastFrame !== null && n !== this.#lastFrame + 1;
    this.#lastFrame = n;
    if (gap) return this.#handleGap();
    const { listener } = this.#ports;
    switch (body.type) {
      case 'welcome':
        return this.#handleWelcome(body);
      case 'ack':
        return this.#requests.settle(body.id, { ok: true, ack: body });
      case 'nack': {
        const { code, lastSequence = null, sequence = null } = body;
        return this.#requests.settle(body.id, { ok: false, code, lastSequence, sequence });
      }
      case 'agents:snapshot':
      case 'agent:status':
        if (this.#resume) this.#resume = { ...this.#resume, rev: body.rev };
        return listener.handleEvent(body);
      case 'system:health':
      case 'self:log':
      case 'queue:drift':
      case 'health:report':
      case 'probe':
        return listener.handleEvent(body);
    }
  }

  #handleWelcome(welcome: Welcome): void {
    const { clock, listener } = this.#ports;
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    const { epoch, scope } = welcome;
    // Where the deltas to come continue what we hold, our own rev stands until they arrive.
    const continues = this.#resume?.epoch === epoch && this.#resume.scope === scope;
    this.#resume = { epoch, scope, rev: continues && this.#resume ? this.#resume.rev : welcome.rev };
    this.#phase = 'live';
    this.#liveSince = clock.now();
    this.#refused = false;
    listener.handleOffset(welcome.serverTime - clock.now());
    listener.handleWelcome(welcome);
    listener.handleState(true);
    this.#beat();
  }

  /** [WR3] Asks the bridge's clock: proves the socket and measures the offset (half the round trip each way). */
  async #ping(): Promise<void> {
    if (this.#pinging) return;
    const { clock, listener } = this.#ports;
    this.#pinging = true;
    const mine = this.#round;
    const asked = clock.elapsed();
    const answer = await this.request({ type: 'clock.ping', sent: clock.now() });
    if (mine !== this.#round) return;
    this.#pinging = false;
    if (answer.ok && answer.ack.serverTime !== undefined) {
      // The round trip by the clock that nobody sets: the wall clock may have been while the answer was under way.
      listener.handleOffset(answer.ack.serverTime + (clock.elapsed() - asked) / 2 - clock.now());
    }
  }

  #beat(): void {
    void this.#ping();
    this.#later(HEARTBEAT_MS, () => this.#beat());
  }
}
