// PS2: counts how often one member had to be put right again. More than 5 times in a minute somebody else is at it, too:
// the member is contested and left alone, or the two of us would ring the agent by turns.
import type { Clock } from '../../domain/clock.ts';

export const MOST_REPAIRS = 5;
export const REPAIRS_WITHIN_MS = 60_000;

export class Repairs {
  readonly #clock: Clock;
  readonly #at = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that the member differs once more; false when it is contested and to be left alone. */
  begin(member: string): boolean {
    const now = this.#clock.now();
    const recent = (this.#at.get(member) ?? []).filter((at) => now - at < REPAIRS_WITHIN_MS);
    const allowed = recent.length < MOST_REPAIRS;
    this.#at.set(member, allowed ? [...recent, now] : recent);
    return allowed;
  }

  clear(): void {
    this.#at.clear();
  }
}
