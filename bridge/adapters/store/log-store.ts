// ST11: the log in the store.
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { LogEntry } from '../../../domain/status/log.ts';
import type { LogStore } from '../../roster/ports.ts';
import { StoreError } from '../../roster/ports.ts';
import type { LogTable, Schema } from './schema.ts';

type Row = Selectable<LogTable>;

const EMPTY = {
  status: null,
  reason: null,
  seen: null,
  follows: null,
  state: null,
  subject: null,
  gap_from: null,
};

function particulars(entry: LogEntry): Partial<Insertable<LogTable>> {
  switch (entry.kind) {
    case 'choice':
      return {
        ...{ status: entry.status, reason: entry.reason, seen: entry.seen },
        uncertain: entry.uncertain ? 1 : 0,
      };
    case 'step':
      return { status: entry.status, reason: entry.reason, follows: entry.follows };
    case 'registration':
      return { state: entry.state };
    case 'call':
      return { subject: entry.call, state: entry.phase };
    case 'hold':
      return { subject: entry.queue, reason: entry.reason };
    case 'gap':
      return { gap_from: entry.from };
  }
}

function rowOf(entry: LogEntry): Insertable<LogTable> {
  const { id, agent, kind, cause, actor, device, sequence, made, received } = entry;
  return {
    ...EMPTY,
    ...particulars(entry),
    ...{ id, agent, kind, cause, actor, device, sequence, made, received: received ?? made },
  };
}

function entryOf(row: Row): LogEntry {
  const { id, agent, cause, actor, device, sequence, made, received } = row;
  const base = { id, agent, cause, actor, device, sequence, made, received };
  switch (row.kind) {
    case 'choice':
      return {
        ...base,
        ...{ kind: 'choice', status: row.status ?? 'OFFLINE', reason: row.reason, seen: row.seen },
        uncertain: row.uncertain === 1,
      };
    case 'step':
      return {
        ...base,
        kind: 'step',
        status: row.status ?? 'OFFLINE',
        reason: row.reason,
        follows: row.follows,
      };
    case 'registration':
      return { ...base, kind: 'registration', state: row.state as 'registered' | 'unregistered' | 'unknown' };
    case 'call':
      return { ...base, kind: 'call', call: row.subject ?? '', phase: row.state as 'answered' | 'ended' };
    case 'hold':
      return { ...base, kind: 'hold', queue: row.subject ?? '', reason: row.reason };
    case 'gap':
      return { ...base, kind: 'gap', from: row.gap_from ?? made };
  }
}

/** Runs a query; whatever the driver throws becomes one error with a code. */
export async function guarded<Result>(query: () => Promise<Result>): Promise<Result> {
  try {
    return await query();
  } catch (error) {
    throw new StoreError(error);
  }
}

/** One statement, so one commit. */
const insert = (db: Kysely<Schema>, entries: readonly LogEntry[]) =>
  db
    .insertInto('log')
    .values(entries.map(rowOf))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(['id', 'rev'])
    .execute();

export function createLogStore(db: Kysely<Schema>): LogStore {
  return {
    append: (entry) =>
      guarded(async () => {
        const [inserted] = await insert(db, [entry]);
        if (inserted) return { rev: inserted.rev, added: true };
        const known = await db
          .selectFrom('log')
          .select('rev')
          .where('id', '=', entry.id)
          .executeTakeFirstOrThrow();
        return { rev: known.rev, added: false };
      }),
    appendAll: (entries) =>
      guarded(async () => {
        const inserted = entries.length === 0 ? [] : await insert(db, entries);
        return new Map(inserted.map(({ id, rev }) => [id, rev]));
      }),
    load: () =>
      guarded(async () => (await db.selectFrom('log').selectAll().orderBy('rev').execute()).map(entryOf)),
    // An id begins with its device and ends with the padded sequence: the unique index of ids answers this too.
    lastSequence: (device) =>
      guarded(async () => {
        const row = await db
          .selectFrom('log')
          .select('sequence')
          .where('id', '>=', `${device}.`)
          .where('id', '<', `${device}/`)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row?.sequence ?? 0;
      }),
    lastRev: () =>
      guarded(async () => {
        const row = await db
          .selectFrom('log')
          .select((expression) => expression.fn.max('rev').as('last'))
          .executeTakeFirst();
        return row?.last ?? 0;
      }),
    lastReceived: () =>
      guarded(async () => {
        const row = await db
          .selectFrom('log')
          .select((expression) => expression.fn.max('received').as('last'))
          .executeTakeFirst();
        return row?.last ?? 0;
      }),
  };
}
