// One device with a desk on it, as docs/protocol.md has it: changes go through an outbox that keeps them until they are
// acknowledged; a socket that breaks is opened again, with resume; the clock may be wrong.
import { WebSocket } from 'ws';
import { signIn, type DeskGrant } from '../testkit/desk-client.ts';
import { createEar } from '../testkit/ear.ts';
import { deviceTime, pass, until } from '../testkit/wait.ts';
import type { AgentView, Change, Deed, Frame } from './messages.ts';

/** ms between two tries to come back. */
const RETRY_MS = 40;
/** An access token lives five minutes. */
const TOKEN_MS = 200_000;
/** Codes after which the same request is sent again. */
const AGAIN: ReadonlySet<string> = new Set(['store-unavailable', 'internal', 'too-fast']);

export type FlushOrder = 'in order' | 'doubled' | 'shuffled';

/** From when to when, ms; Infinity: it goes on. */
export interface Time {
  readonly from: number;
  to: number;
}

/** What is put before the outbox of a device that comes back. */
export type Arrange = (order: FlushOrder, changes: readonly Change[]) => readonly (readonly Change[])[];

export interface DeviceOptions {
  readonly url: string;
  readonly extension: string;
  readonly password: string;
  /** Sent in hello, `d-…`; bridges that do not know it name the device by its session. */
  readonly id: string;
  readonly label: string;
  readonly arrange: Arrange;
  /** Told of what the protocol forbids. */
  readonly onProblem: (problem: string) => void;
}

export class Device {
  readonly deeds: Deed[] = [];
  /** What its page hears of Asterisk's questions to its phone, if it has one (RG12). */
  readonly ear = createEar();
  /** ms; when it told the bridge that it heard one. */
  readonly answered: number[] = [];
  /** ms; when it was on the socket. */
  readonly times: Time[] = [];
  readonly views = new Map<string, AgentView>();
  readonly #options: DeviceOptions;
  #grant: DeskGrant;
  #grantedAt = deviceTime();
  #socket: WebSocket | null = null;
  /** Whether it wants to be connected, and which try of that is under way. */
  #wanted = false;
  #round = 0;
  #ready = false;
  #name = '';
  #sequence = 0;
  #frames = 0;
  #requests = 0;
  #resume: { epoch: string; rev: number; scope: string } | null = null;
  readonly #answers = new Map<string, (answer: Frame | null) => void>();
  readonly #awaited = new Map<Deed, () => void>();
  #flushing: Promise<void> | null = null;
  #order: FlushOrder = 'in order';
  /** Clock of this device minus true time, in ms. */
  #shift = 0;
  /** What it believes it must add to its clock. */
  #offset = 0;

  private constructor(options: DeviceOptions, grant: DeskGrant) {
    this.#options = options;
    this.#grant = grant;
    this.#name = grant.session;
  }

  static async signIn(options: DeviceOptions): Promise<Device> {
    return new Device(options, await signIn(options.url, options.extension, options.password));
  }

  get grant(): DeskGrant {
    return this.#grant;
  }
  get label(): string {
    return this.#options.label;
  }
  get extension(): string {
    return this.#options.extension;
  }
  /** On the socket, welcomed, with the picture. */
  get online(): boolean {
    return this.#ready;
  }
  get outbox(): readonly Deed[] {
    return this.deeds.filter(({ outcome }) => outcome === 'unknown');
  }
  /** Nothing is waiting and nothing on its way. */
  get settled(): boolean {
    return this.#ready && this.#flushing === null && this.outbox.length === 0;
  }

  /** Its clock jumps, and it does not know. */
  stepClock(byMs: number): void {
    this.#shift += byMs;
  }

  /** Its clock is right again, and so is what it believes of it. */
  mendClock(): void {
    this.#shift = 0;
    this.#offset = 0;
  }

  /** Measures its offset as the desk does: half the round trip each way. */
  async measureClock(): Promise<void> {
    const sent = this.#now();
    const answer = await this.#request({ type: 'clock.ping', sent });
    if (answer?.serverTime === undefined) return;
    this.#offset = Math.round(answer.serverTime - (sent + this.#now()) / 2);
  }

  /** Drops the socket and the picture: it comes back as one who was never here. */
  forget(): void {
    this.cut();
    this.views.clear();
    this.#resume = null;
  }

