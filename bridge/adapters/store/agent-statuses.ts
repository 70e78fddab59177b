// OP5: `agent_statuses`, for other programs to read.
import { sql, type Kysely } from 'kysely';
import type { AgentStatusRows } from '../../roster/agent-statuses.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export function createAgentStatusRows(db: Kysely<Schema>): AgentStatusRows {
  const write: AgentStatusRows['write'] = (rows) =>
    guarded(async () => {
      // One statement for all: thousands of them would keep the sockets waiting.
      await sql`
        INSERT INTO agent_statuses (extension, status, reason, since, next)
        SELECT value ->> 'extension', value ->> 'status', value ->> 'reason', value ->> 'since', value ->> 'next'
        FROM json_each(${JSON.stringify(rows)}) WHERE true
        ON CONFLICT (extension) DO UPDATE SET
          status = excluded.status, reason = excluded.reason, since = excluded.since, next = excluded.next`.execute(
        db,
      );
    });
  return {
    write,
    async retain(extensions) {
      await guarded(async () => {
        const known = await db.selectFrom('agent_statuses').select('extension').execute();
        const gone = known.map(({ extension }) => extension).filter((one) => !extensions.includes(one));
        for (const one of gone) await db.deleteFrom('agent_statuses').where('extension', '=', one).execute();
      });
    },
  };
}
