// RG5: how well the bridge knows, as it last told those who oversee; and a sweep on demand (RG2).
import type { Clock } from '../../domain/clock.ts';
import type { HealthReport } from '../../domain/protocol/health.ts';
import type { Answer, Asked } from './requests.ts';
import { SweepRun, type SweepOutcome } from './sweep-run.ts';

export interface SystemHealthPorts {
  readonly clock: Clock;
  readonly request: (asked: Asked) => Promise<Answer>;
}

export class SystemHealth {
  readonly #run: SweepRun;
  #report = $state.raw<HealthReport | null>(null);
  #sweeping = $state.raw(false);
  #outcome = $state.raw<SweepOutcome>(null);

  constructor({ clock, request }: SystemHealthPorts) {
    this.#run = new SweepRun({
      clock,
      request: () => request({ type: 'sweep.run' }),
      onState: (running, outcome) => {
        this.#sweeping = running;
        this.#outcome = outcome;
      },
    });
  }

  get report(): HealthReport | null {
    return this.#report;
  }

  get sweeping(): boolean {
    return this.#sweeping;
  }

  /** What the last sweep asked for here came to. */
  get outcome(): SweepOutcome {
    return this.#outcome;
  }

  handleReport(report: HealthReport): void {
    const before = this.#report?.sweep?.at ?? null;
    this.#report = report;
    if (report.sweep && report.sweep.at !== before) this.#run.handleSwept();
  }

  sweep(): Promise<void> {
    return this.#run.run();
  }

  /** Another desk begins. */
  clear(): void {
    this.#report = null;
    this.#run.clear();
  }
}
