// SE1, SE5, SE6: sessions in the store, each with all that is known of it.
import { sql, type Kysely, type Selectable } from 'kysely';
import type { ClosedSession, OpenSession, SessionStore, SessionTime } from '../../sessions/ports.ts';
import { timesWithin } from '../../sessions/times.ts';
import { guarded } from './log-store.ts';
import type { Schema, SessionsTable } from './schema.ts';
import { createTokenStore } from './token-store.ts';

type Row = Selectable<SessionsTable>;

function openOf(row: Row): OpenSession {
  const { id, extension, ending_why: why, ending_by: by } = row;
  return {
    ...{ id, extension, deviceLabel: row.device_label, openedAt: row.opened_at },
    ...{ lastSeenAt: row.last_seen, absentMs: row.absent_ms, offlineEntry: row.offline_entry },
    ending: why === null || by === null ? null : { why, by },
  };
}

const sessionOf = (row: Row): OpenSession | ClosedSession =>
  row.closed_at === null
    ? openOf(row)
    : { ...openOf(row), closedAt: row.closed_at, closedWhy: row.closed_why ?? 'expired' };

const timeOf = (row: Row): SessionTime => ({
  ...{ id: row.id, deviceLabel: row.device_label, openedAt: row.opened_at },
  ...{ closedAt: row.closed_at, why: row.closed_why },
});

const NO_ENDING = { ending_why: null, ending_by: null };

type Opening = Pick<SessionStore, 'open' | 'close' | 'reopen' | 'seal' | 'sealOrphans'>;

function createOpening(db: Kysely<Schema>): Opening {
  return {
    open: ({ id, extension, deviceLabel, openedAt }, hash) =>
      guarded(() =>
        db.transaction().execute(async (trx) => {
          await trx
            .insertInto('sessions')
            .values({
              ...{ id, extension, device_label: deviceLabel, opened_at: openedAt, closed_at: null },
              ...{ closed_why: null, last_seen: null, offline_entry: null, ...NO_ENDING },
            })
            .execute();
          await trx
            .insertInto('refresh_tokens')
            .values({ hash, session: id, issued_at: openedAt, replaced_at: null, successor: null })
            .execute();
        }),
      ),
    close: (id, { at, why, offlineEntry }) =>
      guarded(async () => {
        await db
          .updateTable('sessions')
          .set({ closed_at: at, closed_why: why, offline_entry: offlineEntry, ...NO_ENDING })
          .where('id', '=', id)
          .where('closed_at', 'is', null)
          .execute();
      }),
    reopen: (id, at) =>
      guarded(async () => {
        const { numUpdatedRows } = await db
          .updateTable('sessions')
          .set({ closed_at: null, closed_why: null, last_seen: at, absent_ms: 0 })
          .where('id', '=', id)
          .where('closed_why', '=', 'orphan')
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    seal: (id, why, at = 0) =>
      guarded(async () => {
        await db
          .updateTable('sessions')
          .set({ closed_why: why, offline_entry: null, closed_at: sql`max(closed_at, ${at})` })
          .where('id', '=', id)
          .where('closed_why', '=', 'orphan')
          .execute();
      }),
    sealOrphans: (extension, why, openedBy = Number.MAX_SAFE_INTEGER) =>
      guarded(async () => {
        await db
          .updateTable('sessions')
          .set({ closed_why: why, offline_entry: null })
          .where('extension', '=', extension)
          .where('opened_at', '<=', openedBy)
          .where('closed_why', '=', 'orphan')
          .execute();
      }),
  };
}

type Keeping = Pick<
  SessionStore,
  'setEnding' | 'noteSeen' | 'clearOfflineEntry' | 'setOnline' | 'rewriteOnline'
>;

function createKeeping(db: Kysely<Schema>): Keeping {
  return {
    setEnding: (id, ending) =>
      guarded(async () => {
        await db
          .updateTable('sessions')
          .set({ ending_why: ending?.why ?? null, ending_by: ending?.by ?? null })
          .where('id', '=', id)
          .execute();
      }),
    noteSeen: (seen) =>
      guarded(async () => {
        const rows = seen.map(({ id, lastSeenAt, absentMs }) => ({ id, lastSeenAt, absentMs }));
        // One statement for all: thousands of them would keep the sockets waiting.
        await sql`
          UPDATE sessions SET last_seen = value ->> 'lastSeenAt', absent_ms = value ->> 'absentMs'
          FROM json_each(${JSON.stringify(rows)})
          WHERE sessions.id = value ->> 'id' AND closed_at IS NULL`.execute(db);
      }),
    clearOfflineEntry: (id) =>
      guarded(async () => {
        await db.updateTable('sessions').set({ offline_entry: null }).where('id', '=', id).execute();
      }),
    setOnline: (extension, online) =>
      guarded(async () => {
        await db
          .updateTable('users')
          .set({ online: online ? 1 : 0 })
          .where('extension', '=', extension)
          .execute();
      }),
    rewriteOnline: () =>
      guarded(async () => {
        await sql`
          UPDATE users SET online = EXISTS (
            SELECT 1 FROM sessions WHERE sessions.extension = users.extension AND closed_at IS NULL
          )`.execute(db);
      }),
  };
}

export function createSessionStore(db: Kysely<Schema>): SessionStore {
  return {
    ...createTokenStore(db),
    ...createOpening(db),
    ...createKeeping(db),
    allOpen: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('sessions')
          .selectAll()
          .where('closed_at', 'is', null)
          .orderBy('opened_at')
          .orderBy('id')
          .execute();
        return rows.map(openOf);
      }),
    find: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
        return row ? sessionOf(row) : null;
      }),
    sessionTimes: (extension, from, to) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('sessions')
          .selectAll()
          .where('extension', '=', extension)
          .where('opened_at', '<', to)
          .where((row) => row.or([row('closed_at', 'is', null), row('closed_at', '>=', from)]))
          .orderBy('opened_at')
          .orderBy('id')
          .execute();
        return timesWithin(rows.map(timeOf), from, to);
      }),
  };
}
