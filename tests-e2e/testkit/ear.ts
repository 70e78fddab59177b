// RG12, as a page does it: what Asterisk asks on the SIP socket answers the bridge's question on the other one.
import { deviceTime } from './wait.ts';

/** The question is sent before the OPTIONS, on another socket: the OPTIONS may be here up to this much sooner, in ms. */
const SOONER_MS = 250;

export interface Ear {
  /** False: hears no OPTIONS any more, as a page whose script stands still. */
  works: boolean;
  /** An OPTIONS addressed to the session arrived. */
  hear(): void;
  /** A question arrived: `tell` runs once, with the next OPTIONS or one that was just here; a newer question replaces it. */
  ask(tell: () => void): void;
}

/** One session's. */
export function createEar(): Ear {
  let heardAt = -Infinity;
  let waiting: (() => void) | null = null;
  const ear: Ear = {
    works: true,
    hear() {
      if (!ear.works) return;
      heardAt = deviceTime();
      waiting?.();
      waiting = null;
    },
    ask(tell) {
      waiting = null;
      if (ear.works && deviceTime() - heardAt <= SOONER_MS) tell();
      else waiting = tell;
    },
  };
  return ear;
}

/** The ears of everybody in a test, by session: the same for its desk and its phone, in whatever order they come. */
export function createEars(): (session: string) => Ear {
  const ears = new Map<string, Ear>();
  return (session) => {
    const ear = ears.get(session) ?? createEar();
    ears.set(session, ear);
    return ear;
  };
}
