// What the bridge itself writes into the log: steps, what it adopts from Asterisk, the end of a shift, registrations.
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import { ASTERISK } from '../../domain/status/holds.ts';
import { entryId, placeInTime, type Cause, type LogEntry } from '../../domain/status/log.ts';
import { normaliseReason } from '../../domain/status/reason.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import type { LogClock } from './log-clock.ts';
import type { LogStore } from './ports.ts';
import type { Roster } from './roster.ts';

/** The bridge's own entries come from a device of this name. */
export const BRIDGE_DEVICE = 'bridge';

export interface OwnStep {
  readonly status: ChoosableStatus;
  readonly reason?: string | null;
  readonly cause: Cause;
  readonly follows?: string | null;
}

export interface LateSignOut {
  /** The session that ended: it counts as the device, and this is the last that device can say. */
  readonly session: string;
  /** ms on the bridge's clock, as the device says. */
  readonly madeMs: number;
  /** ms; made time of the last change before it; null: none is known. */
  readonly notBeforeMs: number | null;
}

export interface RegistrationNews {
  readonly agent: string;
  readonly state: RegistrationState;
}

/** A sequence no change of a session gets. */
export const LAST_SEQUENCE = 9_999_999_999;

/** Every method rejects with StoreError when it could not be stored: nothing was changed. */
export interface OwnEntries {
  /** ST10: an automatic step; `follows`: the entry it follows, when that is not the one in force now. */
  step(agent: string, step: OwnStep): Promise<void>;
  /** PS4: a pause or unpause of all the agent's queues from Asterisk's side is a choice. */
  adopted(agent: string, choice: { status: 'PAUSE' | 'ONLINE'; reason: string | null }): Promise<void>;
  /** PS8: a hold (`reason`) or its lifting (null). `author`: a supervisor's extension, or `asterisk`. */
  held(agent: string, hold: { queue: string; reason: string | null; author: string }): Promise<void>;
  /** SE4: the person signed out of the last session, or was signed out by somebody: a choice like any other. */
  signedOut(agent: string, by?: string): Promise<void>;
  /** SE8: the same, told late: in the order of the log it stands where it was made. Repeating it changes nothing. */
  signedOutThen(agent: string, then: LateSignOut): Promise<void>;
  /** ST11: facts, in the order in which they happened. */
  registrations(news: readonly RegistrationNews[]): Promise<void>;
}

export interface LogDeps {
  readonly roster: Roster;
  readonly store: LogStore;
  readonly logClock: LogClock;
  /** Highest sequence of the bridge's own entries in the store. */
  readonly lastOwnSequence: number;
}

/** PS1: stored durably, then known to the roster; `added` false: an entry of that id is there already. */
export async function keepEntry(
  { roster, store }: Pick<LogDeps, 'roster' | 'store'>,
  entry: LogEntry,
): Promise<{ readonly added: boolean }> {
  const stored = await store.append(entry);
  if (stored.added) roster.record(entry, stored.rev);
  return stored;
}

export function createOwnEntries(deps: LogDeps): OwnEntries {
  const { roster, store, logClock } = deps;
  let ownSequence = deps.lastOwnSequence;

  /** What every entry of the bridge itself carries. */
  function ownBase(agent: string, cause: Cause, actor: string) {
    ownSequence += 1;
    const at = logClock.stamp();
    const id = entryId(BRIDGE_DEVICE, ownSequence);
    return { id, agent, cause, actor, device: BRIDGE_DEVICE, sequence: ownSequence, made: at, received: at };
  }
  const keep = async (entry: LogEntry): Promise<void> => void (await keepEntry(deps, entry));
  /** A choice of the bridge's own making knows all there is to know. */
  const choice = (agent: string, cause: Cause, actor: string) => ({
    kind: 'choice' as const,
    ...{ seen: roster.logOf(agent).lastReceived, uncertain: false },
    ...ownBase(agent, cause, actor),
  });

  return {
    step(agent, { status, reason = null, cause, ...given }) {
      const follows = given.follows === undefined ? roster.logOf(agent).folded.intent.entry : given.follows;
      return keep({ kind: 'step', ...ownBase(agent, cause, BRIDGE_DEVICE), status, reason, follows });
    },
    adopted(agent, { status, reason }) {
      return keep({ ...choice(agent, ASTERISK, ASTERISK), status, reason: normaliseReason(reason) });
    },
    held(agent, { queue, reason, author }) {
      const cause = author === ASTERISK ? ASTERISK : 'supervisor';
      return keep({ kind: 'hold', ...ownBase(agent, cause, author), queue, reason });
    },
    signedOut: (agent, by = agent) =>
      keep({ ...choice(agent, 'session', by), status: 'OFFLINE', reason: null }),
    signedOutThen(agent, { session, madeMs: claimedMs, notBeforeMs: previousMadeMs }) {
      const received = logClock.stamp();
      const times = { claimedMs, offsetMs: 0, previousMadeMs, nextMadeMs: null, receivedMs: received };
      const id = entryId(session, LAST_SEQUENCE);
      return keep({
        ...{ kind: 'choice', id, agent, cause: 'session', actor: agent, status: 'OFFLINE', reason: null },
        ...{ device: session, sequence: LAST_SEQUENCE, seen: null, received },
        ...placeInTime(times),
      });
    },
    async registrations(news) {
      const entries = news.map(({ agent, state }): LogEntry => {
        return { kind: 'registration', ...ownBase(agent, 'registration', ASTERISK), state };
      });
      const stored = await store.appendAll(entries);
      for (const entry of entries) {
        const rev = stored.get(entry.id);
        if (rev !== undefined) roster.record(entry, rev);
      }
    },
  };
}
