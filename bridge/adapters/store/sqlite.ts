// OP4: SQLite through Node's own binding (docs/adr/0005), dressed as what Kysely's SQLite dialect expects.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';

export interface SqliteOptions {
  readonly file: string;
  /** ms a statement waits for another writer before it fails. */
  readonly busyTimeoutMs: number;
  /** `FULL`: a commit is on the disk when it returns (PS1). */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly readOnly?: boolean;
}

type Bindable = null | number | bigint | string | Uint8Array;

function bindable(value: unknown): Bindable {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  return value as Bindable;
}

function dress(statement: StatementSync) {
  return {
    // Only statements that give rows have columns.
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]): unknown[] => statement.all(...parameters.map(bindable)),
    run: (parameters: readonly unknown[]) => statement.run(...parameters.map(bindable)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...parameters.map(bindable)),
  };
}

export function openSqlite(options: SqliteOptions): DatabaseSync {
  const database = new DatabaseSync(options.file, {
    timeout: options.busyTimeoutMs,
    enableForeignKeyConstraints: true,
    readOnly: options.readOnly ?? false,
  });
  if (!options.readOnly) {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${options.synchronous}`);
  }
  return database;
}

/** A Kysely over an open database; statements are prepared once each. */
export function kyselyOver<Schema>(database: DatabaseSync): Kysely<Schema> {
  const prepared = new Map<string, ReturnType<typeof dress>>();
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare(sql) {
          const known = prepared.get(sql);
          if (known) return known;
          const statement = dress(database.prepare(sql));
          prepared.set(sql, statement);
          return statement;
        },
      },
    }),
  });
}
