// OP3: the store's migrations, in order; each runs once, whole or not at all.
import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import { DEFAULT_CATALOGUE } from '../../../domain/status/catalogue.ts';
import type { Schema } from './schema.ts';

export interface Migration {
  readonly name: string;
  up(db: Transaction<Schema> | Kysely<Schema>): Promise<void>;
}

async function createPeople(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('users')
    .addColumn('extension', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('online', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('sipregistered', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('user_teams')
    .addColumn('extension', 'text', (column) =>
      column.notNull().references('users.extension').onDelete('cascade'),
    )
    .addColumn('team', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('user_teams_key', ['extension', 'team'])
    .execute();
}

async function createLog(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('log')
    .addColumn('rev', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('made', 'bigint', (column) => column.notNull())
    .addColumn('received', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text')
    .addColumn('reason', 'text')
    .addColumn('seen', 'text')
    .addColumn('follows', 'text')
    .addColumn('state', 'text')
    .addColumn('subject', 'text')
    .addColumn('gap_from', 'bigint')
    .execute();
}

async function createSessions(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('extension', 'text', (column) =>
      column.notNull().references('users.extension').onDelete('cascade'),
    )
    .addColumn('device_label', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('closed_why', 'text')
    .execute();
  await db.schema.createIndex('sessions_open').on('sessions').columns(['extension', 'closed_at']).execute();
  await db.schema
    .createTable('refresh_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('session', 'text', (column) => column.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('replaced_at', 'bigint')
    .addColumn('successor', 'text')
    .execute();
  await db.schema.createIndex('refresh_tokens_session').on('refresh_tokens').columns(['session']).execute();
}

async function createReasons(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('reasons')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('name_en', 'text', (column) => column.notNull())
    .addColumn('name_ru', 'text', (column) => column.notNull())
    .addColumn('colour', 'text')
    .addColumn('limit_ms', 'bigint')
    .addColumn('position', 'integer', (column) => column.notNull())
    .execute();
  const rows = DEFAULT_CATALOGUE.map(({ id, status, name, colour, limitMs }, position) => {
    return { id, status, name_en: name.en, name_ru: name.ru, colour, limit_ms: limitMs, position };
  });
  await db.insertInto('reasons').values(rows).execute();
}

/** SE4-SE6: when a session was last seen, for how long nobody saw it, and an ending that waits for a call. */
async function addSessionTruth(db: Kysely<Schema>): Promise<void> {
  for (const name of ['ending_why', 'ending_by', 'offline_entry'] as const)
    await db.schema.alterTable('sessions').addColumn(name, 'text').execute();
  await db.schema.alterTable('sessions').addColumn('last_seen', 'bigint').execute();
  await db.schema
    .alterTable('sessions')
    .addColumn('absent_ms', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // Whether they were seen was not written down; they count as seen once.
  await sql`UPDATE sessions SET last_seen = coalesce(closed_at, opened_at)`.execute(db);
  await db.schema.createIndex('sessions_times').on('sessions').columns(['extension', 'opened_at']).execute();
}

async function createDeadlines(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('deadlines')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('due', 'bigint', (column) => column.notNull())
    .addColumn('follows', 'text')
    .execute();
}

/** OP5: for other programs to read; the bridge writes it anew at each start. */
async function createAgentStatuses(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('agent_statuses')
    .addColumn('extension', 'text', (column) => column.primaryKey())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('since', 'bigint')
    .addColumn('next', 'text')
    .addColumn('calls_today', 'integer')
    .addColumn('average_handle_time', 'integer')
    .execute();
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001 people, log, sessions, reasons',
    async up(db) {
      await createPeople(db);
      await createLog(db);
      await createSessions(db);
      await createReasons(db);
      // A store knows itself: revs of another store mean nothing (WR1).
      await sql`INSERT INTO meta (key, value) VALUES ('store', lower(hex(randomblob(8))))`.execute(db);
    },
  },
  {
    name: '0002 uncertain choices',
    async up(db) {
      await db.schema
        .alterTable('log')
        .addColumn('uncertain', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
  {
    name: '0003 the truth of sessions, deadlines, agent_statuses',
    async up(db) {
      await addSessionTruth(db);
      await createDeadlines(db);
      await createAgentStatuses(db);
    },
  },
];
