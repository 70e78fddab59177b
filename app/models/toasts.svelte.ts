// Short messages that leave by themselves.
import type { Clock } from '../../domain/clock.ts';
import type { Phrase } from '../i18n/catalogue.ts';

export interface Toast {
  readonly id: number;
  readonly words: Phrase;
  /** What it is about: a newer one about the same takes its place. */
  readonly about: string | null;
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

  show(words: Phrase, about: string | null = null): void {
    this.#ids += 1;
    const toast = { id: this.#ids, words, about };
    const others = this.#list.filter((one) => about === null || one.about !== about);
    this.#list = [...others.slice(-2), toast];
    this.#clock.after(SHOWN_MS, () => this.dismiss(toast.id));
  }

  isShown(about: string): boolean {
    return this.#list.some((toast) => toast.about === about);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }
}
