// The one way into the log. PS1: stored durably first; the roster, the reconciler and the sockets hear of it after that.
import { refuseStatusChange } from '../../domain/access/rules.ts';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';
import { normaliseReason, reasonProblem } from '../../domain/status/reason.ts';
import {
  entryId,
  placeInTime,
  type Cause,
  type Change,
  type Choice,
  type LogEntry,
} from '../../domain/status/log.ts';
import { isChoosable, type ChoosableStatus } from '../../domain/status/status.ts';
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import type { LogClock } from './log-clock.ts';
import type { LogStore } from './ports.ts';
import type { Roster } from './roster.ts';

/** The bridge's own entries come from a device of this name. */
export const BRIDGE_DEVICE = 'bridge';

export interface StatusChange {
  readonly actor: Person;
  readonly device: string;
  readonly target: string;
  readonly change: DeviceChange;
}

/** `rev`: the change counter when all who are connected had been told (WR1). */
export type ChangeResult =
  | { readonly ok: true; readonly rev: number }
  | { readonly ok: false; readonly code: Refusal; readonly lastSequence?: number };

export interface Changes {
  /** ST2, PS5: a person's change. Rejects with StoreError when it could not be stored: nothing was changed. */
  setStatus(request: StatusChange): Promise<ChangeResult>;
  /** ST10: an automatic step; it follows the entry in force now. */
  step(agent: string, step: { status: ChoosableStatus; cause: Cause }): Promise<void>;
  /** SE4: the person signed out of the last session: a choice like any other. */
  signedOut(agent: string): Promise<void>;
  /** ST11. */
  registration(agent: string, state: RegistrationState): Promise<void>;
}

interface Deps {
  readonly roster: Roster;
  readonly store: LogStore;
  readonly logClock: LogClock;
  /** Highest sequence of the bridge's own entries in the store. */
  readonly lastOwnSequence: number;
  isSignedIn(extension: string): boolean;
}

const refusal = (code: Refusal): ChangeResult => ({ ok: false, code });

/** Whether a repeated id carries the same change; if not, two pages used one sequence. */
const sameChange = (known: Change, { target, change }: StatusChange): boolean =>
  known.agent === target && known.status === change.status && known.reason === normaliseReason(change.reason);

/** ST2, ST5: why this change may not be, or null. */
function judge(deps: Deps, { actor, target, change }: StatusChange): Refusal | null {
  const record = deps.roster.get(target);
  if (!record) return 'unknown-agent';
  if (!isChoosable(change.status)) return 'unknown-status';
  const problem = change.reason === null ? null : reasonProblem(change.reason);
  if (problem) return problem;
  return refuseStatusChange({
    ...{ actor, target: record.person, status: change.status },
    signedIn: deps.isSignedIn(target),
    reachable: record.registration.state === 'registered',
  });
}

function choiceOf(deps: Deps, { actor, device, target, change }: StatusChange): Choice {
  const received = deps.logClock.stamp();
  const last = deps.roster.logOf(target).lastOf(device);
  const { made } = placeInTime({
    claimedMs: change.made,
    offsetMs: change.offset ?? 0,
    previousMadeMs: last.sequence < change.sequence ? last.made : null,
    receivedMs: received,
  });
  return {
    ...{
      kind: 'choice',
      id: entryId(device, change.sequence),
      agent: target,
      device,
      sequence: change.sequence,
    },
    ...{ made, received, seen: change.seen, actor: actor.extension },
    cause: actor.extension === target ? 'agent' : 'supervisor',
    status: change.status as ChoosableStatus,
    reason: normaliseReason(change.reason),
  };
}

export function createChanges(deps: Deps): Changes {
  const { roster, store, logClock } = deps;
  let ownSequence = deps.lastOwnSequence;

  /** What every entry of the bridge itself carries. */
  function ownBase(agent: string, cause: Cause, actor: string) {
    ownSequence += 1;
    const at = logClock.stamp();
    const id = entryId(BRIDGE_DEVICE, ownSequence);
    return { id, agent, cause, actor, device: BRIDGE_DEVICE, sequence: ownSequence, made: at, received: at };
  }

  async function keep(entry: LogEntry): Promise<{ readonly rev: number; readonly added: boolean }> {
    const stored = await store.append(entry);
    if (stored.added && (entry.kind === 'choice' || entry.kind === 'step')) roster.record(entry, stored.rev);
    return stored;
  }

  return {
    async setStatus(request) {
      if (!roster.get(request.target)) return refusal('unknown-agent');
      const known = roster.logOf(request.target).get(entryId(request.device, request.change.sequence));
      // Stored is stored: whether it would be refused by now does not matter to a replay (PS5, WR3).
      if (known && sameChange(known, request)) return { ok: true, rev: roster.rev };
      const code = judge(deps, request);
      if (code) return refusal(code);
      if (known) return taken(request.device);
      const choice = choiceOf(deps, request);
      const stored = await keep(choice);
      if (stored.added) return { ok: true, rev: roster.rev };
      // Stored for another agent, or at this very moment by a second socket of the same device.
      const stands = roster.logOf(request.target).get(choice.id);
      return stands && sameChange(stands, request)
        ? { ok: true, rev: roster.rev }
        : await taken(request.device);
    },
    async step(agent, { status, cause }) {
      const follows = roster.logOf(agent).folded.intent.entry;
      await keep({ kind: 'step', ...ownBase(agent, cause, BRIDGE_DEVICE), status, reason: null, follows });
    },
    async signedOut(agent) {
      await keep({
        kind: 'choice',
        ...ownBase(agent, 'session', agent),
        status: 'OFFLINE',
        reason: null,
        seen: null,
      });
    },
    async registration(agent, state) {
      await keep({ kind: 'registration', ...ownBase(agent, 'registration', 'asterisk'), state });
    },
  };

  async function taken(device: string): Promise<ChangeResult> {
    return { ok: false, code: 'sequence-taken', lastSequence: await store.lastSequence(device) };
  }
}
