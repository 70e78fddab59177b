// The agent at this desk: own view, own log with the changes on their way (PS5, PS6), and what both add up to.
import type { AgentView } from '../../domain/protocol/views.ts';
import type { LogTail } from '../../domain/status/agent-log.ts';
import type { Intent } from '../../domain/status/fold.ts';
import { normaliseReason } from '../../domain/status/reason.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { phrase } from '../i18n/catalogue.ts';
import { foldOwn, NOTHING_HEARD, withHeard } from './changes.ts';
import { declinesFrom, type DeclineFacts } from './decline.ts';
import type { BridgeEvent } from './link.ts';
import type { LastWord, LogStorePort } from './log-store.ts';
import { EMPTY_OUTBOX, Outbox, type OutboxView, type Unsent } from './outbox.ts';
import type { Connection } from './connection.svelte.ts';
import type { Phone } from './phone.svelte.ts';
import type { DeviceClock } from './ports.ts';
import type { Answer, Asked } from './requests.ts';
import type { Roster } from './roster.svelte.ts';
import { shownStatus, type ShownStatus } from './shown.ts';
import type { Ticker } from './ticker.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';
import { statusPhrase } from './truth.ts';

export interface SelfPorts {
  readonly clock: DeviceClock;
  readonly ticker: Ticker;
  readonly roster: Roster;
  readonly toasts: Toasts;
  readonly phone: Phone;
  readonly connection: Connection;
  readonly stores: LogStorePort;
  readonly request: (asked: Asked) => Promise<Answer>;
  /** What the agent chose, or what became of it, changed. */
  readonly onChange: () => void;
}

export class Self {
  readonly #ports: SelfPorts;
  readonly #outbox: Outbox;
  #extension = $state.raw('');
  #device = '';
  #deviceName = $state.raw('');
  #view = $state.raw<OutboxView>(EMPTY_OUTBOX);
  #heard = $state.raw<LogTail>(NOTHING_HEARD);
  #last = $state.raw<LastWord | null>(null);

