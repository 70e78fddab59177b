// Asterisk's own SQLite file. It must exist, in WAL mode, before Asterisk opens it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { referenceDir } from './render.ts';

/** Creates the file and its tables; what is there stays as it is. */
export function createDatabase(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(readFileSync(join(referenceDir, 'schema.sqlite.sql'), 'utf8'));
  } finally {
    db.close();
  }
}
