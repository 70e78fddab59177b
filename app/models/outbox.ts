// AP2, PS5: the agent's own changes: kept durably first, then sent in order, one flush in the air, until the bridge has answered each.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { LogTail } from '../../domain/status/agent-log.ts';
import { AppError, asAppError } from './app-error.ts';
import { FLUSH_AT_MOST, judgeAnswer, toWire, type Verdict } from './changes.ts';
import type { Chosen, KeptLog, LastWord, LogStore, LogStorePort, PendingChange } from './log-store.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Answer, Asked } from './requests.ts';

export interface OutboxView {
  /** Not durable yet, in the order made. */
  readonly drafts: readonly Chosen[];
  /** Durable, not confirmed, by sequence. */
  readonly pending: readonly PendingChange[];
  /** AP2: whether this browser keeps anything. */
  readonly kept: boolean;
}

/** What the bridge has not answered for, by sequence. */
export interface Unsent {
  readonly device: string;
  readonly changes: readonly DeviceChange[];
}

export const EMPTY_OUTBOX: OutboxView = { drafts: [], pending: [], kept: true };

export interface OutboxPorts {
  readonly stores: LogStorePort;
  readonly clock: Clock;
  readonly request: (asked: Asked) => Promise<Answer>;
  readonly onView: (view: OutboxView) => void;
  readonly onRefused: (change: PendingChange, code: Refusal) => void;
}

/** A browser that takes longer keeps nothing, whatever it says later. */
const STORE_WITHIN_MS = 2_000;
const SEND_AGAIN_MS = 2_000;
/** Another tab sends its own changes; what it leaves lying is sent from here. */
const OTHERS_AFTER_MS = 1_000;
const SETTLED_FOR_MS = 14 * 24 * 3_600_000;
/** A sign-out waits this long for the answer to what was just sent. */
const LAST_WORD_MS = 1_500;

