// PS4, PS8, ST9: what was judged of a change made in Asterisk goes into the log; all else follows from there.
import { ASTERISK } from '../../domain/status/holds.ts';
import type { Judgement } from '../../domain/status/foreign.ts';
import type { Log } from '../log.ts';
import type { OwnEntries } from '../roster/own-entries.ts';

/** ST9: as a person reads it. */
const MISSED_CALL = 'Missed call';

/** Rejects with StoreError: what was stored before it stands, the rest is repaired. */
export async function recordForeign(
  agent: string,
  judgement: Judgement,
  { entries, log }: { readonly entries: Pick<OwnEntries, 'adopted' | 'held' | 'step'>; readonly log: Log },
): Promise<void> {
  if (judgement.type === 'missed') {
    log.info({ agent }, 'Asterisk paused an agent who did not answer');
    return entries.step(agent, { status: 'PAUSE', reason: MISSED_CALL, cause: 'call' });
  }
  const { choice, holds, lifts } = judgement;
  for (const queue of lifts) await entries.held(agent, { queue, reason: null, author: ASTERISK });
  for (const { queue, reason } of holds) await entries.held(agent, { queue, reason, author: ASTERISK });
  if (choice) await entries.adopted(agent, choice);
  if (choice || holds.length > 0 || lifts.length > 0) {
    log.info({ agent, ...choice, holds, lifts }, 'taken over from Asterisk');
  }
}
