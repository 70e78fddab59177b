// The store on real SQLite files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CATALOGUE } from '../../../domain/status/catalogue.ts';
import type { LogEntry } from '../../../domain/status/log.ts';
import { makeChoice, makeStep, T0 } from '../../../domain/testing/build.ts';
import { root, rows, useStoreFiles } from '../../testing/store-bench.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { openShared, openStore } from './open.ts';
import type { Schema } from './schema.ts';
import { kyselyOver, openSqlite } from './sqlite.ts';

const files = useStoreFiles();

describe('migrations', () => {
  const schemaOf = () => rows(files.file, 'SELECT name, sql FROM sqlite_schema ORDER BY name');
  const versionOf = () => rows(files.file, 'PRAGMA user_version')[0]?.['user_version'];
  async function run(migrations: readonly Migration[]) {
    const database = openSqlite({ file: files.file, busyTimeoutMs: 100, synchronous: 'FULL' });
    try {
      return await migrate(database, kyselyOver<Schema>(database), migrations);
    } finally {
      database.close();
    }
  }
  const second = (fails: boolean): Migration => ({
    name: '0002 notes',
    async up(db) {
      await db.schema.createTable('notes').addColumn('text', 'text').execute();
      await db.schema.alterTable('users').addColumn('note', 'text').execute();
      if (fails) throw new Error('power cut');
    },
  });

  it('[OP3] a failing one leaves version and schema as they were, and runs whole once it is right', async () => {
    expect(await run(MIGRATIONS)).toEqual(MIGRATIONS.map(({ name }) => name));
    const before = [schemaOf(), versionOf()];
    await expect(run([...MIGRATIONS, second(true)])).rejects.toThrow('power cut');
    expect([schemaOf(), versionOf()]).toEqual(before);
    expect(await run([...MIGRATIONS, second(false)])).toEqual(['0002 notes']);
    expect([versionOf(), rows(files.file, 'SELECT * FROM notes')]).toEqual([MIGRATIONS.length + 1, []]);
    expect(await run([...MIGRATIONS, second(false)])).toEqual([]);
  });

  it('[OP3] the first of all failing leaves an empty store', async () => {
    await expect(run([second(true)])).rejects.toThrow();
    expect([schemaOf(), versionOf()]).toEqual([[], 0]);
  });

  it('[OP3] a store written by a newer program is refused, untouched, and its lock is free again', async () => {
    files.close(await files.open());
    const database = new DatabaseSync(files.file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openStore(files)).rejects.toThrow('newer version');
    await expect(openStore(files)).rejects.toThrow('newer version');
  });
});

describe('one bridge per store', () => {
  it('[OP4] a second one is refused while the first runs; commands beside it are not', async () => {
    const first = await files.open();
    await expect(openStore(files)).rejects.toThrow('another bridge runs on this store');
    const beside = await openShared(files);
    expect(await beside.people.all()).toEqual([]);
    beside.close();
    files.close(first);
    await files.open();
  });

  it('[PS1] [OP4] what was acknowledged outlives kill -9, and so does nothing of the lock', async () => {
    const writer = spawn(process.execPath, ['bridge/testing/log-writer.ts', files.file, files.pbxFile], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    const enough = new Promise<void>((done) => {
      writer.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.split('\n').length > 100) done();
      });
    });
    const gone = once(writer, 'exit');
    const closed = once(writer.stdout, 'close');
    await Promise.race([enough, gone]);
    await expect(openStore(files)).rejects.toThrow('another bridge runs on this store');
    writer.kill('SIGKILL');
    await Promise.all([gone, closed]);
    // The last line may have been cut short by the kill.
    const promised = said.split('\n').slice(1, -1).map(Number);
    const store = await files.open();
    const log = await store.log.load();
    expect(promised.length).toBeGreaterThan(90);
    expect(log.map(({ sequence }) => sequence).slice(0, promised.length)).toEqual(promised);
    expect(log.length - promised.length).toBeLessThanOrEqual(1_000);
    expect(store.durability).toEqual({ journal: 'wal', synchronous: 2 });
  });
});

