// ST7: deadlines in the store.
import type { Kysely } from 'kysely';
import type { DeadlineStore } from '../../deadlines/ports.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export function createDeadlineStore(db: Kysely<Schema>): DeadlineStore {
  return {
    all: () =>
      guarded(async () => {
        const rows = await db.selectFrom('deadlines').selectAll().orderBy('due').orderBy('id').execute();
        return rows.map(({ id: key, due: dueMs, agent, kind, follows }) => {
          return { key, agent, kind, dueMs, follows };
        });
      }),
    put: ({ key: id, dueMs: due, agent, kind, follows }) =>
      guarded(async () => {
        const row = { agent, kind, due, follows };
        await db
          .insertInto('deadlines')
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      }),
    remove: (key, dueMs) =>
      guarded(async () => {
        const one = db.deleteFrom('deadlines').where('id', '=', key);
        await (dueMs === undefined ? one : one.where('due', '=', dueMs)).execute();
      }),
  };
}
