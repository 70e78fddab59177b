// The bridge's log as it lies on the disk, by SQL: only what is there after kill -9 counts as stored (PS1).
import { DatabaseSync } from 'node:sqlite';
import type { LogRow } from './oracle.ts';

/** Rows after that rev, in the order they were stored. */
export function readLog(file: string, afterRev = 0): readonly LogRow[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 2_000 });
  try {
    const rows = database.prepare('SELECT * FROM log WHERE rev > ? ORDER BY rev').all(afterRev);
    return rows.map((row) => ({ ...row }) as unknown as LogRow);
  } finally {
    database.close();
  }
}