describe('the log', () => {
  const base = {
    agent: '1001',
    cause: 'call',
    actor: 'asterisk',
    device: 'bridge',
    made: T0,
    received: T0 + 1,
  } as const;
  const ENTRIES: readonly LogEntry[] = [
    makeChoice({ reason: 'обед \u{1F600}', seen: 'x.1' }),
    makeStep({ follows: 's-desk.0000000001', reason: 'Missed call' }),
    { ...base, kind: 'registration', id: 'bridge.0000000002', sequence: 2, state: 'unknown' },
    { ...base, kind: 'call', id: 'bridge.0000000003', sequence: 3, call: '1700000000.1', phase: 'answered' },
    { ...base, kind: 'hold', id: 'bridge.0000000004', sequence: 4, queue: 'support', reason: null },
    { ...base, kind: 'hold', id: 'bridge.0000000005', sequence: 5, queue: 'support', reason: 'new' },
    { ...base, kind: 'gap', id: 'bridge.0000000006', sequence: 6, from: T0 - 60_000 },
  ];

  it('[ST11] keeps every kind of fact whole, over a restart too', async () => {
    const store = await files.open();
    expect([await store.log.lastRev(), await store.log.lastReceived()]).toEqual([0, 0]);
    for (const [index, entry] of ENTRIES.entries()) {
      expect(await store.log.append(entry)).toEqual({ rev: index + 1, added: true });
    }
    files.close(store);
    const again = await files.open();
    expect(again.migrated).toEqual([]);
    expect(await again.log.load()).toEqual(ENTRIES);
    expect([await again.log.lastRev(), await again.log.lastReceived()]).toEqual([7, T0 + 1]);
  });

  it('[PS5] an id that is there already changes nothing and gives the rev it has', async () => {
    const { log } = await files.open();
    await log.append(makeChoice());
    await log.append(makeChoice({ sequence: 2 }));
    expect(await log.append(makeChoice({ status: 'ONLINE', reason: 'other' }))).toEqual({
      rev: 1,
      added: false,
    });
    const twice = makeChoice({ sequence: 3 });
    const [first, second] = await Promise.all([log.append(twice), log.append(twice)]);
    expect([first.added, second]).toEqual([true, { ...first, added: false }]);
    expect([(await log.load()).length, await log.lastRev()]).toEqual([3, first.rev]);
  });

  it('[PS5] tells how far each device has counted, whatever came last', async () => {
    const { log } = await files.open();
    for (const sequence of [2, 10, 9]) await log.append(makeChoice({ sequence }));
    await log.append(makeChoice({ device: 's-desk2', sequence: 99 }));
    await log.append(makeChoice({ device: 's-deskx', sequence: 9_999_999_999 }));
    const last = await Promise.all(
      ['s-desk', 's-desk2', 's-deskx', 's-des', ''].map((one) => log.lastSequence(one)),
    );
    expect(last).toEqual([10, 99, 9_999_999_999, 0, 0]);
  });

  it('[OP2] a store that cannot be used says so with one code, and nothing is half there', async () => {
    const store = await files.open();
    const lock = new DatabaseSync(files.file);
    lock.exec('BEGIN IMMEDIATE');
    await expect(store.log.append(makeChoice())).rejects.toMatchObject({
      code: 'store-unavailable',
      retryable: true,
    });
    lock.exec('ROLLBACK');
    lock.close();
    expect(await store.log.append(makeChoice())).toEqual({ rev: 1, added: true });
  });
});

const ada = { extension: '1001', name: 'Ada Berg', role: 'agent', teams: ['support', 'night'] } as const;

