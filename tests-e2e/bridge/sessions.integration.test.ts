// Signing in and out of a real bridge beside a real Asterisk: cookies, tokens, secrets, sockets.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerPhone } from '../testkit/sip-registrant.ts';
import { until } from '../testkit/wait.ts';
import { openCentre, type CentreBench } from './bench.ts';

let bench: CentreBench;
beforeAll(async () => {
  bench = await openCentre(['1001', '1002', '1003', '1004', '1005', '1006', '1007', '1008']);
}, 240_000);
afterEach(() => bench.leave());
afterAll(() => bench.end());

const attempt = (extension: string, password: string, headers = {}): Promise<Response> =>
  bench.post('/api/sign-in', { extension, password, device: 'test' }, headers);
const cookieOf = (response: Response): string =>
  (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const refresh = (cookie: string): Promise<Response> => bench.post('/api/refresh', {}, { cookie });
const secretIds = (extension: string): readonly unknown[] =>
  bench
    .rows('pbx', `SELECT id FROM ps_auths WHERE id LIKE '${extension}-s-%' ORDER BY id`)
    .map((row) => row['id']);
/** What a promise gives when it is settled within that time. */
async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let settled: { readonly value: T } | null = null;
  void promise.then((value) => (settled = { value }));
  return (await until(what, () => settled, ms)).value;
}

describe('signing in', () => {
  it('[SE1] is 200 with a cookie that scripts, other sites and other paths do not get', async () => {
    const response = await attempt('1001', bench.passwordOf('1001'));
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^refresh=[\w-]{43}; Max-Age=50400; Path=\/api; HttpOnly; SameSite=Strict$/),
    ]);
    const { sip } = (await response.json()) as { sip: { url: string; realm: string } };
    expect([sip.url, sip.realm]).toEqual([
      bench.centre.asterisk.sipWebSocketUrl,
      bench.centre.asterisk.sipRealm,
    ]);
  });

  it('[SE1] a wrong password and an unknown extension get the same answer', async () => {
    const answers = await Promise.all(
      [await attempt('1001', 'wrong'), await attempt('9999', 'wrong')].map(async (response) => {
        return [response.status, await response.text(), response.headers.getSetCookie()];
      }),
    );
    expect(answers).toEqual(Array(2).fill([401, '{"error":{"code":"wrong-credentials"}}', []]));
  });

  it('[SE1] too many wrong tries of an account are refused, and then the right one too', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await attempt('1008', 'wrong')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    const right = await attempt('1008', bench.passwordOf('1008'));
    expect([right.status, await right.json()]).toEqual([429, { error: { code: 'too-many-attempts' } }]);
    expect((await attempt('1001', bench.passwordOf('1001'))).status).toBe(200);
  });

  it('[WR1] a page of another site may not post, nor open the socket', async () => {
    const origin = 'https://evil.example';
    const response = await attempt('1001', bench.passwordOf('1001'), { origin });
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    const upgrade = async (headers: Record<string, string>): Promise<number> => {
      const socket = new WebSocket(`${bench.centre.url.replace('http', 'ws')}/socket`, { headers });
      socket.on('error', () => undefined);
      const opened = once(socket, 'open').then(() => 101);
      const refused = once(socket, 'unexpected-response').then(
        (answer: unknown[]) => (answer[1] as IncomingMessage).statusCode ?? 0,
      );
      const status = await Promise.race([opened, refused]);
      socket.terminate();
      return status;
    };
    expect(await upgrade({ origin })).toBe(403);
    expect(await upgrade({ origin: 'null' })).toBe(403);
    expect(await upgrade({ origin: bench.centre.url })).toBe(101);
  });

  it('[SE1] the database Asterisk reads holds the HA1 of the session, and no password at all', async () => {
    const { session, sip } = await bench.signIn('1002');
    expect(bench.rows('pbx', `SELECT * FROM ps_auths WHERE id = '1002-${session}'`)).toEqual([
      {
        ...{ id: `1002-${session}`, auth_type: 'md5', username: sip.username, md5_cred: sip.ha1 },
        ...{ password: null, realm: null },
      },
    ]);
    expect(bench.rows('pbx', 'SELECT id FROM ps_auths WHERE password IS NOT NULL')).toEqual([]);
  });
});

describe('the socket', () => {
  const open = (): WebSocket => new WebSocket(`${bench.centre.url.replace('http', 'ws')}/socket`);
  const closedBy = async (...frames: readonly (string | Buffer)[]): Promise<number> => {
    const socket = open();
    await once(socket, 'open');
    for (const frame of frames) socket.send(frame);
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };

  it.each<[string, string | Buffer, number]>([
    ['a made-up token', '{"type":"hello","protocol":1,"token":"x.y.z"}', 4001],
    ['no hello', '{"type":"clock.ping","id":"r1","sent":1}', 4002],
    ['a binary frame', Buffer.from('{"type":"hello"}'), 4002],
    ['a protocol nobody speaks', '{"type":"hello","protocol":99,"token":"x"}', 4003],
    [
      'a hello over 4 KB',
      JSON.stringify({ type: 'hello', protocol: 1, token: 'x', pad: 'x'.repeat(4_096) }),
      1009,
    ],
    ['a frame over 64 KB', 'x'.repeat(70_000), 1009],
  ])('[WR1] %s ends it', async (_name, frame, code) => {
    expect(await closedBy(frame)).toBe(code);
  });

  it('[WR1] a token is of no use in the address', async () => {
    const { accessToken } = await bench.signIn('1002');
    const socket = new WebSocket(`${bench.centre.url.replace('http', 'ws')}/socket?token=${accessToken}`);
    await once(socket, 'open');
    socket.send('{"type":"clock.ping","id":"r1","sent":1}');
    expect((await once(socket, 'close'))[0]).toBe(4002);
  });
});

