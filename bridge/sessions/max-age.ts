// SE5: a session ends MAX_SESSION_H after it was opened, whoever is there; during a call when that is over.
import { errorFields, type Log } from '../log.ts';
import type { Deadlines } from '../deadlines/deadlines.ts';
import type { AfterCall } from './after-call.ts';
import type { Endings } from './endings.ts';
import type { Session } from './ports.ts';
import type { Registry } from './registry.ts';

const KIND = 'session';

export interface MaxAge {
  /** Rejects with StoreError. */
  begin(session: Session): Promise<void>;
  isOver(session: Session, now: number): boolean;
}

/** The key of its deadline is the session's id. */
export function createMaxAge(deps: {
  readonly registry: Registry;
  readonly deadlines: Deadlines;
  readonly afterCall: Pick<AfterCall, 'end'>;
  readonly endings: Pick<Endings, 'onEnded'>;
  readonly maxSessionMs: number;
  readonly log: Log;
}): MaxAge {
  const { registry, deadlines, afterCall, endings, maxSessionMs, log } = deps;
  const begin = ({ id: key, extension: agent, openedAt }: Session): Promise<void> => {
    const dueMs = openedAt + maxSessionMs;
    const known = deadlines.get(key)?.dueMs === dueMs;
    return known ? Promise.resolve() : deadlines.set({ key, agent, kind: KIND, dueMs, follows: null });
  };
  deadlines.on(KIND, async ({ key }) => {
    const session = registry.get(key);
    if (session) await afterCall.end(session, { why: 'too long', by: 'bridge' });
  });
  const failed =
    ({ extension: agent }: Session) =>
    (error: unknown): void =>
      log.warn({ agent, ...errorFields(error) }, 'the deadline of a session was not written');
  endings.onEnded((session) => void deadlines.cancel(session.id).catch(failed(session)));
  // Of sessions from before there were deadlines, or under another setting.
  for (const session of registry.all()) begin(session).catch(failed(session));
  return { begin, isOver: ({ openedAt }, now) => now >= openedAt + maxSessionMs };
}