export class Outbox {
  readonly #ports: OutboxPorts;
  #store: LogStore | null = null;
  #view = EMPTY_OUTBOX;
  #device = '';
  #highest = 0;
  #round = 0;
  #reads = 0;
  #unwatch: (() => void) | null = null;
  readonly #adding = new Set<Promise<void>>();
  #flushing: Promise<void> | null = null;
  /** Something was added while a flush was ending. */
  #again = false;
  /** Keys the bridge has answered for: a read from before that is not believed. */
  #settled = new Set<number>();
  #single = false;
  #timer: Cancel | null = null;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** Opens what this device keeps of `extension`; without storage it begins with nothing. */
  async open(extension: string): Promise<KeptLog> {
    this.#round += 1;
    this.#store = this.#ports.stores.open(extension);
    this.#device = this.#ports.stores.newDevice();
    this.#highest = 0;
    this.#single = false;
    this.#settled = new Set();
    this.#show(EMPTY_OUTBOX);
    const mine = this.#round;
    const kept = await this.#use((store) => store.load(this.#ports.clock.now() - SETTLED_FOR_MS));
    if (mine !== this.#round) return kept;
    this.#device = kept.device;
    this.#highest = kept.lastSequence;
    this.#unwatch = this.#store?.watch(() => void this.#handleOthers()) ?? null;
    this.#show({ pending: kept.pending });
    return kept;
  }

  /** Shows at once as a draft; resolves when it is kept. Sent right after. */
  add(chosen: Chosen): Promise<void> {
    const work = this.#add(chosen).finally(() => this.#adding.delete(work));
    this.#adding.add(work);
    return work;
  }

  async #add(chosen: Chosen): Promise<void> {
    const mine = this.#round;
    this.#show({ drafts: [...this.#view.drafts, chosen] });
    const change = await this.#use((store) => store.add(chosen));
    if (mine !== this.#round) return;
    const drafts = this.#view.drafts.filter((one) => one !== chosen);
    const others = this.#view.pending.filter(({ key }) => key !== change.key);
    this.#show({ drafts, pending: [...others, change].sort((a, b) => a.sequence - b.sequence) });
    void this.flush();
  }

  /** The bridge greeted, having stored up to `lastSequence` of this device: what it has not acknowledged is sent. */
  async handleWelcome(lastSequence: number): Promise<void> {
    if (lastSequence > this.#highest) await this.#use((store) => store.countFrom(lastSequence));
    this.#highest = Math.max(this.#highest, lastSequence);
    await this.flush();
  }

  flush(): Promise<void> {
    if (this.#flushing) this.#again = true;
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
      if (!this.#again) return;
      this.#again = false;
      void this.flush();
    });
    return this.#flushing;
  }

  keepHeard(heard: LogTail): void {
    void this.#use((store) => store.keepHeard(heard));
  }

  keepLast(last: LastWord): void {
    void this.#use((store) => store.keepLast(last));
  }

  /** Resolves when all that was chosen is kept and nothing is being sent, a moment later at the latest. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#adding);
    const flushing = this.#flushing;
    if (!flushing) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.after(LAST_WORD_MS, resolve);
      void flushing.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** SE8: for a receipt; other tabs' changes are among them. */
  async unsent(): Promise<Unsent> {
    await Promise.allSettled(this.#adding);
    return { device: this.#device, changes: (await this.#reload()).map(toWire) };
  }

  /** SE8: `forget` deletes what was kept, sent or not. */
  async close(forget: boolean): Promise<void> {
    const store = this.#store;
    this.#round += 1;
    this.#store = null;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#timer?.();
    if (store) await this.#within(store.close(forget)).catch(() => undefined);
  }

  #show(change: Partial<OutboxView>): void {
    this.#reads += 1;
    this.#view = { ...this.#view, ...change };
    this.#highest = Math.max(this.#highest, ...this.#view.pending.map(({ sequence }) => sequence));
    this.#ports.onView(this.#view);
  }

  /** Reads again; an answer that something newer has overtaken is not shown. */
  async #reload(): Promise<readonly PendingChange[]> {
    this.#reads += 1;
    const mine = this.#reads;
    const kept = await this.#use((store) => store.pending());
    const pending = kept.filter(({ key }) => !this.#settled.has(key));
    if (mine === this.#reads) this.#show({ pending });
    return pending;
  }

  async #handleOthers(): Promise<void> {
    if ((await this.#reload()).length > 0) this.#later(OTHERS_AFTER_MS);
  }

  async #flush(): Promise<void> {
    const mine = this.#round;
    for (;;) {
      // Read each time: a lower number of another tab goes first.
      const pending = await this.#reload();
      if (mine !== this.#round || pending.length === 0) break;
      const sent = pending.slice(0, this.#single ? 1 : FLUSH_AT_MOST);
      const answer = await this.#ports.request({ type: 'outbox.flush', changes: sent.map(toWire) });
      if (mine !== this.#round) return;
      const verdict = judgeAnswer(sent, answer);
      await this.#apply(verdict, pending);
      if (verdict.next === 'single') this.#single = true;
      if (verdict.next !== 'later') continue;
      // A lost connection is followed by a welcome.
      if (answer.ok || answer.code !== 'connection-lost') this.#later(SEND_AGAIN_MS);
      return;
    }
    this.#single = false;
  }

  async #apply({ settled, renumber }: Verdict, pending: readonly PendingChange[]): Promise<void> {
    if (settled.length > 0) {
      for (const { key } of settled) this.#settled.add(key);
      this.#show({ pending: this.#view.pending.filter(({ key }) => !this.#settled.has(key)) });
      await this.#use((store) => store.settle(settled));
    }
    for (const { key, refused } of settled) {
      const change = pending.find((one) => one.key === key);
      if (change && refused !== null) this.#ports.onRefused(change, refused);
    }
    if (renumber) await this.#use((store) => store.renumber(renumber.key, renumber.above));
  }

  #later(delayMs: number): void {
    this.#timer?.();
    this.#timer = this.#ports.clock.after(delayMs, () => void this.flush());
  }

  /** AP2: what cannot be kept goes on in memory, so that it is sent all the same. */
  async #use<T>(act: (store: LogStore) => Promise<T>): Promise<T> {
    const store = this.#store ?? this.#memory();
    try {
      return await this.#within(act(store));
    } catch {
      // Closed meanwhile, and perhaps another agent's is open: what is late must not go there.
      if (this.#store !== store) return act(this.#memory());
      return act(this.#lose(store));
    }
  }

  #memory(): LogStore {
    const { pending } = this.#view;
    const lastSequence = this.#highest;
    return createMemoryLog({ device: this.#device, lastSequence, pending, heard: null, last: null });
  }

  #lose(store: LogStore): LogStore {
    this.#unwatch?.();
    this.#unwatch = null;
    const memory = this.#memory();
    this.#store = memory;
    this.#show({ kept: false });
    store.close(false).catch(() => undefined);
    return memory;
  }

  #within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new AppError('storage', { retryable: false }));
      const cancel = this.#ports.clock.after(STORE_WITHIN_MS, late);
      work.then(resolve, (error: unknown) => reject(asAppError(error))).finally(cancel);
    });
  }
}
