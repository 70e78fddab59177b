// RG2 on demand: from the click to the report of that very sweep. The bridge answers and reports separately, in any order.
//
//   idle --run--> asked --answered--> awaiting --its report, a moment--> idle, done
//   asked --its report--> reported --answered--> idle, done
//   asked --refused, connection lost--> idle, refused
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Answer } from './requests.ts';

/** `done`: its report is the one that is shown. */
export type SweepOutcome = 'done' | Extract<Answer, { ok: false }>['code'] | null;

export interface SweepRunPorts {
  readonly clock: Clock;
  readonly request: () => Promise<Answer>;
  readonly onState: (running: boolean, outcome: SweepOutcome) => void;
}

/** Reports are told to many and may be a moment late. */
const REPORT_WITHIN_MS = 3_000;

export class SweepRun {
  readonly #ports: SweepRunPorts;
  #round = 0;
  #phase: 'idle' | 'asked' | 'awaiting' | 'reported' = 'idle';
  #timer: Cancel | null = null;

  constructor(ports: SweepRunPorts) {
    this.#ports = ports;
  }

  async run(): Promise<void> {
    if (this.#phase !== 'idle') return;
    const mine = this.#round;
    this.#phase = 'asked';
    this.#ports.onState(true, null);
    const answer = await this.#ports.request();
    if (mine === this.#round) this.#handleAnswer(answer);
  }

  /** A report of a sweep that is newer than any before. */
  handleSwept(): void {
    if (this.#phase === 'awaiting') this.#end('done');
    else if (this.#phase === 'asked') this.#phase = 'reported';
  }

  clear(): void {
    this.#end(null);
  }

  #handleAnswer(answer: Answer): void {
    if (!answer.ok) return this.#end(answer.code);
    if (this.#phase === 'reported') return this.#end('done');
    this.#phase = 'awaiting';
    this.#timer = this.#ports.clock.after(REPORT_WITHIN_MS, () => this.#end('done'));
  }

  #end(outcome: SweepOutcome): void {
    this.#round += 1;
    this.#phase = 'idle';
    this.#timer?.();
    this.#timer = null;
    this.#ports.onState(false, outcome);
  }
}
