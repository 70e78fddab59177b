// What the status button shows: the bridge's word, and over it the agent's own choice until the bridge has confirmed it.
import type { AgentView } from '../../domain/protocol/views.ts';
import type { ChoosableStatus, Status } from '../../domain/status/status.ts';
import type { PendingChange } from './changes.ts';

export interface ShownStatus {
  readonly status: Status | null;
  readonly reason: string | null;
  readonly auto: AgentView['auto'];
  readonly mark: AgentView['mark'];
  /** ms on the bridge's clock. */
  readonly since: number | null;
  readonly next: { readonly status: ChoosableStatus; readonly reason: string | null } | null;
  readonly saving: boolean;
  /** PS6: an ONLINE that the centre has not confirmed. */
  readonly waitingForCentre: boolean;
}

const NOTHING: ShownStatus = {
  status: null,
  reason: null,
  auto: null,
  mark: null,
  since: null,
  next: null,
  saving: false,
  waitingForCentre: false,
};

/**
 * `callSince`: this device's own answered call, known before Asterisk has said so (AP7); ms on this device's clock.
 * `offsetMs`: what has to be added to this device's clock to get the bridge's.
 */
export function shownStatus(
  own: AgentView | null,
  pending: PendingChange | null,
  callSince: number | null,
  offsetMs: number,
): ShownStatus {
  const base = baseOf(own, callSince === null ? null : callSince + offsetMs);
  if (!pending) return base;
  const { status, reason } = pending;
  // [ST3] A call outranks every choice but OFFLINE: the choice is what comes after it.
  if (base.status === 'ON_CALL' && status !== 'OFFLINE')
    return { ...base, next: { status, reason }, saving: true };
  return {
    ...NOTHING,
    status,
    reason,
    since: pending.made + offsetMs,
    saving: true,
    waitingForCentre: status === 'ONLINE',
  };
}

function baseOf(own: AgentView | null, callSince: number | null): ShownStatus {
  if (!own) return NOTHING;
  const { status, reason, auto, mark, since } = own;
  if (callSince !== null && status !== 'ON_CALL' && own.detail?.intent.status !== 'OFFLINE') {
    return { ...NOTHING, status: 'ON_CALL', since: callSince, next: own.detail?.intent ?? null };
  }
  return { ...NOTHING, status, reason, auto, mark, since, next: nextOf(own) };
}

/** An unreachable phone hides the choice (ST3); what comes back when it rings again is still worth telling. */
function nextOf(own: AgentView): ShownStatus['next'] {
  if (own.next) return own.next;
  if (own.auto !== 'sip-not-registered' || !own.detail) return null;
  return { status: own.detail.intent.status, reason: own.detail.intent.reason };
}
