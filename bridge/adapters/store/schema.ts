// Our own tables, as Kysely sees them. Times are ms since the epoch, flags 0 or 1.
import type { Generated } from 'kysely';
import type { Role } from '../../../domain/roster/record.ts';
import type { Cause, LogEntry } from '../../../domain/status/log.ts';
import type { ChoosableStatus } from '../../../domain/status/status.ts';
import type { EndReason } from '../../sessions/ports.ts';

export interface UsersTable {
  extension: string;
  username: string;
  name: string;
  role: Role;
  password_hash: string;
  /** OP5: at least one open session. */
  online: number;
  /** OP5: Asterisk can reach at least one contact. */
  sipregistered: number;
  created_at: number;
}

export interface UserTeamsTable {
  extension: string;
  team: string;
}

/** ST11: the log of facts. `rev` is the store's change counter (WR1). */
export interface LogTable {
  rev: Generated<number>;
  id: string;
  agent: string;
  kind: LogEntry['kind'];
  cause: Cause;
  actor: string;
  device: string;
  sequence: number;
  made: number;
  received: number;
  status: ChoosableStatus | null;
  reason: string | null;
  seen: string | null;
  follows: string | null;
  /** Registration state, call phase. */
  state: string | null;
  /** Queue of a hold, Linkedid of a call. */
  subject: string | null;
  gap_from: number | null;
  /** PS5: a choice that could not be placed in time to within 2 s. */
  uncertain: Generated<number>;
}

export interface ReasonsTable {
  id: string;
  status: ChoosableStatus;
  name_en: string;
  name_ru: string;
  colour: string | null;
  limit_ms: number | null;
  position: number;
}

export interface SessionsTable {
  id: string;
  extension: string;
  device_label: string;
  opened_at: number;
  closed_at: number | null;
  closed_why: EndReason | null;
  /** When a contact or a page of it was there for the last time. */
  last_seen: number | null;
  /** SE5: for how long neither was, as far as the bridge could know. */
  absent_ms: Generated<number>;
  /** SE4: why and by whom it ends when the call is over. */
  ending_why: EndReason | null;
  ending_by: string | null;
  /** SE5: the entry that set the agent OFFLINE when this session was closed as an orphan. */
  offline_entry: string | null;
}

/** ST7. */
export interface DeadlinesTable {
  id: string;
  agent: string;
  kind: string;
  due: number;
  follows: string | null;
}

/** OP5: derived, never read by the bridge. */
export interface AgentStatusesTable {
  extension: string;
  status: string;
  reason: string | null;
  since: number | null;
  next: string | null;
  /** Not yet counted. */
  calls_today: number | null;
  /** ms. */
  average_handle_time: number | null;
}

/** SE1: only hashes of refresh tokens are kept. */
export interface RefreshTokensTable {
  hash: string;
  session: string;
  issued_at: number;
  /** When it was exchanged for its successor. */
  replaced_at: number | null;
  successor: string | null;
}

export interface MetaTable {
  key: string;
  value: string;
}

export interface Schema {
  users: UsersTable;
  user_teams: UserTeamsTable;
  log: LogTable;
  reasons: ReasonsTable;
  sessions: SessionsTable;
  refresh_tokens: RefreshTokensTable;
  deadlines: DeadlinesTable;
  agent_statuses: AgentStatusesTable;
  meta: MetaTable;
}