  readonly #live = $derived.by(() => this.#ports.roster.agents.get(this.#extension) ?? null);
  readonly #unconfirmed = $derived([...this.#view.pending, ...this.#view.drafts]);
  readonly #folded = $derived.by(() => {
    if (this.#unconfirmed.length === 0) return null;
    const { clock, ticker } = this.#ports;
    return foldOwn({
      ...{ extension: this.#extension, device: this.#deviceName, heard: this.#heard },
      unconfirmed: this.#unconfirmed.map((one) => ({ sequence: null, ...one })),
      // Read when something changes, not with every tick: what was placed stays there.
      bridgeNow: clock.now() + ticker.offsetMs,
    });
  });
  readonly #shown = $derived.by((): ShownStatus => {
    const { phone, ticker } = this.#ports;
    const intent = this.#folded?.intent ?? null;
    return shownStatus({
      own: this.own,
      ownAsOf: this.#live || !this.#last ? null : this.#last.at + this.#last.offset,
      intent,
      intentIsOwn: this.#folded?.unconfirmed.has(intent?.entry ?? '') ?? false,
      saving: this.#view.drafts.length > 0,
      callSince: phone.call?.state === 'in-call' ? phone.call.since + ticker.offsetMs : null,
    });
  });

  constructor(ports: SelfPorts) {
    this.#ports = ports;
    this.#outbox = new Outbox({
      ...ports,
      onView: (view) => {
        this.#view = view;
        ports.onChange();
      },
      onRefused: ({ status }, code) => {
        const why = phrase(`error.${code}`);
        ports.toasts.show(phrase('toast.statusRefused', { status: statusPhrase(status), why }));
      },
    });
  }

  get extension(): string {
    return this.#extension;
  }

  /** This device's id: whose outbox the bridge is sent. */
  get device(): string {
    return this.#device;
  }

  /** The bridge's word about this agent, or its last one of an earlier page; null before any. */
  get own(): AgentView | null {
    return this.#live ?? this.#last?.own ?? null;
  }

  get shown(): ShownStatus {
    return this.#shown;
  }

  /** What the log folds to as far as this desk knows; null before the bridge's first word. */
  get intent(): Intent | null {
    return this.#folded?.intent ?? this.own?.detail?.intent ?? null;
  }

  /** PS6: the late ONLINE that wants an answer, unless one is on its way. */
  get question(): { readonly entry: string; readonly made: number } | null {
    const question = this.own?.detail?.question ?? null;
    return this.#folded && this.#folded.question?.id !== question?.entry ? null : question;
  }

  /** How many changes the bridge has not confirmed, and since when the oldest waits (ms on this device's clock). */
  get waiting(): { readonly count: number; readonly since: number | null } {
    const times = this.#unconfirmed.map(({ made }) => made);
    return { count: times.length, since: times.length === 0 ? null : Math.min(...times) };
  }

  /** AP2: whether this browser keeps anything. */
  get kept(): boolean {
    return this.#view.kept;
  }

  /** AP11: whether queue calls are declined here, with the second. */
  get declining(): boolean {
    const from = declinesFrom(this.declineFacts);
    return from !== null && from <= this.#ports.ticker.now;
  }

  /** AP11; times on this device's clock. */
  get declineFacts(): DeclineFacts {
    const { ticker, connection } = this.#ports;
    const { intent } = this;
    const local = (bridgeMs: number): number => bridgeMs - ticker.offsetMs;
    return {
      intent: intent && { status: intent.status, since: local(intent.since) },
      pendingSince: this.waiting.since,
      bridgeGoneSince: connection.goneSince,
      queues: (this.own?.detail?.queues ?? []).map((queue) => ({
        ...queue,
        observed: queue.observed && { ...queue.observed, at: local(queue.observed.at) },
      })),
    };
  }

  /** Opens what this device keeps of the agent. */
  async open(extension: string): Promise<void> {
    this.#extension = extension;
    this.#heard = NOTHING_HEARD;
    this.#last = null;
    const { device, heard, last } = await this.#outbox.open(extension);
    if (extension !== this.#extension) return;
    this.#device = device;
    this.#deviceName = `${extension}-${device}`;
    this.#heard = heard ?? NOTHING_HEARD;
    this.#last = last;
    if (last) this.#ports.ticker.handleOffset(last.offset);
  }

  /** Resolves when nothing is being sent to the bridge, after a moment at the latest. */
  idle(): Promise<void> {
    return this.#outbox.idle();
  }

  /** SE8: what a sign-out has to hand on. */
  unsent(): Promise<Unsent> {
    return this.#outbox.unsent();
  }

  /** SE8. */
  close(forget: boolean): Promise<void> {
    return this.#outbox.close(forget);
  }

  /** Shows at once as saving, as chosen when durable; sent now or, when the bridge is away, after the next welcome. */
  choose(status: ChoosableStatus, reason: string | null): void {
    const { clock, ticker } = this.#ports;
    ticker.watchStep();
    void this.#outbox.add({
      ...{ status, reason: normaliseReason(reason) },
      ...{ made: clock.now(), offset: ticker.offsetMs },
      seen: this.own?.detail?.lastReceived ?? null,
    });
  }

  handleWelcome({ device, lastSequence }: { readonly device: string; readonly lastSequence: number }): void {
    this.#deviceName = device;
    void this.#outbox.handleWelcome(lastSequence);
  }

  handleLog(event: Extract<BridgeEvent, { type: 'self:log' }>): void {
    this.#heard = withHeard(this.#heard, event);
    this.#outbox.keepHeard(this.#heard);
    this.#ports.onChange();
  }

  /** The roster heard something: keeps the last word about this agent, for the page that comes after this one. */
  handleOwn(): void {
    const own = this.#live;
    const { clock, ticker } = this.#ports;
    if (own && own !== this.#last?.own) {
      this.#last = { own, at: clock.now(), offset: ticker.offsetMs };
      this.#outbox.keepLast(this.#last);
    }
    this.#ports.onChange();
  }
}
