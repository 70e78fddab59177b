// ST5: which pause we want Asterisk to hold, per queue. Not computed from the status: status is for people.
import { reachOf, type Registration } from '../registration/evidence.ts';
import type { Intent } from './fold.ts';
import { cutForAsterisk } from './reason.ts';

/** RG12: whether a device of the agent proved that it can be rung; `pending`: it is being asked. */
export const PROBES = ['proven', 'pending', 'silent'] as const;
export type Probe = (typeof PROBES)[number];

export interface WantedFacts {
  readonly intent: Intent;
  readonly registration: Registration;
  readonly probe: Probe;
  /** PS8: the stored pause of this queue. */
  readonly hold: { readonly reason: string } | null;
}

/** `null`: no opinion, whatever Asterisk holds may stay. */
export type WantedPause =
  { readonly paused: true; readonly reason: string } | { readonly paused: false } | null;

/** The only place where these words exist for Asterisk. */
const AUTO_TEXT = {
  unreachable: 'Auto: SIP not registered',
  silent: 'Auto: phone does not answer',
} as const;

/** `name`: what stands for a reason that has nothing left for Asterisk. */
const paused = (reason: string, name = ''): WantedPause => ({
  paused: true,
  reason: cutForAsterisk(reason) || name,
});

function intentReason(intent: Intent): string {
  if (intent.status === 'OFFLINE' && intent.cause === 'session') return 'offline';
  return intent.reason ?? intent.status;
}

/**
 * The pause wanted in one queue (ST5). Where nobody can say yet, whatever Asterisk holds may stay: never known (members
 * start paused, PS9), in the grace of a lost registration (RG1), while the phone is asked (RG12; whoever comes from a break
 * is still paused, whoever reloads the page is not), and out of sight: a proof is of an Asterisk that may be no more, and
 * one that was started anew has everybody paused and nobody registered.
 */
export function wantedPause({ intent, registration, probe, hold }: WantedFacts): WantedPause {
  if (intent.status !== 'ONLINE') return paused(intentReason(intent), intent.status);
  const reach = reachOf(registration);
  if (reach === null) return null;
  if (reach === 'unreachable') return paused(AUTO_TEXT.unreachable);
  if (hold) return paused(hold.reason);
  if (registration.state === 'unknown' || reach === 'reconnecting' || probe === 'pending') return null;
  return probe === 'proven' ? { paused: false } : paused(AUTO_TEXT.silent);
}
