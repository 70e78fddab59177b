// PS4: reports of Asterisk that nobody here had asked for are gathered until 100 ms after the last, so that a pause of all
// queues is seen as one thing, and judged together.
//
//   none --foreign report--> gathering --100 ms of silence--> recording --stored--> none
//   gathering --wanted changed, in flight, out of sight--> none (drift: it is repaired)
import type { Cancel, Clock } from '../../domain/clock.ts';
import {
  judgeForeign,
  type ForeignReport,
  type JudgedMember,
  type Judgement,
} from '../../domain/status/foreign.ts';
import type { MemberKey } from '../../domain/status/plan.ts';
import { memberKey } from './echoes.ts';

/** ms; PS4. */
export const JUDGED_AFTER_MS = 100;

export interface ForeignChangesDeps {
  readonly clock: Clock;
  members(): readonly JudgedMember[];
  /** Stores what was judged; its rejection is the caller's to log. */
  record(judgement: Judgement): Promise<void>;
  /** Nothing is gathered any more: what still differs may be repaired. */
  onOver(): void;
}

export class ForeignChanges {
  readonly #deps: ForeignChangesDeps;
  readonly #reports = new Map<string, ForeignReport>();
  #timer: Cancel | null = null;
  #recording = false;

  constructor(deps: ForeignChangesDeps) {
    this.#deps = deps;
  }

  /** Whether this member waits for its judgement: it is not to be repaired yet. */
  waits(member: MemberKey): boolean {
    return this.#reports.has(memberKey(member));
  }

  /** What was gathered concerns an older wish, or a time in which we were changing things ourselves. */
  drop(): void {
    if (this.#recording) return;
    this.#timer?.();
    this.#timer = null;
    this.#reports.clear();
  }

  handleReport(report: ForeignReport): void {
    if (this.#recording) return;
    const key = memberKey(report);
    // Last word last: its reason counts for all.
    this.#reports.delete(key);
    this.#reports.set(key, report);
    this.#timer?.();
    this.#timer = this.#deps.clock.after(JUDGED_AFTER_MS, () => void this.#judge());
  }

  async #judge(): Promise<void> {
    this.#timer = null;
    this.#recording = true;
    try {
      await this.#deps.record(judgeForeign(this.#deps.members(), [...this.#reports.values()]));
    } finally {
      this.#recording = false;
      this.#reports.clear();
      this.#deps.onOver();
    }
  }
}
