// ST3, ST4: what people see is derived from facts, each time anew; nothing stores it.
import { reachOf, type Registration } from '../registration/evidence.ts';
import type { Intent } from './fold.ts';
import type { ChoosableStatus, Status } from './status.ts';

export interface StatusFacts {
  readonly intent: Intent;
  readonly registration: Registration;
  /** RG11: the answered call Asterisk still carries. */
  readonly call: { readonly since: number } | null;
  /** ms; end of the last call, so that a break chosen in a call begins when it ends. */
  readonly callEndedAt: number | null;
}

/** Why a status is not simply what was chosen. The words are looked up where they meet a person or Asterisk. */
export type AutoReason = 'sip-not-registered' | 'sip-registered';

/** `reconnecting`: the phone is gone for less than the grace (RG1) · `as-of`: nobody can know now (RG4). */
export const STATUS_MARKS = ['connection-lost', 'reconnecting', 'as-of'] as const;
export type StatusMark = (typeof STATUS_MARKS)[number];

export interface DerivedStatus {
  readonly status: Status;
  readonly reason: string | null;
  readonly auto: AutoReason | null;
  /** ms. */
  readonly since: number;
  /** Beside ON_CALL: the intent that shows when the call ends. */
  readonly next: { readonly status: ChoosableStatus; readonly reason: string | null } | null;
  readonly mark: StatusMark | null;
}

const chosen = (intent: Intent, since: number, auto: AutoReason | null = null): DerivedStatus => ({
  status: intent.status,
  reason: intent.reason,
  auto,
  since,
  next: null,
  mark: null,
});

/** ST4: only an ONLINE that was interrupted begins anew; a break keeps counting from when it was chosen. */
function reachableStatus({ intent, registration, callEndedAt }: StatusFacts): DerivedStatus {
  const shown = Math.max(intent.since, callEndedAt ?? 0);
  if (intent.status !== 'ONLINE' || registration.knownSince <= shown) return chosen(intent, shown);
  // The first registration of a shift interrupts nothing: it just begins.
  const interrupted = registration.lostAt !== null && registration.lostAt > intent.since;
  return chosen(intent, registration.knownSince, interrupted ? 'sip-registered' : null);
}

const unreachableStatus = ({ intent, registration }: StatusFacts): DerivedStatus => ({
  ...chosen(intent, Math.max(registration.knownSince, intent.since)),
  status: 'OFFLINE',
  reason: null,
  auto: 'sip-not-registered',
});

/** Beside ON_CALL. Out of sight nobody knows whether the phone or the call is still there. */
const CALL_MARKS = { registered: null, unregistered: 'connection-lost', unknown: 'as-of' } as const;

/** The status people see, in the order ST3 gives. */
export function deriveStatus(facts: StatusFacts): DerivedStatus {
  const { intent, registration, call } = facts;
  if (intent.status === 'OFFLINE') return chosen(intent, intent.since);
  if (call) {
    return {
      status: 'ON_CALL',
      reason: null,
      auto: null,
      since: call.since,
      next: { status: intent.status, reason: intent.reason },
      mark: CALL_MARKS[registration.state],
    };
  }
  const reach = reachOf(registration);
  const shown = reach === null || reach === 'unreachable' ? unreachableStatus(facts) : reachableStatus(facts);
  // Unknown: the last derived status stands, marked with its age (RG4).
  if (registration.state === 'unknown') return { ...shown, mark: 'as-of' };
  return reach === 'reconnecting' ? { ...shown, mark: 'reconnecting' } : shown;
}
