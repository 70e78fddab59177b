// OP4: the tables Asterisk reads through ODBC. Only single statements: a lock held here stops the phones.
import { sql, type Kysely } from 'kysely';
import type { MemberRows } from '../../reconcile/pause-rows.ts';
import type { SipAccounts } from '../../sessions/ports.ts';
import type { ContactRow as Contact } from '../../sweep/ports.ts';
import { guarded } from './log-store.ts';

interface EndpointRow {
  id: string;
  auth: string;
}
interface AuthRow {
  id: string;
  auth_type: string;
  username: string;
  md5_cred: string;
  realm: string | null;
}
interface ContactRow {
  id: string;
  uri: string;
  endpoint: string;
  expiration_time: number;
  status: string | null;
}
export interface PbxSchema {
  ps_endpoints: EndpointRow & Record<string, string | number | null>;
  ps_auths: AuthRow;
  ps_aors: { id: string } & Record<string, string | number | null>;
  ps_contacts: ContactRow;
}

/** Rows that make an extension known to Asterisk; `none` is a credential that nobody was ever told. */
export interface ProvisionRows {
  readonly endpoint: Readonly<Record<string, string | number>>;
  readonly aor: Readonly<Record<string, string | number>>;
  readonly noAuth: Readonly<Record<string, string | number>>;
}

export interface PbxTables extends SipAccounts, MemberRows {
  /** Adds the extension, or brings its rows up to date; secrets of open sessions stay. */
  provision(rows: ProvisionRows): Promise<void>;
  /** RG6: what the contact's reachability is, beside Asterisk's own columns. */
  markContact(extension: string, uri: string, status: 'Reachable' | 'Unreachable' | 'Expired'): Promise<void>;
  /** RG2: every contact Asterisk has written, in its own words. */
  contactRows(): Promise<readonly Contact[]>;
}

const authId = (extension: string, session: string): string => `${extension}-${session}`;

/** Any time in the past will do: Asterisk compares with its own clock, in seconds. */
const EXPIRED = { expiration_time: 1, status: 'Expired' };

