// The one way into the log. PS1: stored durably first; the roster, the reconciler and the sockets hear of it after that.
import { oversees, refuseStatusChange } from '../../domain/access/rules.ts';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { AgentRecord, Person } from '../../domain/roster/record.ts';
import { normaliseReason, reasonProblem } from '../../domain/status/reason.ts';
import { entryId, placeInTime, type Change, type Choice } from '../../domain/status/log.ts';
import { isChoosable, type ChoosableStatus } from '../../domain/status/status.ts';
import { createInTurn } from './in-turn.ts';
import { createOwnEntries, keepEntry, type LogDeps, type OwnEntries } from './own-entries.ts';

export interface StatusChange {
  readonly actor: Person;
  readonly device: string;
  readonly target: string;
  readonly change: DeviceChange;
  /** SE8: it comes with a receipt, so a session was open when it was made, whether or not one is now. */
  readonly sealed?: true;
}

export interface HoldChange {
  readonly actor: Person;
  readonly target: string;
  readonly queue: string;
  /** null lifts it, whoever set it (PS8). */
  readonly reason: string | null;
}

export interface ChangeRefusal {
  readonly ok: false;
  readonly code: Refusal;
  /** With `sequence-taken`: the highest sequence stored from that device. */
  readonly lastSequence?: number;
}

/** `rev`: the change counter when all who are connected had been told (WR1). */
export type ChangeResult = { readonly ok: true; readonly rev: number } | ChangeRefusal;

export interface Changes extends OwnEntries {
  /** ST2, PS5: a person's change. Rejects with StoreError when it could not be stored: nothing was changed. */
  setStatus(request: StatusChange): Promise<ChangeResult>;
  /** PS8, WR4: a supervisor's hold of one queue. Repeating one changes nothing. Rejects as `setStatus` does. */
  setHold(request: HoldChange): Promise<ChangeResult>;
}

interface Deps extends LogDeps {
  isSignedIn(extension: string): boolean;
}

const refusal = (code: Refusal): ChangeResult => ({ ok: false, code });

/** Whether a repeated id carries the same change; if not, two pages used one sequence. */
const sameChange = (known: Change, { target, change }: StatusChange): boolean =>
  known.agent === target && known.status === change.status && known.reason === normaliseReason(change.reason);

/** ST2, ST5: why this change may not be, or null. */
function judge(deps: Deps, record: AgentRecord, request: StatusChange): Refusal | null {
  const { actor, target, change, sealed } = request;
  if (!isChoosable(change.status)) return 'unknown-status';
  const problem = change.reason === null ? null : reasonProblem(change.reason);
  if (problem) return problem;
  return refuseStatusChange({
    ...{ actor, target: record.person, status: change.status },
    signedIn: sealed ?? deps.isSignedIn(target),
    reachable: record.registration.state === 'registered',
  });
}

/** WR4: why this hold may not be, or null. An agent cannot hold a queue, not even an own one: that is what PAUSE is for. */
function judgeHold(record: AgentRecord, { actor, queue, reason }: HoldChange): Refusal | null {
  if (!oversees(actor, record.person)) return 'forbidden';
  const problem = reason === null ? null : reasonProblem(reason);
  if (problem) return problem;
  const known = record.holds.has(queue) || record.members.some((member) => member.queue === queue);
  return known ? null : 'unknown-queue';
}

function choiceOf(deps: Deps, { actor, device, target, change }: StatusChange): Choice {
  const received = deps.logClock.stamp();
  const { sequence, seen } = change;
  const { made, uncertain } = placeInTime({
    claimedMs: change.made,
    offsetMs: change.offset ?? 0,
    ...deps.roster.logOf(target).neighboursOf(device, sequence),
    receivedMs: received,
  });
  return {
    ...{ kind: 'choice', id: entryId(device, sequence), agent: target, device, sequence },
    ...{ made, received, uncertain, seen, actor: actor.extension },
    cause: actor.extension === target ? 'agent' : 'supervisor',
    status: change.status as ChoosableStatus,
    reason: normaliseReason(change.reason),
  };
}

export function createChanges(deps: Deps): Changes {
  const { roster, store } = deps;
  const own = createOwnEntries(deps);
  const inTurn = createInTurn();
  const done = (): ChangeResult => ({ ok: true, rev: roster.rev });

  async function taken(device: string): Promise<ChangeResult> {
    return { ok: false, code: 'sequence-taken', lastSequence: await store.lastSequence(device) };
  }

  async function setStatus(request: StatusChange): Promise<ChangeResult> {
    const record = roster.get(request.target);
    if (!record) return refusal('unknown-agent');
    const log = roster.logOf(request.target);
    const known = log.get(entryId(request.device, request.change.sequence));
    // Stored is stored: whether it would be refused by now does not matter to a replay (PS5, WR3).
    if (known && sameChange(known, request)) return done();
    const code = judge(deps, record, request);
    if (code) return refusal(code);
    if (known) return taken(request.device);
    const choice = choiceOf(deps, request);
    if ((await keepEntry(deps, choice)).added) return done();
    // Stored for another agent.
    const stands = log.get(choice.id);
    return stands && sameChange(stands, request) ? done() : taken(request.device);
  }

  return {
    ...own,
    // PS5: each is placed between its device's others, so what is still being stored has to be known first.
    setStatus: (request) => inTurn(request.device, () => setStatus(request)),
    async setHold(request) {
      const { target, queue, actor } = request;
      const record = roster.get(target);
      if (!record) return refusal('unknown-agent');
      const code = judgeHold(record, request);
      if (code) return refusal(code);
      const before = record.holds.get(queue);
      const reason = request.reason === null ? null : (normaliseReason(request.reason) ?? '');
      const nothingNew = before
        ? before.reason === reason && before.author === actor.extension
        : reason === null;
      if (!nothingNew) await own.held(target, { queue, reason, author: actor.extension });
      return done();
    },
  };
}
