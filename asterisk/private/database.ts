// Asterisk's own SQLite file. It must exist, in WAL mode, before Asterisk opens it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memberRow, type QueuePlan } from './members.ts';
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

/** Writes the planned members' rows; a row that is there keeps its pause. */
export function seedMembers(file: string, queues: readonly QueuePlan[]): void {
  const rows = queues.flatMap(({ name, realtime = [] }) => realtime.map((member) => memberRow(name, member)));
  if (rows.length === 0) return;
  const db = new DatabaseSync(file);
  try {
    for (const row of rows) {
      const marks = Object.keys(row).map((column) => `:${column}`);
      db.prepare(
        `INSERT OR IGNORE INTO queue_members (${Object.keys(row).join(', ')}) VALUES (${marks.join(', ')})`,
      ).run(row);
    }
  } finally {
    db.close();
  }
}
