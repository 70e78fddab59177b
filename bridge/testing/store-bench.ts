// A store on real SQLite files in a folder of its own, one per test.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach } from 'vitest';
import { openStore, type Store } from '../adapters/store/open.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface StoreBench {
  /** Of the test that runs now. */
  readonly file: string;
  readonly pbxFile: string;
  /** As the bridge does; closed with the test. */
  open(): Promise<Store>;
  close(store: Store): void;
}

/** To be called once in a test file: makes and removes the files around each test. */
export function useStoreFiles(): StoreBench {
  const opened = new Set<Store>();
  let folder = '';
  const bench: StoreBench = {
    get file() {
      return join(folder, 'bridge.sqlite');
    },
    get pbxFile() {
      return join(folder, 'asterisk.sqlite');
    },
    async open() {
      const store = await openStore(bench);
      opened.add(store);
      return store;
    },
    close(store) {
      opened.delete(store);
      store.close();
    },
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    const pbx = new DatabaseSync(bench.pbxFile);
    pbx.exec(readFileSync(join(root, 'asterisk/reference/schema.sqlite.sql'), 'utf8'));
    pbx.close();
  });
  afterEach(() => {
    for (const store of opened) bench.close(store);
    rmSync(folder, { recursive: true });
  });
  return bench;
}

/** Rows of a query on one of the files, seen by a reader of its own. */
export function rows(file: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