describe('people and sessions', () => {
  it('[WR6] [OP5] people with their teams; the flags other programs read', async () => {
    const { accounts, people, sessions } = await files.open();
    await accounts.add({ ...ada, passwordHash: 'hash' }, T0);
    await accounts.add({ ...ada, extension: '1100', role: 'admin', teams: [], passwordHash: 'x' }, T0);
    const person = { ...ada, teams: ['night', 'support'] };
    expect(await people.all()).toEqual([person, { ...ada, extension: '1100', role: 'admin', teams: [] }]);
    expect(await accounts.find('1001')).toEqual({ person, passwordHash: 'hash' });
    expect([await accounts.find('9'), await accounts.countAdmins()]).toEqual([null, 1]);
    expect([await accounts.setRole('1001', 'admin'), await accounts.setRole('9', 'admin')]).toEqual([
      true,
      false,
    ]);
    expect([await accounts.setPassword('1001', 'h2'), await accounts.setPassword('9', 'x')]).toEqual([
      true,
      false,
    ]);
    await people.setRegistered('1001', true);
    await sessions.setOnline('1001', true);
    // OP5: the query as it stands.
    expect(
      rows(
        files.file,
        "SELECT username, extension, online, sipRegistered FROM users WHERE extension = '1001';",
      ),
    ).toEqual([{ username: '1001', extension: '1001', online: 1, sipregistered: 1 }]);
    await expect(accounts.add({ ...ada, passwordHash: 'hash' }, T0)).rejects.toThrow();
  });

  const session = { id: 's-a', extension: '1001', deviceLabel: 'Firefox', openedAt: T0 };
  const unseen = { lastSeenAt: null, absentMs: 0, ending: null, offlineEntry: null };

  it('[SE1] [SE6] a session from its opening to its end, with its chain of tokens', async () => {
    const store = await files.open();
    await store.accounts.add({ ...ada, passwordHash: 'hash' }, T0);
    const { sessions } = store;
    await sessions.open(session, 'first');
    await sessions.exchange('first', 'second', 's-a', T0 + 5);
    await sessions.exchange('first', 'second', 's-a', T0 + 9);
    expect(await sessions.refreshToken('first')).toEqual({
      ...{ session: 's-a', issuedAt: T0, replacedAt: T0 + 5, successor: 'second' },
    });
    expect(await sessions.refreshToken('second')).toEqual({
      ...{ session: 's-a', issuedAt: T0 + 5, replacedAt: null, successor: null },
    });
    expect([await sessions.refreshToken('third'), await sessions.allOpen()]).toEqual([
      null,
      [{ ...session, ...unseen }],
    ]);
    await sessions.close('s-a', { at: T0 + 10, why: 'signed out', offlineEntry: null });
    await sessions.close('s-a', { at: T0 + 99, why: 'orphan', offlineEntry: 'x' });
    expect([await sessions.allOpen(), await sessions.find('s-a'), await sessions.find('s-b')]).toEqual([
      [],
      { ...session, ...unseen, closedAt: T0 + 10, closedWhy: 'signed out' },
      null,
    ]);
  });

  it('[SE4] [SE5] what is known of a session outlives the bridge, and it can be opened again', async () => {
    const before = await files.open();
    await before.accounts.add({ ...ada, passwordHash: 'hash' }, T0);
    await before.sessions.open(session, 'first');
    await before.sessions.noteSeen([
      { id: 's-a', lastSeenAt: T0 + 1, absentMs: 60_000 },
      { id: 's-nobody', lastSeenAt: T0, absentMs: 0 },
    ]);
    await before.sessions.setEnding('s-a', { why: 'signed out by supervisor', by: '1100' });
    files.close(before);
    const { sessions } = await files.open();
    const seen = { ...session, ...unseen, lastSeenAt: T0 + 1, absentMs: 60_000 };
    expect(await sessions.allOpen()).toEqual([
      { ...seen, ending: { why: 'signed out by supervisor', by: '1100' } },
    ]);
    await sessions.close('s-a', { at: T0 + 1, why: 'orphan', offlineEntry: 'bridge.0000000007' });
    // Nothing is noted of a session that is over.
    await sessions.noteSeen([{ id: 's-a', lastSeenAt: T0 + 9, absentMs: 0 }]);
    const closed = { ...seen, offlineEntry: 'bridge.0000000007', closedAt: T0 + 1, closedWhy: 'orphan' };
    expect(await sessions.find('s-a')).toEqual(closed);
    expect(await sessions.reopen('s-a', T0 + 20)).toBe(true);
    const again = { ...session, ...unseen, lastSeenAt: T0 + 20 };
    expect(await sessions.allOpen()).toEqual([{ ...again, offlineEntry: 'bridge.0000000007' }]);
    await sessions.clearOfflineEntry('s-a');
    await sessions.seal('s-a', 'refresh token reused');
    expect(await sessions.allOpen()).toEqual([again]);
    await sessions.close('s-a', { at: T0 + 30, why: 'orphan', offlineEntry: null });
    await sessions.seal('s-a', 'refresh token reused');
    expect(await sessions.find('s-a')).toMatchObject({
      ...{ closedAt: T0 + 30, closedWhy: 'refresh token reused' },
    });
    expect([await sessions.reopen('s-a', T0 + 40), await sessions.allOpen()]).toEqual([false, []]);
  });

  it('[SE8] an orphan is sealed as of a sign-out told later, and everywhere only if it was opened by then', async () => {
    const { accounts, sessions } = await files.open();
    await accounts.add({ ...ada, passwordHash: 'hash' }, T0);
    for (const [id, openedAt] of [
      ['s-a', T0],
      ['s-b', T0 + 50],
    ] as const) {
      await sessions.open({ ...session, id, openedAt }, `first of ${id}`);
      await sessions.close(id, { at: openedAt + 10, why: 'orphan', offlineEntry: 'x' });
    }
    const closings = async () =>
      (await sessions.sessionTimes('1001', T0, T0 + 99)).sessions.map(({ why, closedAt }) => [why, closedAt]);
    await sessions.sealOrphans('1001', 'signed out everywhere', T0 + 49);
    await sessions.seal('s-a', 'signed out', T0 + 70);
    expect(await closings()).toEqual([
      ['signed out everywhere', T0 + 10],
      ['orphan', T0 + 60],
    ]);
    await sessions.seal('s-b', 'signed out', T0 + 70);
    expect(await closings()).toEqual([
      ['signed out everywhere', T0 + 10],
      ['signed out', T0 + 70],
    ]);
  });

  it('[SE6] durations and counts of an agent within a time; two devices at once count once', async () => {
    const { accounts, sessions } = await files.open();
    for (const extension of ['1001', '1002'])
      await accounts.add({ ...ada, extension, passwordHash: 'hash' }, T0);
    const HOUR = 3_600_000;
    const one = async (id: string, from: number, to: number | null, extension = '1001') => {
      await sessions.open({ id, extension, deviceLabel: id, openedAt: T0 + from * HOUR }, `token of ${id}`);
      const closing = { at: T0 + (to ?? 0) * HOUR, why: 'signed out', offlineEntry: null } as const;
      if (to !== null) await sessions.close(id, closing);
    };
    await one('yesterday', -9, -1);
    await one('night', -2, 1);
    await one('desk', 2, 6);
    await one('tablet', 4, 7);
    await one('inside', 4, 5);
    await one('evening', 22, null);
    await one('tomorrow', 24, null);
    await one('other', 2, 6, '1002');
    const times = await sessions.sessionTimes('1001', T0, T0 + 24 * HOUR);
    expect(times.sessions.map(({ id }) => id)).toEqual(['night', 'desk', 'inside', 'tablet', 'evening']);
    expect([times.sessions[0], times.sessions[4]]).toEqual([
      {
        ...{ id: 'night', deviceLabel: 'night', openedAt: T0 - 2 * HOUR },
        ...{ closedAt: T0 + HOUR, why: 'signed out' },
      },
      { id: 'evening', deviceLabel: 'evening', openedAt: T0 + 22 * HOUR, closedAt: null, why: null },
    ]);
    expect([times.signIns, times.signOuts, times.signedInMs / HOUR]).toEqual([4, 4, 1 + 5 + 2]);
    expect(await sessions.sessionTimes('1001', T0 - 99 * HOUR, T0 - 98 * HOUR)).toEqual({
      ...{ sessions: [], signIns: 0, signOuts: 0, signedInMs: 0 },
    });
  });

  it('[OP5] the flag `online` is put right from the sessions there are', async () => {
    const { accounts, sessions } = await files.open();
    for (const extension of ['1001', '1002'])
      await accounts.add({ ...ada, extension, passwordHash: 'hash' }, T0);
    await sessions.open(session, 'first');
    await sessions.setOnline('1002', true);
    await sessions.rewriteOnline();
    expect(rows(files.file, 'SELECT extension, online FROM users ORDER BY extension')).toEqual([
      { extension: '1001', online: 1 },
      { extension: '1002', online: 0 },
    ]);
  });

  it('[SE1] a session is opened with its token or not at all', async () => {
    const store = await files.open();
    await store.accounts.add({ ...ada, passwordHash: 'hash' }, T0);
    await store.sessions.open(session, 'same');
    await expect(store.sessions.open({ ...session, id: 's-b' }, 'same')).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    expect(await store.sessions.allOpen()).toEqual([{ ...session, ...unseen }]);
  });

  it('[ST8] [OP6] a new store has the catalogue; what it says of itself stays', async () => {
    const { settings } = await files.open();
    expect(await settings.reasons()).toEqual(DEFAULT_CATALOGUE);
    expect([await settings.meta('demo'), await settings.meta('store')]).toEqual([
      null,
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    await settings.setMeta('demo', '1');
    await settings.setMeta('demo', '0');
    expect(await settings.meta('demo')).toBe('0');
  });
});

describe('deadlines', () => {
  const deadline = { key: 'desk:1001', agent: '1001', kind: 'desk', dueMs: T0, follows: null };

  it('[ST7] stay over a restart; one of a key; removed only as they were', async () => {
    const before = await files.open();
    await before.deadlines.put({ ...deadline, dueMs: T0 + 9 });
    await before.deadlines.put({ ...deadline, key: 'desk:1002', follows: 's-desk.0000000001' });
    await before.deadlines.put({ ...deadline, dueMs: T0 + 5 });
    files.close(before);
    const { deadlines } = await files.open();
    const other = { ...deadline, key: 'desk:1002', follows: 's-desk.0000000001' };
    expect(await deadlines.all()).toEqual([other, { ...deadline, dueMs: T0 + 5 }]);
    await deadlines.remove('desk:1001', T0 + 9);
    await deadlines.remove('desk:1002', T0);
    expect(await deadlines.all()).toEqual([{ ...deadline, dueMs: T0 + 5 }]);
    await deadlines.remove('desk:1001');
    expect(await deadlines.all()).toEqual([]);
  });
});

describe('agent_statuses', () => {
  it('[OP5] one row for each agent, as written last; nobody else’s stays', async () => {
    const { statuses } = await files.open();
    const row = { extension: '1001', status: 'BREAK', reason: 'lunch', since: T0, next: null };
    await statuses.write([row, { ...row, extension: '1002' }]);
    await statuses.write([{ ...row, status: 'ON_CALL', reason: null, next: 'BREAK' }]);
    await statuses.retain(['1001', '1003']);
    expect(rows(files.file, 'SELECT * FROM agent_statuses')).toEqual([
      {
        ...{ extension: '1001', status: 'ON_CALL', reason: null, since: T0, next: 'BREAK' },
        ...{ calls_today: null, average_handle_time: null },
      },
    ]);
  });
});
