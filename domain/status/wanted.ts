// ST5: which pause we want Asterisk to hold, per queue. Not computed from the status: status is for people.
import type { Registration } from '../registration/evidence.ts';
import type { Intent } from './fold.ts';
import { cutForAsterisk } from './reason.ts';

/** RG12: whether the agent's device proved that it can be rung. */
export type Probe = 'proven' | 'pending' | 'silent';

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
  pending: 'Auto: phone not proven yet',
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

/** The pause wanted in one queue (ST5). Unknown keeps the last known reachability (RG4). */
export function wantedPause({ intent, registration, probe, hold }: WantedFacts): WantedPause {
  if (intent.status !== 'ONLINE') return paused(intentReason(intent), intent.status);
  // Never known: members start paused (PS9), so leaving them as they are rings nobody.
  if (registration.lastKnown === null) return null;
  if (registration.lastKnown === 'unregistered') return paused(AUTO_TEXT.unreachable);
  if (hold) return paused(hold.reason);
  return probe === 'proven' ? { paused: false } : paused(AUTO_TEXT[probe]);
}
