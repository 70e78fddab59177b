// AP11: while rest was chosen and nobody has confirmed that Asterisk knows, the app keeps the queues away itself.
import type { AgentDetail } from '../../domain/protocol/views.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';

export interface DeclineFacts {
  /** What the desk's log folds to, unconfirmed changes included; null: nothing is known of the agent yet. */
  readonly intent: { readonly status: ChoosableStatus; readonly since: number } | null;
  /** Made time of the oldest unconfirmed change; null: there is none. */
  readonly pendingSince: number | null;
  /** Null: the bridge is there. */
  readonly bridgeGoneSince: number | null;
  readonly queues: AgentDetail['queues'];
}

const CONFIRMED_WITHIN_MS = 2_000;

/** Since when a queue may ring that should not; null: as far as is known none does. */
function unpausedSince({ queues }: DeclineFacts): number | null {
  const times = queues
    .filter(({ wanted, observed }) => wanted?.paused === true && observed?.paused !== true)
    .map(({ observed }) => observed?.at ?? 0);
  return times.length === 0 ? null : Math.min(...times);
}

/** From when on queue calls are declined; null: they ring. All times are ms on one clock. */
export function declinesFrom(facts: DeclineFacts): number | null {
  const { intent, pendingSince, bridgeGoneSince } = facts;
  if (!intent || intent.status === 'ONLINE') return null;
  // Nobody else ends a wrap-up's calls while the bridge is away.
  if (intent.status === 'WRAP_UP' && bridgeGoneSince !== null) return Math.max(intent.since, bridgeGoneSince);
  const doubts = [pendingSince, bridgeGoneSince, unpausedSince(facts)].filter((since) => since !== null);
  if (doubts.length === 0) return null;
  return Math.max(intent.since, Math.min(...doubts)) + CONFIRMED_WITHIN_MS;
}
