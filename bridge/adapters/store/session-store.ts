// SE1, SE6: sessions and their refresh tokens.
import type { Kysely } from 'kysely';
import type { SessionStore } from '../../sessions/ports.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export function createSessionStore(db: Kysely<Schema>): SessionStore {
  return {
    open: ({ id, extension, deviceLabel, openedAt }, hash) =>
      guarded(() =>
        db.transaction().execute(async (trx) => {
          await trx
            .insertInto('sessions')
            .values({
              id,
              extension,
              device_label: deviceLabel,
              opened_at: openedAt,
              closed_at: null,
              closed_why: null,
            })
            .execute();
          await trx
            .insertInto('refresh_tokens')
            .values({ hash, session: id, issued_at: openedAt, replaced_at: null, successor: null })
            .execute();
        }),
      ),
    close: (id, at, why) =>
      guarded(async () => {
        await db
          .updateTable('sessions')
          .set({ closed_at: at, closed_why: why })
          .where('id', '=', id)
          .where('closed_at', 'is', null)
          .execute();
      }),
    allOpen: () =>
      guarded(async () => {
        const rows = await db.selectFrom('sessions').selectAll().where('closed_at', 'is', null).execute();
        return rows.map((row) => ({
          id: row.id,
          extension: row.extension,
          deviceLabel: row.device_label,
          openedAt: row.opened_at,
        }));
      }),
    refreshToken: (hash) =>
      guarded(async () => {
        const row = await db
          .selectFrom('refresh_tokens')
          .selectAll()
          .where('hash', '=', hash)
          .executeTakeFirst();
        if (!row) return null;
        const { session, issued_at: issuedAt, replaced_at: replacedAt, successor } = row;
        return { session, issuedAt, replacedAt, successor };
      }),
    exchange: (hash, successor, session, at) =>
      guarded(() =>
        db.transaction().execute(async (trx) => {
          await trx
            .insertInto('refresh_tokens')
            .values({ hash: successor, session, issued_at: at, replaced_at: null, successor: null })
            .onConflict((conflict) => conflict.column('hash').doNothing())
            .execute();
          await trx
            .updateTable('refresh_tokens')
            .set({ replaced_at: at, successor })
            .where('hash', '=', hash)
            .where('replaced_at', 'is', null)
            .execute();
        }),
      ),
    setOnline: (extension, online) =>
      guarded(async () => {
        await db
          .updateTable('users')
          .set({ online: online ? 1 : 0 })
          .where('extension', '=', extension)
          .execute();
      }),
  };
}
