// RG6, OP5: whatever happens to sessions, Asterisk's memory, its table, the board and the tables for others agree.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPhone } from '../../asterisk/testing/phone.ts';
import { query } from '../testkit/asterisk-truth.ts';
import type { DeskClient, DeskGrant } from '../testkit/desk-client.ts';
import { samePicture } from '../testkit/picture.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { openCentre, told, type CentreBench } from './bench.ts';

let bench: CentreBench;
beforeAll(async () => {
  bench = await openCentre(['1001', '1002', '1003', '1004', '1005', '1006']);
}, 240_000);
afterEach(() => bench.leave());
afterAll(() => bench.end());

const bearer = ({ accessToken }: DeskGrant) => ({ authorization: `Bearer ${accessToken}` });
const online = (grant: DeskGrant, extension: string, user = grant.session) =>
  bench.post(
    '/api/users/agent-online',
    { extension, contactUri: `sip:${user}@${user}.invalid;transport=ws` },
    bearer(grant),
  );
const logout = (grant: DeskGrant, extension: string, more: object = {}) =>
  bench.post('/api/users/agent-logout', { extension, ...more }, bearer(grant));

/** All three say the same, and that it is these. */
const shows = (supervisor: DeskClient, ...expected: readonly string[]) =>
  samePicture(bench.centre, supervisor, expected);
