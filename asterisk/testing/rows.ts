// What the bridge does with Asterisk's database, for tests: one endpoint, one secret per session.
import { DatabaseSync } from 'node:sqlite';
import { endpointRows } from '../reference/endpoint.ts';
import { randomName } from '../private/wait.ts';
import { ha1, type Credential } from './sip-message.ts';

type Row = Readonly<Record<string, string | number | null>>;

export interface Rows {
  put(table: string, row: Row): void;
  all(sql: string, ...values: (string | number)[]): Record<string, unknown>[];
  run(sql: string, ...values: (string | number)[]): void;
  provision(extension: string): void;
  /** A secret for one session, stored as its HA1 only; holds from the next REGISTER on. */
  openSession(extension: string, session: string, realm: string): Credential;
  revoke(extension: string, session: string): void;
  close(): void;
}

export function openRows(file: string): Rows {
  // Asterisk writes the same file: a lock is waited for, as the bridge does.
  const db = new DatabaseSync(file, { timeout: 5_000 });
  const run = (sql: string, ...values: (string | number | null)[]): void => {
    db.prepare(sql).run(...values);
  };
  const put = (table: string, row: Row): void => {
    const names = Object.keys(row);
    const marks = names.map(() => '?').join(', ');
    run(`INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${marks})`, ...Object.values(row));
  };
  /** Puts the extension's auths, but for `without`, into its list. An id without a row there refuses everyone. */
  const listAuths = (extension: string, without = ''): void => {
    const rows = db.prepare('SELECT id FROM ps_auths WHERE id LIKE ? ORDER BY id').all(`${extension}-%`);
    const ids = rows.map((row) => String(row['id'])).filter((id) => id !== without);
    run('UPDATE ps_endpoints SET auth = ? WHERE id = ?', ids.join(','), extension);
  };
  return {
    put,
    all: (sql, ...values) => db.prepare(sql).all(...values),
    run,
    provision(extension) {
      const { endpoint, aor, noAuth } = endpointRows(extension, `Agent ${extension}`, randomName(16));
      put('ps_auths', noAuth);
      put('ps_aors', aor);
      put('ps_endpoints', endpoint);
    },
    openSession(extension, session, realm) {
      const user = `${extension}-${session}`;
      const credential = { user, ha1: ha1(user, realm, randomName()) };
      put('ps_auths', { id: user, auth_type: 'md5', username: user, md5_cred: credential.ha1, realm });
      listAuths(extension);
      return credential;
    },
    revoke(extension, session) {
      const id = `${extension}-${session}`;
      listAuths(extension, id); // before the row goes, never after
      run('DELETE FROM ps_auths WHERE id = ?', id);
    },
    close: () => {
      db.close();
    },
  };
}
