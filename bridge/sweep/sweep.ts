// RG2-RG5: the registration sweep: at start, every five minutes and on demand. It repairs what events missed, and shows
// where the methods differ.
//
//   run ──▶ look ──nothing new disagrees──▶ report
//             └──something does──▶ 2 s ──▶ look again ──▶ report, with what still disagrees
import type { Cancel, Clock } from '../../domain/clock.ts';
import { DISAGREEMENT_MS } from '../../domain/registration/merge-disagreements.ts';
import { errorFields } from '../log.ts';
import { Disputes } from './disputes.ts';
import { look, yieldToLoop, type Look, type LookDeps } from './look.ts';
import { atMultiples } from './schedule.ts';
import type { SweepCause, SweepReport, SweepTotals } from './report.ts';

export const SWEEP_EVERY_MS = 300_000;
export const METHOD_DEADLINE_MS = 5_000;
/** A timer may come a millisecond early, and 2 s is what counts. */
const SECOND_LOOK_MS = DISAGREEMENT_MS + 50;
/** Lines of log are written where the loop stands still. */
const LINES_AT_ONCE = 50;

export interface SweepDeps extends Pick<LookDeps, 'sources' | 'roster' | 'log' | 'extensionOf'> {
  readonly clock: Clock;
  /** Whether Asterisk is in sight: while it is not nothing is taken in, for nothing it left behind is known to hold. */
  readonly isReady: () => boolean;
  readonly scheduleEveryMs?: number;
  /** ms each method has. */
  readonly deadlineMs?: number;
  /** Lets everything else run; default: a turn of the event loop. */
  readonly yieldNow?: () => Promise<void>;
}

export class Sweep {
  readonly #deps: SweepDeps;
  readonly #listeners = new Set<(report: SweepReport) => void>();
  #running: Promise<SweepReport> | null = null;
  #stopSchedule: Cancel | null = null;
  /** Ends the wait for the second look. */
  #endWait: () => void = () => undefined;
  #wasReady = false;
  /** Grows whenever Asterisk came into sight or went out of it. */
  #sight = 0;
  readonly #disputes = new Disputes();
  #abort = new AbortController();
  #last: SweepReport | null = null;
  #sweeps = 0;

  constructor(deps: SweepDeps) {
    this.#deps = deps;
  }

  /** null: none is over yet. */
  get last(): SweepReport | null {
    return this.#last;
  }

  get totals(): SweepTotals {
    return { sweeps: this.#sweeps, disagreements: this.#disputes.counted };
  }

  /** Sweeps from now on by itself. Does nothing when already started. */
  start(): void {
    const { clock, scheduleEveryMs = SWEEP_EVERY_MS } = this.#deps;
    this.#stopSchedule ??= atMultiples(clock, scheduleEveryMs, () => void this.#begin('cron'));
    this.handleReady();
  }

  /** To be told whenever `isReady` may have changed. Asterisk came into sight: a sweep at once. */
  handleReady(): void {
    const isReady = this.#deps.isReady();
    if (isReady === this.#wasReady || this.#stopSchedule === null) return;
    this.#wasReady = isReady;
    this.#sight += 1;
    // One that runs asked an Asterisk that is no more: it comes to nothing, and the next one follows it.
    if (isReady) void (this.#running ?? Promise.resolve()).then(() => this.#begin('start'));
    else this.#endWait();
  }

  /** RG2: on demand; whoever asks while one runs gets its report. Never rejects. */
  run(): Promise<SweepReport> {
    return this.#begin('demand');
  }

  /** What is asked now comes to nothing; no timer is left. */
  stop(): void {
    this.#stopSchedule?.();
    this.#stopSchedule = null;
    this.#wasReady = false;
    this.#sight += 1;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#endWait();
  }

  onReport(listener: (report: SweepReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #begin(cause: SweepCause): Promise<SweepReport> {
    this.#running ??= this.#sweep(cause).finally(() => (this.#running = null));
    return this.#running;
  }

  async #sweep(cause: SweepCause): Promise<SweepReport> {
    const sight = this.#sight;
    const inSight = (): boolean => sight === this.#sight && this.#deps.isReady();
    const first = await this.#look(inSight);
    const second = inSight() && this.#disputes.doubtful ? await this.#lookAgain(inSight) : null;
    const report: SweepReport = {
      ...{ at: first.at, cause, tookMs: first.tookMs, methods: [...first.methods] },
      disagreements: this.#disputes.lasting.map((one) => ({ ...one, opinions: [...one.opinions] })),
      changes: [...first.changes, ...(second?.changes ?? [])],
    };
    this.#last = report;
    this.#sweeps += 1;
    await this.#narrate(report);
    for (const listener of this.#listeners) this.#tell(listener, report);
    return report;
  }

  async #look(inSight: () => boolean): Promise<Look> {
    const { deadlineMs = METHOD_DEADLINE_MS, yieldNow = yieldToLoop } = this.#deps;
    const seen = await look({ ...this.#deps, deadlineMs, yieldNow, inSight, signal: this.#abort.signal });
    // Out of sight nothing was compared, so nothing is over either.
    if (inSight()) this.#disputes.take(seen.disputed, seen.at);
    return seen;
  }

  /** null when Asterisk went out of sight meanwhile. */
  async #lookAgain(inSight: () => boolean): Promise<Look | null> {
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(SECOND_LOOK_MS, resolve);
      this.#endWait = () => (cancel(), resolve());
    });
    return inSight() ? this.#look(inSight) : null;
  }

  async #narrate({ cause, tookMs, methods, changes, disagreements }: SweepReport): Promise<void> {
    const { log, yieldNow = yieldToLoop } = this.#deps;
    const failed = methods.filter(({ state }) => state === 'failed' || state === 'timed-out');
    const counts = { changes: changes.length, disagreements: disagreements.length };
    const silent = failed.map(({ method, problem }) => ({ method, problem }));
    log.info({ cause, tookMs, ...counts, silent }, 'registrations swept');
    for (const [index, { extension: agent, ...rest }] of this.#disputes.takeNew().entries()) {
      if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await yieldNow();
      log.warn({ agent, ...rest }, 'methods disagree about a registration');
    }
  }

  #tell(listener: (report: SweepReport) => void, report: SweepReport): void {
    try {
      listener(report);
    } catch (error) {
      this.#deps.log.error(errorFields(error), 'sweep report not told');
    }
  }
}
