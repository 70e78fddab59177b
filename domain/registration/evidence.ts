// RG3: one method's timed opinion about one extension, and what the bridge believes.

export type RegistrationState = 'registered' | 'unregistered' | 'unknown';

/** RG3: every way to learn of a registration, the most reliable first. */
export const METHODS = [
  'contact-statuses',
  'ari-endpoints',
  'device-states',
  'queue-status',
  'agents',
  'contact-rows',
] as const;
export type Method = (typeof METHODS)[number];

export interface Evidence {
  readonly method: Method;
  readonly extension: string;
  readonly verdict: RegistrationState;
  /** ms; when Asterisk was asked, or when its event came. */
  readonly at: number;
}

export interface Registration {
  readonly state: RegistrationState;
  /** ms; since when the state holds (for unknown: since when nothing is known). */
  readonly since: number;
  /** The last state that was known; null when nothing ever was. */
  readonly lastKnown: 'registered' | 'unregistered' | null;
  /** ms; since when `lastKnown` held; while the grace runs since when it was registered before. */
  readonly knownSince: number;
  /** RG1, ms: lost at that moment, and the grace in which it may come back is not over; null: none runs. */
  readonly graceFrom: number | null;
  /** ms; when it last went from registered to unregistered for longer than the grace; null when it never did. */
  readonly lostAt: number | null;
  /** ms; time of the newest evidence. */
  readonly asOf: number;
}

export const NEVER_KNOWN: Registration = {
  state: 'unknown',
  since: 0,
  lastKnown: null,
  knownSince: 0,
  graceFrom: null,
  lostAt: null,
  asOf: 0,
};

/** RG1: what the registration means for people and for pauses. Out of sight it is the last that was known (RG4). */
export type Reach = 'reachable' | 'reconnecting' | 'unreachable';

/** null: nothing was ever known. */
export function reachOf({ lastKnown, graceFrom }: Registration): Reach | null {
  if (lastKnown === 'unregistered') return graceFrom === null ? 'unreachable' : 'reconnecting';
  return lastKnown === null ? null : 'reachable';
}

/** RG3, RG4: evidence older than what is known is dropped; unknown changes nobody. Same object when nothing changed. */
export function applyEvidence(current: Registration, evidence: Evidence): Registration {
  const { verdict, at } = evidence;
  if (verdict === 'unknown' || at < current.asOf) return current;
  if (verdict === current.state) return at === current.asOf ? current : { ...current, asOf: at };
  // Sight came back and nothing had changed: the state holds since before the gap.
  if (verdict === current.lastKnown) return { ...current, state: verdict, since: sinceOf(current), asOf: at };
  return verdict === 'registered' ? regained(current, at) : lost(current, at);
}

const sinceOf = ({ knownSince, graceFrom }: Registration): number => graceFrom ?? knownSince;

/** Back within the grace nothing has happened: a reload is no loss (RG1). */
function regained(current: Registration, at: number): Registration {
  const knownSince = current.graceFrom === null ? at : current.knownSince;
  return {
    ...{ state: 'registered', since: knownSince, lastKnown: 'registered', knownSince, graceFrom: null },
    ...{ lostAt: current.lostAt, asOf: at },
  };
}

/** Only what was registered can be lost. */
function lost(current: Registration, at: number): Registration {
  const had = current.lastKnown === 'registered';
  return {
    ...{ state: 'unregistered', since: at, lastKnown: 'unregistered', asOf: at },
    knownSince: had ? current.knownSince : at,
    graceFrom: had ? at : null,
    lostAt: current.lostAt,
  };
}

/** RG1: the grace that began at `from` (ms) ended without a word of it: from here on the agent cannot be reached. */
export function endGrace(current: Registration, from: number): Registration {
  if (current.graceFrom !== from) return current;
  return { ...current, knownSince: from, lostAt: from, graceFrom: null };
}

/** Asterisk is out of reach from `at` (ms) on: nothing is known, the last known state is kept beside it. */
export function loseSight(current: Registration, at: number): Registration {
  return current.state === 'unknown' ? current : { ...current, state: 'unknown', since: at };
}
