// PS2, PS4: what supervisors are told when Asterisk held something else than is wanted: repairs counted, the contested named.
import type { QueueDrift } from '../../domain/protocol/server.ts';
import { phrase, type Phrase } from '../i18n/catalogue.ts';
import type { Toasts } from './toasts.svelte.ts';

export interface DriftWords {
  /** `count`: with those told before. Null: nothing was repaired this time. */
  readonly repaired: { readonly words: Phrase; readonly count: number } | null;
  readonly contested: readonly Phrase[];
}

/** `before`: how many repairs the message on the screen tells of already. */
export function driftWords(
  drifts: readonly QueueDrift[],
  before: number,
  nameOf: (extension: string) => string,
): DriftWords {
  const contested = drifts.filter((drift) => drift.contested);
  const fresh = drifts.length - contested.length;
  const count = before + fresh;
  return {
    repaired: fresh === 0 ? null : { words: phrase('toast.repaired', { count }), count },
    contested: contested.map(({ agent, queue }) => phrase('toast.contested', { name: nameOf(agent), queue })),
  };
}

/** Shows them: one toast that counts the repairs while it stands, one for each contested queue. */
export class DriftToasts {
  readonly #toasts: Toasts;
  readonly #nameOf: (extension: string) => string;
  #repaired = 0;

  constructor(toasts: Toasts, nameOf: (extension: string) => string) {
    this.#toasts = toasts;
    this.#nameOf = nameOf;
  }

  handle(drifts: readonly QueueDrift[]): void {
    this.#repaired = this.#toasts.isShown('repaired') ? this.#repaired : 0;
    const { repaired, contested } = driftWords(drifts, this.#repaired, this.#nameOf);
    if (repaired) this.#toasts.show(repaired.words, 'repaired');
    this.#repaired = repaired?.count ?? this.#repaired;
    for (const words of contested) this.#toasts.show(words);
  }
}
