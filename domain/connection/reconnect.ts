// When to try again after a lost connection: a pure function of how often and how long it failed.
// Full jitter (a uniform draw below a growing ceiling), so that many clients cut off together do not return together.

export interface ReconnectContext {
  /** Failures in a row so far; 0 for the first try after a loss. */
  readonly attempt: number;
  /** How long there has been no working connection, ms. */
  readonly downForMs: number;
  /** One uniform draw in [0, 1). */
  readonly random: number;
  /** The other side refused us for a reason that waiting does not cure (wrong secret, session ended). */
  readonly fatal?: boolean;
}

export interface ReconnectPolicy {
  /** Delay before the next try in ms (a whole number), or null: do not try again. */
  nextDelayMs(context: ReconnectContext): number | null;
}

export interface ReconnectOptions {
  /** Ceiling of the very first delay; it doubles with every failure. */
  readonly baseMs: number;
  /** Ceiling while the outage is younger than `earlyForMs`. */
  readonly earlyCapMs: number;
  readonly earlyForMs: number;
  /** Ceiling after that. */
  readonly lateCapMs: number;
  /** After a fatal refusal: at least this long (up to half as much again), or null for giving up. */
  readonly fatalDelayMs: number | null;
}

/** Beyond this many doublings every ceiling is reached; keeps 2 ** attempt finite. */
const MOST_DOUBLINGS = 30;

/** Never gives up by itself: null only for a fatal refusal where the options say so. */
export function createReconnectPolicy(options: ReconnectOptions): ReconnectPolicy {
  return {
    nextDelayMs({ attempt, downForMs, random, fatal }) {
      if (fatal === true) {
        if (options.fatalDelayMs === null) return null;
        return Math.floor(options.fatalDelayMs * (1 + random / 2));
      }
      const cap = downForMs < options.earlyForMs ? options.earlyCapMs : options.lateCapMs;
      const doublings = Math.min(Math.max(0, attempt), MOST_DOUBLINGS);
      return Math.floor(random * Math.min(cap, options.baseMs * 2 ** doublings));
    },
  };
}

/** [AP5] The app's socket and SIP: up to 5 s in the first minute, then 30 s, without give-up. */
export const deskPolicy: ReconnectPolicy = createReconnectPolicy({
  baseMs: 500,
  earlyCapMs: 5_000,
  earlyForMs: 60_000,
  lateCapMs: 30_000,
  fatalDelayMs: null,
});

/**
 * [OP2] The bridge to Asterisk: the first try within 50 ms, then at most 1 s apart however long it takes, so that the
 * bridge is back within 1 s of Asterisk; a refused connection costs neither side anything.
 * A wrong secret is tried again once a minute at most: faster looks like an attack (fail2ban), never would
 * need a restart after the operator has put the secret right.
 */
export const amiPolicy: ReconnectPolicy = createReconnectPolicy({
  baseMs: 50,
  earlyCapMs: 1_000,
  earlyForMs: 60_000,
  lateCapMs: 1_000,
  fatalDelayMs: 60_000,
});
