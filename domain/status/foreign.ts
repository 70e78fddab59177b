// PS4: what a change means that came from Asterisk's side: from the CLI, a feature code, another tool. Pure: the members
// with what is wanted of them, and what Asterisk reported that nobody here had asked for, give what to record.
import { ASTERISK, type Hold } from './holds.ts';
import { agrees, type MemberKey, type MemberState } from './plan.ts';

/** What Asterisk reported of one member, the last word of those judged together. */
export interface ForeignReport extends MemberKey {
  readonly paused: boolean;
  readonly reason: string;
}

/** A member with the hold on its queue. */
export interface JudgedMember extends MemberState {
  readonly hold: Hold | null;
}

/**
 * `missed`: Asterisk paused somebody who did not answer (ST9), which is nobody's choice. Else a choice when all the
 * agent's queues are covered, holds for pauses of some, and holds of Asterisk's side that an unpause lifts (PS8).
 * What is not recorded stays unwanted and is repaired.
 */
export type Judgement =
  | { readonly type: 'missed' }
  | {
      readonly type: 'foreign';
      readonly choice: { readonly status: 'PAUSE' | 'ONLINE'; readonly reason: string | null } | null;
      readonly holds: readonly { readonly queue: string; readonly reason: string }[];
      readonly lifts: readonly string[];
    };

/** The reason app_queue gives with `autopause` (apps/app_queue.c). */
const AUTO_PAUSE = 'Auto-Pause';

const keyOf = ({ queue, interface: iface }: MemberKey): string => `${queue}\n${iface}`;

const NOTHING: Judgement = { type: 'foreign', choice: null, holds: [], lifts: [] };

/** `reports`: in order of arrival, one for each member. */
export function judgeForeign(members: readonly JudgedMember[], reports: readonly ForeignReport[]): Judgement {
  const byKey = new Map(members.map((member) => [keyOf(member), member]));
  const known = reports.flatMap((report) => {
    const member = byKey.get(keyOf(report));
    return member ? [{ report, member }] : [];
  });
  const unwanted = known.filter(({ report, member }) => !agrees(member.wanted, { ...report, at: 0 }));
  const last = unwanted.at(-1)?.report;
  if (!last) return NOTHING;
  if (unwanted.some(({ report }) => report.paused && report.reason === AUTO_PAUSE)) return { type: 'missed' };
  const lifts = unwanted
    .filter(({ report, member }) => !report.paused && member.hold?.author === ASTERISK)
    .map(({ report }) => report.queue);
  const all = known.length === members.length && known.every(({ report }) => report.paused === last.paused);
  if (all) {
    const choice = last.paused
      ? ({ status: 'PAUSE', reason: last.reason } as const)
      : ({ status: 'ONLINE', reason: null } as const);
    return { type: 'foreign', choice, holds: [], lifts };
  }
  // A supervisor's hold is not replaced: it pauses that queue already, and whoever set this could lift it.
  const holds = unwanted
    .filter(({ report, member }) => report.paused && (!member.hold || member.hold.author === ASTERISK))
    .map(({ report }) => ({ queue: report.queue, reason: report.reason }));
  return { type: 'foreign', choice: null, holds, lifts };
}
