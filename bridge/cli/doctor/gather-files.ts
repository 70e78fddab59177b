// What lies on this machine: Asterisk's configuration folder, if it is named, and its tables.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../adapters/store/sqlite.ts';
import { isYes, parseConf, type ConfFile } from './conf-file.ts';
import { CONF_NAMES, type AorFacts, type EndpointFacts, type Facts, type TableFacts } from './facts.ts';

const BUSY_MS = 1_000;

function readFolderFile(folder: string, name: string): ConfFile | null {
  const include = (pattern: string): readonly string[] =>
    globSync(isAbsolute(pattern) ? pattern : join(folder, pattern))
      .sort()
      .map((file) => readFileSync(file, 'utf8'));
  const file = join(folder, name);
  return existsSync(file) ? parseConf(readFileSync(file, 'utf8'), include) : [];
}

/** `folder` is Asterisk's own (`astetcdir`). A file that may not be read is null. */
export function readFolder(folder: string): Facts['conf'] {
  return Object.fromEntries(
    CONF_NAMES.map((name) => {
      try {
        return [name, readFolderFile(folder, name)];
      } catch {
        return [name, null];
      }
    }),
  );
}

type Row = Readonly<Record<string, unknown>>;
const word = (row: Row, column: string): string => {
  const value = row[column];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};
const words = (row: Row, column: string): readonly string[] =>
  word(row, column)
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function endpointOf(row: Row): EndpointFacts {
  return {
    id: word(row, 'id'),
    auths: words(row, 'auth'),
    aors: words(row, 'aors'),
    context: word(row, 'context') || 'default',
    webrtc: isYes(word(row, 'webrtc')),
    busyAt: Number(word(row, 'device_state_busy_at')),
  };
}

function aorOf(row: Row): AorFacts {
  return {
    id: word(row, 'id'),
    qualifyFrequencyS: Number(word(row, 'qualify_frequency')),
    maxContacts: Number(word(row, 'max_contacts')),
    removeExisting: isYes(word(row, 'remove_existing')),
    removeUnavailable: isYes(word(row, 'remove_unavailable')),
  };
}

function readTablesOf(database: DatabaseSync): TableFacts {
  const names = ['ps_endpoints', 'ps_auths', 'ps_aors', 'ps_contacts'];
  const columns = Object.fromEntries(
    names.map((table) => [
      table,
      database
        .prepare('SELECT name FROM pragma_table_info(?)')
        .all(table)
        .map((row) => word(row, 'name')),
    ]),
  );
  const rows = (table: string, what: string): readonly Row[] =>
    columns[table]?.length ? database.prepare(`SELECT ${what} FROM ${table}`).all() : [];
  return {
    kind: 'read',
    columns,
    endpoints: rows('ps_endpoints', '*').map(endpointOf),
    aors: rows('ps_aors', '*').map(aorOf),
    auths: rows('ps_auths', 'id').map((row) => word(row, 'id')),
  };
}

/** Reads only, single statements: a lock held there would stop the phones (OP4). */
export function readTables(file: string | null): TableFacts {
  if (file === null) return { kind: 'not-configured' };
  if (!existsSync(file)) return { kind: 'failed', words: `there is no file ${file}` };
  try {
    const database = openSqlite({ file, busyTimeoutMs: BUSY_MS, synchronous: 'NORMAL', readOnly: true });
    try {
      return readTablesOf(database);
    } finally {
      database.close();
    }
  } catch (error) {
    return { kind: 'failed', words: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
