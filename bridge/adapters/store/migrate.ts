// OP3: Kysely's own Migrator is not transactional on SQLite (half a migration stays), so this runs each in BEGIN IMMEDIATE.
import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { Migration } from './migrations.ts';
import type { Schema } from './schema.ts';

function versionOf(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get();
  return Number(row?.['user_version'] ?? 0);
}

/**
 * Brings the store to the newest version and returns the names of what ran. A failing migration leaves the store
 * as it was before it; a store from a newer program is refused.
 */
export async function migrate(
  database: DatabaseSync,
  db: Kysely<Schema>,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const ran: string[] = [];
  if (versionOf(database) > migrations.length)
    throw new Error('the store was written by a newer version of the bridge');
  for (;;) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Read under the lock: another starting bridge may have been faster.
      const version = versionOf(database);
      const migration = migrations[version];
      if (!migration) {
        database.exec('ROLLBACK');
        return ran;
      }
      await migration.up(db);
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.exec('COMMIT');
      ran.push(migration.name);
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