/** Asterisk's ODBC writer encodes `;` in values as `^3B` (measured; docs/adr/0002). */
const asStored = (text: string): string => text.replaceAll('^', '^5E').replaceAll(';', '^3B');
/** The way back, as Asterisk reads it: `^` and two hex digits are one character. */
const asWritten = (text: string): string =>
  text.replace(/\^([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/**
 * The endpoint accepts every secret of its extension that is there now, but for `leaving`, and never none at all: an
 * empty list is an open door. A listed id without its row would refuse all of the extension's phones (measured), so
 * a secret's row is there before it is listed and until after it is not.
 */
const relist = (db: Kysely<PbxSchema>, extension: string, leaving = '') => {
  const [prefix, none] = [`${extension}-s-`, `${extension}-none`];
  return sql`
    UPDATE ps_endpoints SET auth = COALESCE(
      (SELECT group_concat(id, ',') FROM ps_auths
        WHERE id NOT IN (${leaving}, ${none}) AND (substr(id, 1, ${prefix.length}) = ${prefix}
          OR (instr(',' || replace(ps_endpoints.auth, ' ', '') || ',', ',' || id || ',') > 0
            AND id NOT LIKE '%-s-%'))),
      ${none})
    WHERE id = ${extension}`.execute(db);
};

async function revoke(db: Kysely<PbxSchema>, extension: string, id: string): Promise<void> {
  await relist(db, extension, id);
  await db.deleteFrom('ps_auths').where('id', '=', id).execute();
}

async function upsert(
  db: Kysely<PbxSchema>,
  table: keyof PbxSchema,
  row: Readonly<Record<string, string | number>>,
  kept: readonly string[] = [],
) {
  const columns = Object.keys(row).map((name) => sql.ref(name));
  const changing = Object.keys(row).filter((name) => !kept.includes(name));
  const updates = changing.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`);
  await sql`
    INSERT INTO ${sql.table(table)} (${sql.join(columns)}) VALUES (${sql.join(Object.values(row))})
    ON CONFLICT (id) DO UPDATE SET ${sql.join(updates)}`.execute(db);
}

type Contacts = Pick<PbxTables, 'expireContacts' | 'expireContact' | 'markContact' | 'contactRows'>;

function contactTables(db: Kysely<PbxSchema>): Contacts {
  return {
    expireContacts: (extension, session) =>
      guarded(async () => {
        await db
          .updateTable('ps_contacts')
          .set(EXPIRED)
          .where('endpoint', '=', extension)
          .where('uri', 'like', `sip:${session}@%`)
          .execute();
      }),
    expireContact: (extension, uri) =>
      guarded(async () => {
        await db
          .updateTable('ps_contacts')
          .set(EXPIRED)
          .where('endpoint', '=', extension)
          .where('uri', '=', asStored(uri))
          .execute();
      }),
    markContact: (extension, uri, status) =>
      guarded(async () => {
        await db
          .updateTable('ps_contacts')
          .set({ status })
          .where('endpoint', '=', extension)
          .where('uri', '=', asStored(uri))
          .execute();
      }),
    contactRows: () =>
      guarded(async () => {
        const rows = await db
          .selectFrom('ps_contacts')
          .select(['endpoint', 'uri', 'expiration_time', 'status'])
          // A contact without them is nobody's.
          .where('endpoint', 'is not', null)
          .where('uri', 'is not', null)
          .orderBy('id')
          .execute();
        return rows.map(({ endpoint, uri, expiration_time: expirationTime, status }) => ({
          ...{ endpoint: asWritten(endpoint), uri: asWritten(uri), status },
          // PostgreSQL hands a bigint over as text.
          expirationTime: Number(expirationTime),
        }));
      }),
  };
}

export function createPbxTables(db: Kysely<PbxSchema>): PbxTables {
  return {
    ...contactTables(db),
    provision: (rows) =>
      guarded(async () => {
        await upsert(db, 'ps_auths', rows.noAuth);
        await upsert(db, 'ps_aors', rows.aor);
        // The list of secrets of an endpoint that is there stays as it is: its phones go on registering.
        await upsert(db, 'ps_endpoints', rows.endpoint, ['auth']);
        await relist(db, String(rows.endpoint['id']));
      }),
    grant: (extension, session, { username, ha1 }) =>
      guarded(async () => {
        await upsert(db, 'ps_auths', {
          ...{ id: authId(extension, session), auth_type: 'md5', username, md5_cred: ha1 },
        });
        await relist(db, extension);
      }),
    find: (extension, session) =>
      guarded(async () => {
        const row = await db
          .selectFrom('ps_auths')
          .select(['username', 'md5_cred'])
          .where('id', '=', authId(extension, session))
          .executeTakeFirst();
        return row ? { username: row.username, ha1: row.md5_cred } : null;
      }),
    revoke: (extension, session) =>
      guarded(async () => {
        await revoke(db, extension, authId(extension, session));
      }),
    retain: (open) =>
      guarded(async () => {
        const keep = new Set(open.map(({ extension, id }) => authId(extension, id)));
        const rows = await db.selectFrom('ps_auths').select('id').where('id', 'like', '%-s-%').execute();
        const gone = rows.map((row) => row.id).filter((id) => !keep.has(id));
        for (const id of gone) await revoke(db, id.slice(0, id.indexOf('-s-')), id);
      }),
    pauseMembers: (stateInterface, reason) =>
      guarded(async () => {
        await sql`
          UPDATE queue_members SET paused = 1, reason_paused = ${reason}
          WHERE coalesce(nullif(state_interface, ''), interface) = ${stateInterface} AND paused <> 1`.execute(
          db,
        );
      }),
  };
}
