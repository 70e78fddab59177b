import { describe, expect, it } from 'vitest';
import { StoreError } from '../roster/ports.ts';
import { httpBench as bench } from '../testing/http-bench.ts';

describe('signing in', () => {
  it('[SE1] answers with all a device needs, and keeps the refresh token to a cookie', async () => {
    const response = await (await bench()).signIn();
    const grant = (await response.json()) as Record<string, unknown>;
    const session = String(grant['session']);
    expect([response.status, grant]).toEqual([
      200,
      {
        accessToken: grant['accessToken'],
        receipt: grant['receipt'],
        ...{ expiresInMs: 300_000, session, self: { extension: '1001', name: 'Ada Berg', role: 'agent' } },
        sip: {
          ...{ url: 'ws://127.0.0.1:8088/ws', aor: 'sip:1001@localhost', contactName: session },
          ...{ realm: 'desk', username: `1001-${session}`, ha1: (grant['sip'] as { ha1: string }).ha1 },
        },
      },
    ]);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^refresh=[\w-]{43}; Max-Age=50400; Path=\/api; HttpOnly; SameSite=Strict$/);
    expect(JSON.stringify(grant)).not.toContain(cookie.slice(8, 51));
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('[SE1] over https the cookie never goes over plain http', async () => {
    const response = await (await bench({ secure: true })).signIn();
    expect(response.headers.get('set-cookie')).toMatch(/; Secure/);
  });

  it('[SE1] a wrong password and an unknown extension look alike', async () => {
    const { signIn } = await bench();
    for (const response of [await signIn('wrong'), await signIn('right', '9999')]) {
      expect([response.status, await response.json(), response.headers.get('set-cookie')]).toEqual([
        ...[401, { error: { code: 'wrong-credentials' } }, null],
      ]);
    }
  });

  it('[SE1] too many wrong ones of an account are refused, right or wrong; others are not', async () => {
    const { signIn, clock, log } = await bench();
    const statuses: number[] = [];
    for (const password of ['a', 'b', 'c', 'd', 'right']) statuses.push((await signIn(password)).status);
    expect([statuses, (await signIn('x', '1002')).status]).toEqual([[401, 401, 401, 429, 429], 401]);
    expect(log.said('warn')).toEqual(Array(2).fill('too many sign-in attempts'));
    clock.advance(30_000);
    expect((await signIn()).status).toBe(200);
  });

  it('[SE1] right ones do not count: a whole centre may sign in at eight', async () => {
    const { signIn } = await bench();
    const statuses = new Set<number>();
    for (let count = 0; count < 20; count += 1) statuses.add((await signIn()).status);
    expect([...statuses]).toEqual([200]);
  });

  it.each<[string, unknown, number, string]>([
    ['no JSON', '{', 400, 'bad-request'],
    ['nothing', '', 400, 'bad-request'],
    ['no password', { extension: '1001', device: 'x' }, 400, 'bad-request'],
    ['an empty password', { extension: '1001', password: '', device: 'x' }, 400, 'bad-request'],
    ['an extension that is none', { extension: "1' OR 1=1", password: 'x', device: 'x' }, 400, 'bad-request'],
    ['a list', [], 400, 'bad-request'],
    ['a megabyte', { extension: '1001', password: 'x'.repeat(1_000_000), device: 'x' }, 413, 'too-large'],
  ])('[WR1] refused: %s', async (_name, body, status, code) => {
    const response = await (await bench()).post('/api/sign-in', body);
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])(
    '[WR1] refused: JSON that is said to be %j, as a form of another page can send it',
    async (type) => {
      const right = { extension: '1001', password: 'right', device: 'x' };
      const response = await (await bench()).post('/api/sign-in', right, { 'content-type': type });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([400, null]);
    },
  );

  it('[WR1] JSON with a charset is JSON', async () => {
    const right = { extension: '1001', password: 'right', device: 'x' };
    const type = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await (await bench()).post('/api/sign-in', right, type)).status).toBe(200);
  });

  it('[WR1] after a body over the limit the connection serves nobody else: its rest was not read', async () => {
    const { headers } = await (await bench()).post('/api/sign-in', 'x'.repeat(20_000));
    expect(headers.get('connection')).toBe('close');
  });

  it('[OP2] without the store it is 503, and nothing of why goes out', async () => {
    const { store, signIn, log } = await bench();
    store.open = () => Promise.reject(new StoreError(new Error('disk full at /var/lib')));
    const response = await signIn();
    expect([response.status, await response.json()]).toEqual([503, { error: { code: 'store-unavailable' } }]);
    expect(log.said('error')).toEqual(['request failed']);
  });
});

describe('pages of others', () => {
  it.each(['https://evil.example', 'null', 'http://desk:8081'])('[WR1] %s may not post', async (origin) => {
    const { post, signedIn, sessions } = await bench();
    const { bearer, cookie, session } = await signedIn();
    for (const path of ['/api/sign-in', '/api/refresh', '/api/sign-out']) {
      const response = await post(path, {}, { ...bearer, cookie, origin });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
    }
    expect(sessions.open(session)).not.toBeNull();
  });

  it('[WR1] our own may, and so may programs that are no browser', async () => {
    const { post, signedIn } = await bench();
    const { cookie } = await signedIn();
    expect((await post('/api/refresh', '', { cookie, origin: 'http://desk:8080' })).status).toBe(200);
  });

  it('[WR1] a page is told what it may do: no frames, no foreign scripts, the microphone', async () => {
    const { headers } = await (await bench()).get('/health');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'self'; connect-src 'self' ws:\/\/127\.0\.0\.1:8088;.*frame-ancestors 'none'/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('permissions-policy')).toContain('microphone=(self)');
  });
});

