// PS9: a realtime member comes back as its row says. Whoever goes on a break while Asterisk cannot be told gets the row
// paused, so that an Asterisk that starts rings nobody on a break. The row is never unpaused here: only a command does that.
import { memberStates } from '../../domain/roster/view.ts';
import { wantedPause } from '../../domain/status/wanted.ts';
import { errorFields, type Log } from '../log.ts';
import type { Roster } from '../roster/roster.ts';

export interface MemberRows {
  /** Pauses every realtime member with that state interface that is not paused. */
  pauseMembers(stateInterface: string, reason: string): Promise<void>;
}

export function pauseRowsWhileAway(deps: {
  readonly roster: Roster;
  readonly rows: MemberRows;
  readonly log: Log;
  readonly isReady: () => boolean;
  readonly stateInterfaceOf: (extension: string) => string;
}): () => void {
  const { roster, rows, log, isReady, stateInterfaceOf } = deps;
  return roster.onChange((now, before) => {
    if (now.folded === before.folded || isReady()) return;
    const { registration, probe } = now;
    const wanted =
      memberStates(now)[0]?.wanted ??
      wantedPause({ intent: now.folded.intent, registration, probe, hold: null });
    if (!wanted?.paused) return;
    const agent = now.person.extension;
    rows.pauseMembers(stateInterfaceOf(agent), wanted.reason).catch((error: unknown) => {
      log.warn({ agent, ...errorFields(error) }, 'member rows not paused while Asterisk is away');
    });
  });
}