interface Seen {
  readonly extension: string;
  readonly detail?: { readonly devices: readonly { readonly id: string; readonly session: string | null }[] };
}
const healthy = () =>
  until(
    'health 200',
    // A connection kept from before the restart may be found closed.
    () =>
      fetch(`${bench.centre.url}/health`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    10_000,
  );

describe('one picture', () => {
  it('[RG6] [SE4] after a sign-in, of two devices, and after either is signed out', async () => {
    const supervisor = await bench.desk('1100');
    await shows(supervisor);
    const one = await bench.readyAgent('1001');
    await shows(supervisor, '1001 Reachable');
    const two = await bench.desk('1001');
    await bench.phone(two.grant);
    await shows(supervisor, '1001 Reachable', '1001 Reachable');
    supervisor.sendText(
      JSON.stringify({ type: 'device.signOut', id: 'x', agent: '1001', device: two.grant.session }),
    );
    expect(await two.closed).toBe(4004);
    const left = await shows(supervisor, '1001 Reachable');
    expect(left.length).toBe(1);
    await bench.shown('1001', '');
    expect((await logout(one.desk.grant, '1001')).status).toBe(200);
    await shows(supervisor);
  });

  it('[RG6] [SE4] after everything of an agent was signed out by force', async () => {
    const supervisor = await bench.desk('1100');
    await bench.readyAgent('1002');
    await bench.phone(await bench.signIn('1002'));
    await shows(supervisor, '1002 Reachable', '1002 Reachable');
    supervisor.sendText(JSON.stringify({ type: 'agent.signOut', id: 'x', agent: '1002' }));
    await shows(supervisor);
    await bench.shown('1002', 'offline');
    expect(bench.rows('pbx', "SELECT id FROM ps_auths WHERE id LIKE '1002-s-%'")).toEqual([]);
  });

  it('[RG6] [RG9] after a desk phone was signed out by its address', async () => {
    const supervisor = await bench.desk('1100');
    const { desk } = await bench.readyAgent('1002');
    const { username: user, ha1, url } = desk.grant.sip;
    const phone = await openPhone({
      url,
      extension: '1002',
      session: 'deskphone',
      credential: { user, ha1 },
    });
    expect(await phone.register()).toBe(200);
    await shows(supervisor, '1002 Reachable', '1002 Reachable');
    const views = supervisor.frames.flatMap((frame) => (frame['agents'] ?? []) as readonly Seen[]);
    const devices = views.findLast(({ extension }) => extension === '1002')?.detail?.devices ?? [];
    const device = devices.find(({ session }) => session === null)?.id;
    expect(device).toMatch(/^sip:deskphone@/);
    supervisor.sendText(JSON.stringify({ type: 'device.signOut', id: 'x', agent: '1002', device }));
    const [left] = await shows(supervisor, '1002 Reachable');
    expect(left).toMatch(/^1002 /);
    await bench.shown('1002', '');
    phone.destroy();
    await logout(desk.grant, '1002');
    await shows(supervisor);
  });

  it('[RG6] [OP2] after a restart of the bridge, and of Asterisk', async () => {
    const { desk, phone } = await bench.readyAgent('1003');
    await bench.centre.bridge.kill();
    await bench.centre.bridge.start();
    await healthy();
    const supervisor = await bench.desk('1100');
    await shows(supervisor, '1003 Reachable');
    await bench.centre.asterisk.kill();
    await bench.centre.asterisk.start();
    await healthy();
    await shows(supervisor);
    phone.destroySocket();
    await bench.phone(desk.grant);
    await shows(supervisor, '1003 Reachable');
    await logout(desk.grant, '1003');
    await shows(supervisor);
  });

  it('[RG6] [RG8] a session that ended while the bridge was away leaves neither secret nor contact', async () => {
    const { desk, phone } = await bench.readyAgent('1004');
    await bench.centre.bridge.kill();
    // As if it had been killed after the session was closed and before Asterisk was told.
    const database = bench.centre.files.bridge;
    const { DatabaseSync } = await import('node:sqlite');
    const file = new DatabaseSync(database);
    file
      .prepare("UPDATE sessions SET closed_at = opened_at, closed_why = 'signed out' WHERE id = ?")
      .run(desk.grant.session);
    file.close();
    await bench.centre.bridge.start();
    await healthy();
    const supervisor = await bench.desk('1100');
    await shows(supervisor);
    expect(await phone.register()).toBe(401);
    expect(query(bench.centre, "SELECT online FROM users WHERE extension = '1004'")).toMatchObject([
      { online: 0 },
    ]);
  });
});

describe('a contact by name', () => {
  it('[RG7] [SE2] is not registered before its REGISTER, and is after; asked twice it is the same', async () => {
    const grant = await bench.signIn('1005');
    const early = await online(grant, '1005');
    expect([early.status, await early.json()]).toEqual([409, { error: { code: 'not-registered' } }]);
    expect(query(bench.centre, "SELECT endpoint FROM pbx.ps_contacts WHERE endpoint = '1005'")).toEqual([]);
    const phone = await bench.phone(grant);
    for (let count = 0; count < 2; count += 1) {
      const response = await online(grant, '1005');
      expect([response.status, await response.json()]).toEqual([200, { registered: true }]);
    }
    expect(
      query(bench.centre, "SELECT status FROM pbx.ps_contacts WHERE endpoint = '1005'").map(
        (row) => row['status'],
      ),
    ).toEqual(['Reachable']);
    // Asked while the REGISTER is under way it waits for it.
    await phone.unregister();
    const [late] = await Promise.all([online(grant, '1005'), bench.phone(grant)]);
    expect(late.status).toBe(200);
  });

  it('[SE2] [WR6] is one’s own only', async () => {
    const grant = await bench.signIn('1005');
    expect((await online(grant, '1006')).status).toBe(403);
    expect((await logout(grant, '1006')).status).toBe(403);
    const other = await bench.signIn('1006');
    await bench.phone(other);
    expect((await online(grant, '1005', other.session)).status).toBe(409);
  });

  it('[SE2] [SE6] logs out once, and says for how long it was', async () => {
    const { desk } = await bench.readyAgent('1006');
    const answers = [];
    for (let count = 0; count < 2; count += 1) {
      const response = await logout(desk.grant, '1006', { everywhere: true });
      answers.push([response.status, await response.json()]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual([200, { signedOut: true, durationMs: expect.any(Number) as number }]);
    const [row] = query(
      bench.centre,
      `SELECT closed_at - opened_at AS ms FROM sessions WHERE id = '${desk.grant.session}'`,
    );
    expect(answers[0]?.[1]).toMatchObject({ durationMs: row?.['ms'] });
  });
});

describe('for other programs', () => {
  const contacts = "SELECT endpoint, status, expiration_time FROM ps_contacts WHERE endpoint = '1001';";
  const users = "SELECT username, extension, online, sipRegistered FROM users WHERE extension = '1001';";
  const status = () =>
    query(bench.centre, "SELECT * FROM agent_statuses WHERE extension = '1001'").map((row) => ({
      ...row,
    }))[0];

  it('[OP5] both queries as they stand, and agent_statuses, also right after a restart', async () => {
    const { desk, phone } = await bench.readyAgent('1001');
    await desk.setStatus('BREAK', 'lunch');
    await until('the row', () => status()?.['reason'] === 'lunch');
    expect(query(bench.centre, contacts)).toMatchObject([{ endpoint: '1001', status: 'Reachable' }]);
    expect(query(bench.centre, users)).toMatchObject([
      { username: '1001', extension: '1001', online: 1, sipregistered: 1 },
    ]);
    const before = status();
    expect(before).toEqual({
      ...{ extension: '1001', status: 'BREAK', reason: 'lunch', since: expect.any(Number) as number },
      ...{ next: null, calls_today: null, average_handle_time: null },
    });
    await bench.centre.bridge.kill();
    phone.destroySocket();
    await until('Asterisk knows it is gone', () => query(bench.centre, contacts).length === 0);
    await bench.centre.bridge.start();
    await until('the row', () => status()?.['reason'] === 'Auto: SIP not registered');
    expect(status()).toMatchObject({ status: 'OFFLINE' });
    expect(query(bench.centre, users)).toMatchObject([{ online: 1, sipregistered: 0 }]);
    await logout(desk.grant, '1001');
    expect(query(bench.centre, users)).toMatchObject([{ online: 0, sipregistered: 0 }]);
    await until('the row', () => status()?.['reason'] === null);
    expect(status()).toMatchObject({ status: 'OFFLINE', next: null });
  });
});

describe('a receipt', () => {
  it('[SE8] ends the session it was made for, with its outbox, and nothing more', async () => {
    const { desk, phone } = await bench.readyAgent('1002');
    const receipt = (desk.grant as DeskGrant & { readonly receipt: string }).receipt;
    const made = deviceTime();
    desk.close();
    const change = { sequence: 1, status: 'TRAINING', reason: 'new phones', made: made - 2_000, seen: null };
    const body = {
      ...{ receipt, device: 'd-0123456789abcdef', changes: [change] },
      signedOut: { made: made - 1_000, everywhere: false },
    };
    for (let count = 0; count < 2; count += 1) {
      const response = await bench.post('/api/receipt', body, { cookie: desk.grant.cookie });
      expect([response.status, await response.json()]).toEqual([200, { signedOut: true, refused: [] }]);
    }
    await bench.shown('1002', 'offline');
    expect(await phone.register()).toBe(401);
    expect((await bench.post('/api/refresh', {}, { cookie: desk.grant.cookie })).status).toBe(401);
    const own = query(
      bench.centre,
      "SELECT device, status, made FROM log WHERE agent = '1002' AND kind = 'choice' ORDER BY made, id",
    );
    expect(own.slice(-2).map((row) => ({ ...row }))).toEqual([
      { device: '1002-d-0123456789abcdef', status: 'TRAINING', made: made - 2_000 },
      { device: desk.grant.session, status: 'OFFLINE', made: made - 1_000 },
    ]);
    const supervisor = await bench.desk('1100');
    await told(supervisor, '1002', 'OFFLINE');
  });
});

it('[SE1] a phone with another’s or an old secret is turned away', async () => {
  const [mine, other] = [await bench.signIn('1003'), await bench.signIn('1003')];
  await logout(mine, '1003');
  const phone = await openPhone({
    ...{ url: other.sip.url, extension: '1003', session: other.session },
    credential: { user: mine.sip.username, ha1: mine.sip.ha1 },
  });
  expect(await phone.register()).toBe(401);
  phone.destroy();
  await bench.phone(other);
});

describe('a device that comes back after its session was closed', () => {
  it('[SE5] opens it again without a password, registers with a new secret, and is ONLINE as before', async () => {
    await bench.centre.bridge.stop();
    // 1.2 s instead of 15 minutes.
    await bench.centre.bridge.start({ ORPHAN_ONLINE_MIN: '0.02' });
    await healthy();
    const { desk, phone } = await bench.readyAgent('1004');
    const { session, cookie, sip } = desk.grant;
    const row = () =>
      query(bench.centre, `SELECT closed_why AS why FROM sessions WHERE id = '${session}'`)[0]?.['why'];
    desk.close();
    phone.destroySocket();
    await until('the session is closed', () => row() === 'orphan', 10_000);
    await bench.shown('1004', 'offline');
    expect(bench.rows('pbx', "SELECT id FROM ps_auths WHERE id LIKE '1004-s-%'")).toEqual([]);
    const response = await bench.post('/api/refresh', {}, { cookie });
    const again = (await response.json()) as DeskGrant;
    expect([response.status, again.session, again.sip.ha1 === sip.ha1, row()]).toEqual([
      ...[200, session, false, null],
    ]);
    await bench.join(again);
    await bench.phone(again);
    await bench.shown('1004', '');
    const steps = query(
      bench.centre,
      "SELECT status, cause FROM log WHERE agent = '1004' AND kind = 'step' ORDER BY rev DESC LIMIT 2",
    );
    expect(steps.map((one) => ({ ...one }))).toEqual([
      { status: 'ONLINE', cause: 'session' },
      { status: 'OFFLINE', cause: 'session' },
    ]);
    expect((await logout(again, '1004')).status).toBe(200);
  });
});