describe('the refresh token', () => {
  it('[SE1] is exchanged; a lost answer is repeated, the very same; an old one ends session and socket', async () => {
    const desk = await bench.desk('1003');
    const first = desk.grant.cookie;
    const exchanged = await refresh(first);
    const second = cookieOf(exchanged);
    expect([exchanged.status, ((await exchanged.json()) as { session: string }).session]).toEqual([
      ...[200, desk.grant.session],
    ]);
    expect(second).not.toBe(first);
    // The answer was lost: the first is shown again.
    expect(cookieOf(await refresh(first))).toBe(second);
    expect((await refresh(second)).status).toBe(200);
    // Its successor was used: now the first is somebody else's copy.
    const reused = await refresh(first);
    expect([reused.status, await reused.json()]).toEqual([401, { error: { code: 'session-ended' } }]);
    expect(await within(1_000, 'the socket is closed', desk.closed)).toBe(4004);
    expect(secretIds('1003')).toEqual([]);
    await bench.shown('1003', 'offline');
    expect((await refresh(second)).status).toBe(401);
  });

  it('[SE1] in the store there are only hashes', async () => {
    const { cookie } = await bench.signIn('1003');
    const hashes = bench.rows('bridge', 'SELECT hash, successor FROM refresh_tokens');
    expect(JSON.stringify(hashes)).not.toContain(cookie.replace('refresh=', ''));
    expect(hashes.filter(({ hash }) => !/^[0-9a-f]{64}$/.test(String(hash)))).toEqual([]);
  });
});

describe('signing out', () => {
  const signOut = (token: string, body: object = {}): Promise<Response> =>
    bench.post('/api/sign-out', body, { authorization: `Bearer ${token}` });

  it('[SE4] [RG8] pauses as `offline`, takes the secret and the contact, closes the socket for good', async () => {
    const { desk, phone } = await bench.readyAgent('1004');
    const { accessToken, sip } = desk.grant;
    const response = await signOut(accessToken);
    expect([response.status, cookieOf(response)]).toEqual([204, 'refresh=']);
    expect(await within(1_000, 'the socket is closed', desk.closed)).toBe(4004);
    await bench.shown('1004', 'offline');
    expect(secretIds('1004')).toEqual([]);
    // Asterisk itself dropped the contact, though the phone's socket is still open.
    await until(
      'no contact',
      () => bench.rows('pbx', "SELECT id FROM ps_contacts WHERE endpoint = '1004'").length === 0,
    );
    expect(await bench.centre.asterisk.cli('pjsip show contacts')).not.toContain(sip.contactName);
    expect(await phone.register()).toBe(401);
    await expect(registerPhone(sip).registered).rejects.toThrow('401');
    expect((await signOut(accessToken)).status).toBe(204);
    expect(
      (await fetch(`${bench.centre.url}/api/config`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status,
    ).toBe(401);
  });

  it('[SE4] [RG9] of one of two devices leaves the other as it is: reachable and unpaused', async () => {
    const { desk, phone } = await bench.readyAgent('1005');
    const second = await bench.desk('1005');
    await bench.phone(second.grant);
    await signOut(second.grant.accessToken);
    expect(await within(1_000, 'its socket is closed', second.closed)).toBe(4004);
    await until(
      'one contact',
      () => bench.rows('pbx', "SELECT id FROM ps_contacts WHERE endpoint = '1005'").length === 1,
    );
    expect(secretIds('1005')).toEqual([`1005-${desk.grant.session}`]);
    expect(await phone.register()).toBe(200);
    await bench.shown('1005', '');
    expect(await desk.setStatus('BREAK', 'lunch')).toMatchObject({ type: 'ack' });
  });

  it('[SE4] everywhere ends all', async () => {
    const [one, two] = [await bench.desk('1006'), await bench.desk('1006')];
    expect((await signOut(one.grant.accessToken, { everywhere: true })).status).toBe(204);
    expect(await Promise.all([one, two].map((desk) => within(1_000, 'closed', desk.closed)))).toEqual([
      4004, 4004,
    ]);
    expect(secretIds('1006')).toEqual([]);
    expect(bench.rows('bridge', "SELECT online FROM users WHERE extension = '1006'")).toEqual([
      { online: 0 },
    ]);
  });

  it('[SE3] joining with a second device does not end a break', async () => {
    const { desk } = await bench.readyAgent('1007');
    await desk.setStatus('BREAK', 'lunch');
    await bench.phone(await bench.signIn('1007'));
    await bench.shown('1007', 'lunch');
    const steps = bench.rows('bridge', "SELECT status FROM log WHERE agent = '1007' AND kind = 'step'");
    expect(steps).toEqual([{ status: 'ONLINE' }]);
  });
});
