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
  /** ms; since when `lastKnown` held. */
  readonly knownSince: number;
  /** ms; when it last went from registered to unregistered; null when it never did. */
  readonly lostAt: number | null;
  /** ms; time of the newest evidence. */
  readonly asOf: number;
}

export const NEVER_KNOWN: Registration = {
  state: 'unknown',
  since: 0,
  lastKnown: null,
  knownSince: 0,
  lostAt: null,
  asOf: 0,
};

/** RG3, RG4: evidence older than what is known is dropped; unknown changes nobody. Same object when nothing changed. */
export function applyEvidence(current: Registration, evidence: Evidence): Registration {
  const { verdict, at } = evidence;
  if (verdict === 'unknown' || at < current.asOf) return current;
  if (verdict === current.state) return at === current.asOf ? current : { ...current, asOf: at };
  // Sight came back and nothing had changed: the state holds since before the gap.
  const knownSince = verdict === current.lastKnown ? current.knownSince : at;
  const lostAt = verdict === 'unregistered' && current.lastKnown === 'registered' ? at : current.lostAt;
  return { state: verdict, since: knownSince, lastKnown: verdict, knownSince, lostAt, asOf: at };
}

/** Asterisk is out of reach from `at` (ms) on: nothing is known, the last known state is kept beside it. */
export function loseSight(current: Registration, at: number): Registration {
  return current.state === 'unknown' ? current : { ...current, state: 'unknown', since: at };
}
