// RG5: how well the bridge knows, as it last told those who oversee; and a sweep on demand (RG2).
import type { HealthReport } from '../../domain/protocol/health.ts';
import type { Answer, Asked } from './requests.ts';

type Refused = Extract<Answer, { ok: false }>['code'];

/** `done`: its report is the one that is shown. */
export type SweepOutcome = 'done' | Refused | null;

export class SystemHealth {
  readonly #request: (asked: Asked) => Promise<Answer>;
  #report = $state.raw<HealthReport | null>(null);
  #sweeping = $state.raw(false);
  #outcome = $state.raw<SweepOutcome>(null);
  #round = 0;

  constructor(request: (asked: Asked) => Promise<Answer>) {
    this.#request = request;
  }

  get report(): HealthReport | null {
    return this.#report;
  }

  get sweeping(): boolean {
    return this.#sweeping;
  }

  get outcome(): SweepOutcome {
    return this.#outcome;
  }

  handleReport(report: HealthReport): void {
    this.#report = report;
  }

  async sweep(): Promise<void> {
    if (this.#sweeping) return;
    const mine = this.#round;
    this.#sweeping = true;
    this.#outcome = null;
    const answer = await this.#request({ type: 'sweep.run' });
    if (mine !== this.#round) return;
    this.#sweeping = false;
    this.#outcome = answer.ok ? 'done' : answer.code;
  }

  /** Another desk begins. */
  clear(): void {
    this.#round += 1;
    this.#report = null;
    this.#sweeping = false;
    this.#outcome = null;
  }
}
