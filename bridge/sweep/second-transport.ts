// RG1: ARI tells the same facts as AMI, over a connection of its own. It is slower by a little, so its word on an older
// moment may come after AMI's on a newer one: it is heard where AMI has been silent about it.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Roster } from '../roster/roster.ts';
import { factOfEvidence } from './fact-of-evidence.ts';
import type { SecondWord } from './ports.ts';

/** ms AMI has to say it too; both are told of one change within a few ms (asterisk/README.md, measured). */
export const SECOND_AFTER_MS = 150;

export interface SecondTransport {
  handleWord(word: SecondWord): void;
  stop(): void;
}

/** ms from a word that counted to `onAlone`; many phones come and go at once. */
export const ALONE_AFTER_MS = 500;

/**
 * `isReady`: Asterisk is in sight over AMI; what ARI says while it is not would be all that is known. `onAlone`: words
 * of ARI counted, so AMI does not tell all; contacts are to be asked for, which no word of ARI's lists.
 */
export function createSecondTransport(deps: {
  readonly roster: Pick<Roster, 'get' | 'apply'>;
  readonly clock: Clock;
  readonly isReady: () => boolean;
  readonly onAlone: () => void;
}): SecondTransport {
  const { roster, clock, isReady, onAlone } = deps;
  const waiting = new Map<string, Cancel>();
  let alone: Cancel | null = null;

  function take({ extension, verdict }: SecondWord, at: number): void {
    waiting.delete(extension);
    const known = roster.get(extension)?.registration;
    if (!isReady() || !known || known.state === verdict || known.asOf >= at) return;
    roster.apply(extension, factOfEvidence({ method: 'ari-endpoints', extension, verdict, at }));
    alone ??= clock.after(ALONE_AFTER_MS, () => {
      alone = null;
      if (isReady()) onAlone();
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
      alone?.();
      alone = null;
    },
  };
}