describe('refreshing', () => {
  it('[SE1] gives the next token, the same SIP secret and a new access token', async () => {
    const { post, signedIn } = await bench();
    const { cookie, session } = await signedIn();
    const response = await post('/api/refresh', '', { cookie });
    expect([response.status, ((await response.json()) as { session: string }).session]).toEqual([
      200,
      session,
    ]);
    expect(response.headers.get('set-cookie')).not.toContain(cookie);
  });

  it('[SE1] without a cookie, or with a made-up one, it is 401', async () => {
    const { post } = await bench();
    expect((await post('/api/refresh', '')).status).toBe(401);
    expect((await post('/api/refresh', '', { cookie: 'refresh=x' })).status).toBe(401);
  });

  it('[SE1] an old one is 401, and the cookie is taken away', async () => {
    const { post, signedIn, clock } = await bench();
    const { cookie } = await signedIn();
    await post('/api/refresh', '', { cookie });
    clock.advance(60_001);
    const response = await post('/api/refresh', '', { cookie });
    expect([response.status, await response.json()]).toEqual([401, { error: { code: 'session-ended' } }]);
    expect(response.headers.get('set-cookie')).toMatch(/^refresh=; Max-Age=0; Path=\/api/);
  });
});

describe('signing out', () => {
  it('[SE4] ends the session and takes the cookie away; done twice it is done', async () => {
    const { post, signedIn, sessions } = await bench();
    const { bearer, session } = await signedIn();
    for (let count = 0; count < 2; count += 1) {
      const response = await post('/api/sign-out', {}, bearer);
      expect(response.status).toBe(204);
      expect(response.headers.get('set-cookie')).toMatch(/^refresh=; Max-Age=0; Path=\/api/);
      expect(sessions.open(session)).toBeNull();
    }
  });

  it('[SE4] [SE8] the cookie of somebody who signed in here meanwhile stays', async () => {
    const { post, signedIn } = await bench();
    const [one, other] = [await signedIn(), await signedIn()];
    const headers = { ...one.bearer, cookie: other.cookie };
    const response = await post('/api/sign-out', {}, headers);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([204, null]);
    expect((await post('/api/refresh', {}, { cookie: other.cookie })).status).toBe(200);
  });

  it('[SE4] everywhere', async () => {
    const { post, signedIn, sessions } = await bench();
    const [one] = [await signedIn(), await signedIn()];
    expect((await post('/api/sign-out', { everywhere: true }, one.bearer)).status).toBe(204);
    expect(sessions.isSignedIn('1001')).toBe(false);
  });

  it.each([
    ['an old token', 300_001, {}],
    ['a made-up token', 0, { authorization: 'Bearer x.y.z' }],
    ['no token', 0, { authorization: '' }],
  ])(
    '[SE4] with %s nothing is over, so it does not say so: the device refreshes and tries again',
    async (_name, afterMs, other) => {
      const { post, signedIn, sessions, clock } = await bench();
      const { bearer, session } = await signedIn();
      clock.advance(afterMs);
      const response = await post('/api/sign-out', {}, { ...bearer, ...other });
      expect([response.status, await response.json(), response.headers.get('set-cookie')]).toEqual([
        ...[401, { error: { code: 'unauthorised' } }, null],
      ]);
      expect(sessions.open(session)).not.toBeNull();
    },
  );

  it.each<[string, unknown]>([
    ['of another form', { everywhere: 'yes' }],
    ['that broke off', '{"everywhere":tru'],
    ['that is a list', []],
    ['that is null', null],
  ])('[SE4] [WR1] with a body %s it is refused, and nothing is over', async (_name, body) => {
    const { post, signedIn, sessions } = await bench();
    const { bearer, session } = await signedIn();
    expect((await post('/api/sign-out', body, bearer)).status).toBe(400);
    expect(sessions.open(session)).not.toBeNull();
  });

  it('[SE4] without a body it ends this session', async () => {
    const { post, signedIn, sessions } = await bench();
    const { bearer, session } = await signedIn();
    expect((await post('/api/sign-out', '', { ...bearer, 'content-type': '' })).status).toBe(204);
    expect(sessions.open(session)).toBeNull();
  });
});

describe('the rest', () => {
  it('[AP10] the configuration is for those who are signed in', async () => {
    const { get, signedIn } = await bench();
    const { bearer } = await signedIn();
    expect((await get('/api/config')).status).toBe(401);
    expect((await get('/api/config', { authorization: 'Bearer x' })).status).toBe(401);
    const response = await get('/api/config', bearer);
    expect([response.status, await response.json()]).toEqual([
      ...[200, { centre: { name: 'Test', timeZone: 'UTC', demo: false }, reasons: [], iceServers: [] }],
    ]);
  });

  it('[OP3] health is 200 while all works, 503 naming what does not', async () => {
    const up = await (await bench()).get('/health');
    expect([up.status, await up.json()]).toMatchObject([200, { status: 'ok', asterisk: { state: 'ready' } }]);
    const down = await (await bench({ ok: false })).get('/health');
    expect([down.status, await down.json()]).toMatchObject([
      503,
      { status: 'degraded', asterisk: { state: 'down' } },
    ]);
  });

  it('[WR1] what is not there is 404', async () => {
    const { get, post } = await bench();
    expect([(await get('/api/nothing')).status, (await post('/api/nothing', {})).status]).toEqual([404, 404]);
  });
});
