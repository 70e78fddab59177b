// OP5: `agent_statuses`, for other programs to read.
import type { Kysely } from 'kysely';
import type { AgentStatusRows } from '../../roster/agent-statuses.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export function createAgentStatusRows(db: Kysely<Schema>): AgentStatusRows {
  const write: AgentStatusRows['write'] = (rows) =>
    guarded(() =>
      db.transaction().execute(async (trx) => {
        for (const { extension, ...status } of rows) {
          await trx
            .insertInto('agent_statuses')
            .values({ extension, ...status, calls_today: null, average_handle_time: null })
            .onConflict((conflict) => conflict.column('extension').doUpdateSet(status))
            .execute();
        }
      }),
    );
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
