// What the status button shows: the bridge's word; while own changes wait for it, what the log will fold to (ST3, ST10, PS6).
import type { AgentView } from '../../domain/protocol/views.ts';
import { deriveStatus, type StatusFacts } from '../../domain/status/derive.ts';
import type { Intent } from '../../domain/status/fold.ts';
import type { ChoosableStatus, Status } from '../../domain/status/status.ts';

export interface ShownStatus {
  readonly status: Status | null;
  readonly reason: string | null;
  readonly auto: AgentView['auto'];
  readonly mark: AgentView['mark'];
  /** ms on the bridge's clock: what `mark` is as of. */
  readonly asOf: number | null;
  /** ms on the bridge's clock. */
  readonly since: number | null;
  readonly next: { readonly status: ChoosableStatus; readonly reason: string | null } | null;
  /** AP2: not durable yet. */
  readonly saving: boolean;
  /** The bridge has not stored it yet. */
  readonly unconfirmed: boolean;
  /** PS6: an ONLINE that the centre has not confirmed. */
  readonly waitingForCentre: boolean;
}

const NOTHING: ShownStatus = {
  ...{ status: null, reason: null, auto: null, mark: null, asOf: null, since: null, next: null },
  ...{ saving: false, unconfirmed: false, waitingForCentre: false },
};

export interface ShownInput {
  readonly own: AgentView | null;
  /** ms on the bridge's clock: the own view is kept from then, nobody can say what holds now; null: it is live. */
  readonly ownAsOf: number | null;
  /** What the log folds to with the unconfirmed changes; null: there are none. */
  readonly intent: Intent | null;
  /** Whether the entry in force is one of them. */
  readonly intentIsOwn: boolean;
  readonly saving: boolean;
  /** ms on the bridge's clock: this device's own answered call, known before Asterisk has said so (AP7). */
  readonly callSince: number | null;
}

export function shownStatus(input: ShownInput): ShownStatus {
  const { own, intent, ownAsOf } = input;
  const shown = intent ? unconfirmed(input, intent) : own ? confirmed(own, input.callSince) : NOTHING;
  if (ownAsOf === null || shown.status === null || intent) return shown;
  return { ...shown, mark: 'as-of', asOf: ownAsOf };
}

function confirmed(own: AgentView, callSince: number | null): ShownStatus {
  const { status, reason, auto, mark, since } = own;
  if (callSince !== null && status !== 'ON_CALL' && own.detail?.intent.status !== 'OFFLINE') {
    return { ...NOTHING, status: 'ON_CALL', since: callSince, next: own.detail?.intent ?? null };
  }
  const asOf = own.detail?.registration.asOf ?? null;
  return { ...NOTHING, status, reason, auto, mark, asOf, since, next: nextOf(own) };
}

/** An unreachable phone hides the choice (ST3); what comes back when it rings again is still worth telling. */
function nextOf(own: AgentView): ShownStatus['next'] {
  if (own.next) return own.next;
  if (own.auto !== 'sip-not-registered' || !own.detail) return null;
  return { status: own.detail.intent.status, reason: own.detail.intent.reason };
}

/** The facts of the own view; what it leaves out only moves the time an interrupted ONLINE counts from. */
function factsOf(own: AgentView, intent: Intent, callSince: number | null): StatusFacts | null {
  const registration = own.detail?.registration;
  if (!registration) return null;
  const { state, since, lastKnown, graceFrom, asOf } = registration;
  const knownSince = state === 'unknown' ? 0 : since;
  const carried = own.status === 'ON_CALL' ? own.since : callSince;
  return {
    intent,
    registration: { state, since, lastKnown, graceFrom, asOf, knownSince, lostAt: null },
    call: carried === null ? null : { since: carried },
    callEndedAt: null,
  };
}

function unconfirmed({ own, callSince, saving, intentIsOwn }: ShownInput, intent: Intent): ShownStatus {
  const facts = own && factsOf(own, intent, callSince);
  const waitingForCentre = intentIsOwn && intent.status === 'ONLINE';
  const marks = { saving, unconfirmed: true, waitingForCentre };
  const { status, reason, since } = intent;
  if (!facts) return { ...NOTHING, status, reason, since, ...marks };
  const derived = deriveStatus(facts);
  const hidden = derived.auto === 'sip-not-registered' ? { status, reason } : null;
  return { ...derived, next: derived.next ?? hidden, asOf: facts.registration.asOf, ...marks };
}
