// What of a record leaves the bridge: colleagues see little, the agent and supervisors all of it (WR6, PS7).
import { deriveStatus, type DerivedStatus } from '../status/derive.ts';
import { NO_INTENT } from '../status/fold.ts';
import type { Hold } from '../status/holds.ts';
import { agrees, type MemberState } from '../status/plan.ts';
import { wantedPause } from '../status/wanted.ts';
import type { AgentDetail, AgentView } from '../protocol/views.ts';
import { devicesOf } from './devices.ts';
import { callOf, type AgentRecord, type Member } from './record.ts';

/** The derived status with its reason. */
export const statusOf = (record: AgentRecord): DerivedStatus =>
  deriveStatus({
    intent: record.folded.intent,
    registration: record.registration,
    call: callOf(record),
    callEndedAt: record.callEndedAt,
  });

/** A member with what is wanted of it and the hold on its queue. */
export type AgentMember = Member & MemberState & { readonly hold: Hold | null };

/** The wanted and the observed pause of each of the agent's members: input of `planPause`. */
export function memberStates(record: AgentRecord): readonly AgentMember[] {
  const { registration, probe, holds } = record;
  return record.members.map((member) => {
    const hold = holds.get(member.queue) ?? null;
    const wanted = wantedPause({ intent: record.folded.intent, registration, probe, hold });
    return { ...member, hold, wanted };
  });
}

/** Whether a queue may ring the agent now: unpaused in a queue, reachable, on no call (WB2). */
export function canTakeCall(record: AgentRecord): boolean {
  return (
    record.registration.state === 'registered' &&
    record.channels.size === 0 &&
    record.members.some((member) => member.observed?.paused === false)
  );
}

/** WR6: what every colleague may see. Why, and what comes next, is the agent's own and the supervisors' business. */
export function colleagueView(record: AgentRecord): AgentView {
  const { status, since, mark } = statusOf(record);
  const { extension, name, role } = record.person;
  return {
    ...{ extension, name, role, status, since: since === NO_INTENT.since ? null : since, mark },
    ...{ reason: null, auto: null, next: null },
    canTakeCall: canTakeCall(record),
  };
}

function detailOf(record: AgentRecord): AgentDetail {
  const { intent, question, overruled } = record.folded;
  const { state, since, lastKnown, graceFrom, asOf } = record.registration;
  return {
    intent: { ...intent },
    lastReceived: record.lastReceived,
    question: question ? { entry: question.id, made: question.made } : null,
    overruled: overruled ? { entry: overruled.id, status: overruled.status, by: intent.actor } : null,
    registration: { state, since, lastKnown, graceFrom, asOf },
    probe: record.probe,
    contacts: record.contacts.map((contact) => ({ ...contact })),
    devices: devicesOf(record).map((device) => ({ ...device })),
    queues: memberStates(record).map(({ queue, wanted, observed, hold, contestedSince }) => ({
      queue,
      wanted,
      observed: observed ? { ...observed } : null,
      agreed: agrees(wanted, observed),
      hold: hold ? { ...hold } : null,
      contestedSince,
    })),
  };
}

/** The agent's own view and a supervisor's. */
export function fullView(record: AgentRecord): AgentView {
  const { reason, auto, next } = statusOf(record);
  return { ...colleagueView(record), reason, auto, next, detail: detailOf(record) };
}