  /** Makes a change, `agoMs` before now by its clock; it is sent at once when the socket is there. */
  choose(status: string, reason: string | null, agent = this.extension, agoMs = 0): Deed {
    this.#sequence += 1;
    const change: Change = {
      ...{ sequence: this.#sequence, status, reason, offset: this.#offset },
      made: this.#now() - agoMs,
      seen: this.views.get(agent)?.detail?.lastReceived ?? null,
    };
    const deed: Deed = {
      ...{ device: () => this.#name, actor: this.extension, agent, change, outcome: 'unknown' },
    };
    this.deeds.push(deed);
    if (this.#ready && !this.#flushing) void this.#sendOne(deed);
    return deed;
  }

  /** Resolves in the very turn in which the bridge's answer to that change arrives. */
  onOutcome(deed: Deed): Promise<void> {
    if (deed.outcome !== 'unknown') return Promise.resolve();
    return new Promise((resolve) => this.#awaited.set(deed, resolve));
  }

  /** The network is gone. Changes made from now on wait. */
  cut(): void {
    this.#wanted = false;
    this.#socket?.terminate();
    this.#lose();
  }

  /** Comes back and empties the outbox; tries again until it is told to stop. Resolves when nothing waits. */
  async connect(order: FlushOrder = 'in order', withinMs = 15_000): Promise<void> {
    this.#order = order;
    if (!this.#wanted) {
      this.#wanted = true;
      this.#round += 1;
      void this.#stayConnected(this.#round);
    }
    const what = () => `${this.label} connected with an empty outbox (${this.outbox.length} waiting)`;
    await until('settled', () => this.settled, withinMs).catch(() => {
      throw new Error(`not within ${withinMs} ms: ${what()}`);
    });
  }

  async signOut(): Promise<void> {
    this.cut();
    await fetch(`${this.#options.url}/api/sign-out`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#grant.accessToken}`, 'content-type': 'application/json' },
      body: '{}',
    });
  }

  #now(): number {
    return deviceTime() + this.#shift;
  }

  async #stayConnected(round: number): Promise<void> {
    const goOn = (): boolean => this.#wanted && this.#round === round;
    while (goOn()) {
      if (!this.#socket) {
        try {
          if (deviceTime() - this.#grantedAt > TOKEN_MS) await this.#refresh();
          if (goOn()) await this.#open();
        } catch {
          // The bridge is away.
        }
      }
      await pass(RETRY_MS);
      const idle = goOn() && this.#ready && !this.#flushing && this.#answers.size === 0;
      if (idle && this.outbox.length > 0) this.#flush();
    }
  }

  async #refresh(): Promise<void> {
    const response = await fetch(`${this.#options.url}/api/refresh`, {
      method: 'POST',
      headers: { cookie: this.#grant.cookie },
    });
    if (!response.ok) throw new Error(`refresh: ${response.status}`);
    const cookie = (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    this.#grant = { ...((await response.json()) as Omit<DeskGrant, 'cookie'>), cookie };
    this.#grantedAt = deviceTime();
  }

  async #open(): Promise<void> {
    const socket = new WebSocket(`${this.#options.url.replace(/^http/, 'ws')}/socket`);
    this.#socket = socket;
    this.#frames = 0;
    const resume = this.#resume ? { resume: this.#resume } : {};
    const hello = { type: 'hello', protocol: 1, token: this.#grant.accessToken, device: this.#options.id };
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => socket.send(JSON.stringify({ ...hello, ...resume })));
      socket.on('message', (data: Buffer) => {
        if (this.#socket !== socket) return;
        this.#take(JSON.parse(data.toString()) as Frame);
        if (this.#ready) resolve();
      });
      socket.on('error', () => undefined);
      socket.once('close', (code) => {
        if (this.#socket === socket) this.#lose(code);
        reject(new Error(`closed with ${code}`));
      });
    });
    if (this.outbox.length > 0) this.#flush();
  }

  #lose(code = 0): void {
    this.#socket = null;
    this.#ready = false;
    const last = this.times.at(-1);
    if (last?.to === Infinity) last.to = deviceTime();
    // 1001 and 1006: the bridge went; others mean something and none is asked for.
    if (code >= 4000) this.#problem(`closed with ${code}`);
    if (code === 4001) this.#grantedAt = 0;
    for (const answer of this.#answers.values()) answer(null);
    this.#answers.clear();
  }

  #problem(problem: string): void {
    this.#options.onProblem(`${this.label}: ${problem}`);
  }

  #take(frame: Frame): void {
    this.#frames += 1;
    if (frame.n !== this.#frames) this.#problem(`frame ${frame.n} came as number ${this.#frames} (WR1)`);
    if (frame.type === 'welcome') this.#welcome(frame);
    if (frame.type === 'probe') this.ear.ask(() => this.#tellSeen(frame.nonce));
    if (frame.type === 'agents:snapshot') this.views.clear();
    if (frame.agents) {
      for (const view of frame.agents) this.views.set(view.extension, view);
      if (this.#resume && frame.rev !== undefined) this.#resume = { ...this.#resume, rev: frame.rev };
      this.#ready = true;
    }
    // A resume that missed nothing.
    if (frame.type === 'system:health') this.#ready = true;
    if (frame.id === undefined) return;
    this.#answers.get(frame.id)?.(frame);
    this.#answers.delete(frame.id);
  }

  #tellSeen(nonce: string | undefined): void {
    if (!this.#ready) return;
    this.answered.push(deviceTime());
    void this.#request({ type: 'probe.seen', nonce });
  }

  #welcome({ self, epoch = '', rev = 0, scope = '' }: Frame): void {
    if (!self) return this.#problem('a welcome without self');
    this.#name = self.device;
    this.times.push({ from: deviceTime(), to: Infinity });
    const stored = this.deeds.filter(({ outcome }) => outcome === 'stored').at(-1)?.change.sequence ?? 0;
    if (self.lastSequence < stored) this.#problem(`lastSequence ${self.lastSequence} forgot ${stored} (PS1)`);
    this.#sequence = Math.max(this.#sequence, self.lastSequence);
    this.#resume = { epoch, rev, scope };
  }

  #request(body: Readonly<Record<string, unknown>>): Promise<Frame | null> {
    const socket = this.#socket;
    if (!this.#ready || !socket) return Promise.resolve(null);
    this.#requests += 1;
    const id = `r${this.#requests}`;
    const answer = new Promise<Frame | null>((resolve) => this.#answers.set(id, resolve));
    socket.send(JSON.stringify({ ...body, id }));
    return answer;
  }

  async #sendOne(deed: Deed): Promise<void> {
    const whose = deed.agent === this.extension ? {} : { agent: deed.agent };
    this.#settle([deed], await this.#request({ type: 'status.set', ...whose, change: deed.change }));
  }

  #settle(deeds: readonly Deed[], answer: Frame | null): void {
    if (answer?.type === 'ack') {
      for (const deed of deeds) {
        deed.outcome = 'stored';
        this.#awaited.get(deed)?.();
        this.#awaited.delete(deed);
      }
    }
    if (answer?.type !== 'nack' || AGAIN.has(answer.code ?? '')) return;
    const only =
      deeds.length === 1 ? deeds[0] : deeds.find(({ change }) => change.sequence === answer.sequence);
    if (only) only.outcome = 'refused';
    const rightly = only && answer.code === 'not-reachable' && only.change.status === 'ONLINE';
    if (!rightly || only.agent === this.extension)
      this.#problem(`refused with ${answer.code ?? '?'} (${answer.detail ?? ''})`);
  }

  #flush(): void {
    const order = this.#order;
    this.#order = 'in order';
    this.#flushing = this.#flushAll(order).finally(() => (this.#flushing = null));
  }

  /** Own changes as an outbox, those for others one by one. */
  async #flushAll(order: FlushOrder): Promise<void> {
    const waiting = this.outbox;
    const own = waiting.filter(({ agent }) => agent === this.extension);
    const parts = this.#options.arrange(
      order,
      own.map(({ change }) => change),
    );
    const answers = await Promise.all(
      parts.map((changes) => this.#request({ type: 'outbox.flush', changes })),
    );
    for (const [index, part] of parts.entries()) {
      const deeds = own.filter(({ change }) => part.includes(change));
      this.#settle(deeds, answers[index] ?? null);
    }
    for (const deed of waiting.filter((one) => !own.includes(one))) await this.#sendOne(deed);
  }
}
