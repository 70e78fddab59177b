// PS2, PS4: what supervisors are told when Asterisk held something else than is wanted: repairs counted, the contested named.
import type { QueueDrift } from '../../domain/protocol/server.ts';
import { phrase, type Phrase } from '../i18n/catalogue.ts';

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
