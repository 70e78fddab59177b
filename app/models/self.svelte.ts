// The agent at this desk: own view, own changes on their way (PS5, PS6), and the truth line (PS7).
import type { Clock } from '../../domain/clock.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { AgentView } from '../../domain/protocol/views.ts';
import { normaliseReason } from '../../domain/status/reason.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { phrase } from '../i18n/catalogue.ts';
import {
  addChange,
  dropChange,
  greetChanges,
  nextToSend,
  NO_CHANGES,
  renumberChanges,
  type Changes,
} from './changes.ts';
import type { Phone } from './phone.svelte.ts';
import type { Answer, Asked } from './requests.ts';
import type { Roster } from './roster.svelte.ts';
import { shownStatus, type ShownStatus } from './shown.ts';
import type { Ticker } from './ticker.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';
import { statusPhrase } from './truth.ts';

export interface SelfPorts {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly roster: Roster;
  readonly toasts: Toasts;
  readonly phone: Phone;
  readonly request: (asked: Asked) => Promise<Answer>;
}

export class Self {
  readonly #ports: SelfPorts;
  #extension = $state.raw('');
  #changes = $state.raw<Changes>(NO_CHANGES);
  #sending = false;

  readonly #own = $derived.by(() => this.#ports.roster.agents.get(this.#extension) ?? null);
  readonly #shown = $derived.by(() =>
    shownStatus(
      this.#own,
      this.#changes.entries.at(-1) ?? null,
      this.#ports.phone.call?.state === 'in-call' ? this.#ports.phone.call.since : null,
      this.#ports.ticker.offsetMs,
    ),
  );

  constructor(ports: SelfPorts) {
    this.#ports = ports;
  }

  get extension(): string {
    return this.#extension;
  }

  /** The bridge's word about this agent; null before the first snapshot. */
  get own(): AgentView | null {
    return this.#own;
  }

  get shown(): ShownStatus {
    return this.#shown;
  }

  reset(extension: string): void {
    this.#extension = extension;
    this.#changes = NO_CHANGES;
    this.#sending = false;
  }

  /** Shows at once as saving; sent now or, when the bridge is away, after the next welcome. */
  choose(status: ChoosableStatus, reason: string | null): void {
    const { clock, ticker } = this.#ports;
    this.#changes = addChange(this.#changes, {
      ...{ status, reason: normaliseReason(reason) },
      ...{ made: clock.now(), offset: ticker.offsetMs },
      seen: this.#own?.detail?.lastReceived ?? null,
    });
    void this.#send();
  }

  handleWelcome(lastSequence: number): void {
    this.#changes = greetChanges(this.#changes, lastSequence);
    void this.#send();
  }

  /** One after the other; a lost connection keeps the rest for the next welcome. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const mine = this.#extension;
    for (let next = nextToSend(this.#changes); next; next = nextToSend(this.#changes)) {
      const answer = await this.#ports.request({ type: 'status.set', change: next.change });
      if (mine !== this.#extension) return;
      if (!answer.ok && answer.code === 'connection-lost') break;
      this.#handleAnswer(next.key, answer);
    }
    this.#sending = false;
  }

  #handleAnswer(key: number, answer: Exclude<Answer, { code: 'connection-lost' }>): void {
    const entry = this.#changes.entries.find((one) => one.key === key);
    if (!entry) return;
    if (answer.ok) {
      this.#changes = dropChange(this.#changes, key);
    } else if (answer.code === 'sequence-taken' && answer.lastSequence !== null) {
      this.#changes = renumberChanges(this.#changes, key, answer.lastSequence);
    } else {
      this.#changes = dropChange(this.#changes, key);
      const why = phrase(`error.${answer.code as Refusal}`);
      this.#ports.toasts.show(phrase('toast.statusRefused', { status: statusPhrase(entry.status), why }));
    }
  }
}
