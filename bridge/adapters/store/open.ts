// OP4: our file with Asterisk's attached for reading by people, and Asterisk's own through a connection of its own.
import { DatabaseSync } from 'node:sqlite';
import type { DeadlineStore } from '../../deadlines/ports.ts';
import type { AgentStatusRows } from '../../roster/agent-statuses.ts';
import type { LogStore, PeopleStore } from '../../roster/ports.ts';
import type { AccountStore, SessionStore } from '../../sessions/ports.ts';
import { createAgentStatusRows } from './agent-statuses.ts';
import { createDeadlineStore } from './deadline-store.ts';
import { createLogStore } from './log-store.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { createPbxTables, type PbxSchema, type PbxTables } from './pbx-tables.ts';
import { createAccountStore, createPeopleStore } from './people-store.ts';
import type { Schema } from './schema.ts';
import { createSessionStore } from './session-store.ts';
import { createSettingsStore, type SettingsStore } from './settings-store.ts';
import { kyselyOver, openSqlite } from './sqlite.ts';

export interface Store {
  readonly log: LogStore;
  readonly people: PeopleStore;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly deadlines: DeadlineStore;
  readonly statuses: AgentStatusRows;
  readonly settings: SettingsStore;
  readonly pbx: PbxTables;
  /** Migrations that ran now. */
  readonly migrated: readonly string[];
  /** PS1: both tell that a commit is on the disk when it returns; the bench refuses to run without. */
  readonly durability: { readonly journal: string; readonly synchronous: number };
  close(): void;
}

export interface StoreFiles {
  readonly file: string;
  readonly pbxFile: string;
}

/** ms a write of ours may wait in our own file (nobody else writes there but `npm run user`). */
const OWN_BUSY_MS = 2_000;
/** ms in Asterisk's file: it holds its lock for single statements only. */
const PBX_BUSY_MS = 1_000;

/**
 * OP4: a second bridge on one store refuses to start. The lock is SQLite's own on a file beside the store, so it is
 * gone with the process however that ends.
 */
function lockStore(file: string): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error('another bridge runs on this store', { cause });
  }
}

/** For the bridge: exclusive. Throws when another bridge has it, or a migration fails. */
export async function openStore(files: StoreFiles): Promise<Store> {
  const lock = lockStore(files.file);
  try {
    const store = await openShared(files);
    return {
      ...store,
      close() {
        store.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** For commands beside a running bridge (`npm run user`). */
export async function openShared({ file, pbxFile }: StoreFiles): Promise<Store> {
  const database = openSqlite({ file, busyTimeoutMs: OWN_BUSY_MS, synchronous: 'FULL' });
  const db = kyselyOver<Schema>(database);
  const migrated = await migrate(database, db, MIGRATIONS);
  const pbxDatabase = openSqlite({ file: pbxFile, busyTimeoutMs: PBX_BUSY_MS, synchronous: 'NORMAL' });
  const journal = database.prepare('PRAGMA journal_mode').get()?.['journal_mode'];
  const synchronous = database.prepare('PRAGMA synchronous').get()?.['synchronous'];
  return {
    log: createLogStore(db),
    people: createPeopleStore(db),
    accounts: createAccountStore(db),
    sessions: createSessionStore(db),
    deadlines: createDeadlineStore(db),
    statuses: createAgentStatusRows(db),
    settings: createSettingsStore(db),
    pbx: createPbxTables(kyselyOver<PbxSchema>(pbxDatabase)),
    migrated,
    durability: { journal: String(journal), synchronous: Number(synchronous) },
    close() {
      database.close();
      pbxDatabase.close();
    },
  };
}
