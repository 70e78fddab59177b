// Which sessions have a page or a telephone that is there now.
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Roster } from '../roster/roster.ts';
import type { Session } from './ports.ts';

/** The pages connected to the bridge; the hub fits. */
export interface Pages {
  sessions(): ReadonlySet<string>;
  /** Hears of every page that came or went, after the fact. */
  onPresence(listener: (session: string) => void): void;
}

/**
 * A contact that can be reached: the session's own, or a desk phone's, which is of no session and serves the agent
 * whichever page is closed (RG13: phone-only).
 */
const isServedBy =
  (id: string) =>
  ({ session, reachable }: AgentRecord['contacts'][number]): boolean =>
    reachable && (session === id || session === null);

export const hasContact = (roster: Roster, { id, extension }: Session): boolean =>
  roster.get(extension)?.contacts.some(isServedBy(id)) ?? false;
