// Short messages that leave by themselves.
import type { Clock } from '../../domain/clock.ts';
import type { Phrase } from '../i18n/catalogue.ts';

export interface Toast {
  readonly id: number;
  readonly words: Phrase;
}

/** Long enough to be read twice. */
const SHOWN_MS = 8_000;

export class Toasts {
  readonly #clock: Clock;
  #list = $state.raw<readonly Toast[]>([]);
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get list(): readonly Toast[] {
    return this.#list;
  }

  show(words: Phrase): void {
    this.#ids += 1;
    const id = this.#ids;
    this.#list = [...this.#list.slice(-2), { id, words }];
    this.#clock.after(SHOWN_MS, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }
}
