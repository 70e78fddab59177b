// RG12: questions to Asterisk, a few at a time. Each costs it half a millisecond (1,000 at once measured as 0.5-0.8 s), on
// the connection on which pauses are sent: after a start they would all be in their way (OP2, PS9).
import type { Pbx } from '../reconcile/ports.ts';

/** Questions that Asterisk has not taken yet: a pause waits for a few milliseconds at most. */
export const AT_ONCE = 8;

export interface Questions {
  /** Resolves when Asterisk took it; one that still waits for its turn serves all who ask. */
  put(extension: string): Promise<void>;
}

export function createQuestions(pbx: Pick<Pbx, 'qualify'>): Questions {
  const waiting = new Map<string, { readonly run: () => void; readonly taken: Promise<void> }>();
  let running = 0;

  async function runNow(extension: string): Promise<void> {
    running += 1;
    try {
      await pbx.qualify(extension);
    } finally {
      running -= 1;
      const [next] = waiting.values();
      next?.run();
    }
  }

  return {
    put(extension) {
      if (running < AT_ONCE) return runNow(extension);
      const known = waiting.get(extension);
      if (known) return known.taken;
      const { promise: turn, resolve: run } = Promise.withResolvers<void>();
      const taken = turn.then(() => runNow(extension));
      const start = (): void => {
        waiting.delete(extension);
        run();
      };
      waiting.set(extension, { run: start, taken });
      return taken;
    },
  };
}
