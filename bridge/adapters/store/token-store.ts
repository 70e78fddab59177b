// SE1: the chains of refresh tokens in the store.
import type { Kysely } from 'kysely';
import type { SessionStore } from '../../sessions/ports.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export function createTokenStore(db: Kysely<Schema>): Pick<SessionStore, 'refreshToken' | 'exchange'> {
  return {
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
  };
}
