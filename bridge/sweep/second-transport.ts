// RG1: ARI tells the same facts as AMI, over a connection of its own. It is slower by a little, so its word on an older
// moment may come after AMI's on a newer one: it is heard where AMI has been silent about it.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Roster } from '../roster/roster.ts';
import type { SecondWord } from './ports.ts';

/** ms AMI has to say it too; both are told of one change within a few ms (asterisk/README.md, measured). */
export const SECOND_AFTER_MS = 150;

export interface SecondTransport {
  handleWord(word: SecondWord): void;
  stop(): void;
}

/** `isReady`: Asterisk is in sight over AMI; what ARI says while it is not would be all that is known. */
export function createSecondTransport(deps: {
  readonly roster: Pick<Roster, 'get' | 'apply'>;
  readonly clock: Clock;
  readonly isReady: () => boolean;
}): SecondTransport {
  const { roster, clock, isReady } = deps;
  const waiting = new Map<string, Cancel>();

  function take({ extension, verdict }: SecondWord, at: number): void {
    waiting.delete(extension);
    const known = roster.get(extension)?.registration;
    if (!isReady() || !known || known.state === verdict || known.asOf >= at) return;
    roster.apply(extension, {
      type: 'evidence',
      evidence: { method: 'ari-endpoints', extension, verdict, at },
    });
  }

  return {
    handleWord(word) {
      if (word.verdict === 'unknown') return;
      waiting.get(word.extension)?.();
      const at = clock.now();
      waiting.set(
        word.extension,
        clock.after(SECOND_AFTER_MS, () => take(word, at)),
      );
    },
    stop() {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
