// OP1: one line for each status people see change.
import { statusOf } from '../../domain/roster/view.ts';
import type { Log } from '../log.ts';
import type { Roster } from './roster.ts';

export function narrateStatuses(roster: Roster, log: Log): () => void {
  return roster.onChange((now, before) => {
    const [from, to] = [statusOf(before), statusOf(now)];
    if (from.status === to.status && from.reason === to.reason && from.auto === to.auto) return;
    const { cause, actor } = now.folded.intent;
    const { status, reason, auto } = to;
    log.info(
      { agent: now.person.extension, from: from.status, status, reason, auto, cause, actor },
      'agent status changed',
    );
  });
}
