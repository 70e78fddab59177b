// RG5: what the sweep remembers of disagreements from look to look, and which of them have been counted.
import {
  hasLasted,
  nextDisagreements,
  type Disagreement,
} from '../../domain/registration/merge-disagreements.ts';
import type { Merged } from '../../domain/registration/merge.ts';

export class Disputes {
  #all: readonly Disagreement[] = [];
  #lasting: readonly Disagreement[] = [];
  /** Of those that last, the ones that `takeNew` gave out. */
  #known: readonly Disagreement[] = [];
  #counted = 0;

  /** Older than 2 s by the last look. */
  get lasting(): readonly Disagreement[] {
    return this.#lasting;
  }

  /** Something differs that is not old enough to count: a later look will tell. */
  get doubtful(): boolean {
    return this.#all.length > this.#lasting.length;
  }

  /** How many counted so far, each once. */
  get counted(): number {
    return this.#counted;
  }

  /** A look at `at` (ms). */
  take(disputed: readonly Merged[], at: number): void {
    this.#all = nextDisagreements(this.#all, disputed, at);
    this.#lasting = this.#all.filter((one) => hasLasted(one, at));
  }

  /** Those that began to count since it was asked last. */
  takeNew(): readonly Disagreement[] {
    const known = new Map(this.#known.map(({ extension, since }) => [extension, since]));
    const found = this.#lasting.filter(({ extension, since }) => known.get(extension) !== since);
    this.#known = this.#lasting;
    this.#counted += found.length;
    return found;
  }
}
