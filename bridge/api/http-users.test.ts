import { describe, expect, it } from 'vitest';
import { StoreError } from '../roster/ports.ts';
import { RECEIPT_MS } from '../sessions/tokens.ts';
import { httpBench as bench } from '../testing/http-bench.ts';

describe('an agent by name', () => {
  const uri = (session: string): string => `sip:${session}@abc.invalid;transport=ws`;

  it('[SE2] [RG7] is online once Asterisk holds the contact; asked again it is the same', async () => {
    const { post, signedIn, contact } = await bench();
    const { bearer, session } = await signedIn();
    contact(session, 'reachable');
    const body = { extension: '1001', contactUri: uri(session) };
    for (let count = 0; count < 2; count += 1) {
      const response = await post('/api/users/agent-online', body, bearer);
      expect([response.status, await response.json()]).toEqual([200, { registered: true }]);
    }
  });

  it('[SE2] [RG7] is not before: 409, and 503 while nobody can know', async () => {
    const { post, signedIn, setReady } = await bench();
    const { bearer } = await signedIn();
    const body = { extension: '1001', contactUri: uri('s-other') };
    const early = await post('/api/users/agent-online', body, bearer);
    expect([early.status, await early.json()]).toEqual([409, { error: { code: 'not-registered' } }]);
    setReady(false);
    const { session } = await signedIn();
    const unknown = await post('/api/users/agent-online', { ...body, contactUri: uri(session) }, bearer);
    expect(unknown.status).toBe(409);
    const own = await signedIn();
    const away = await post('/api/users/agent-online', { ...body, contactUri: uri(own.session) }, own.bearer);
    expect([away.status, await away.json()]).toEqual([503, { error: { code: 'asterisk-unavailable' } }]);
  });

  it('[SE2] [SE6] signs out by name; again it changes nothing and answers the same', async () => {
    const { post, signedIn, clock, sessions, ended } = await bench();
    const { bearer, session } = await signedIn();
    clock.advance(60_000);
    for (let count = 0; count < 2; count += 1) {
      const response = await post('/api/users/agent-logout', { extension: '1001' }, bearer);
      expect([response.status, await response.json()]).toEqual([
        200,
        { signedOut: true, durationMs: 60_000 },
      ]);
      expect(response.headers.get('set-cookie')).toMatch(/^refresh=; Max-Age=0; Path=\/api/);
      clock.advance(1_000);
    }
    expect([sessions.open(session), ended.length]).toEqual([null, 1]);
  });

  it('[SE2] everywhere ends all', async () => {
    const { post, signedIn, sessions } = await bench();
    const [one] = [await signedIn(), await signedIn()];
    const body = { extension: '1001', everywhere: true };
    expect((await post('/api/users/agent-logout', body, one.bearer)).status).toBe(200);
    expect(sessions.isSignedIn('1001')).toBe(false);
  });

  it.each(['/api/users/agent-online', '/api/users/agent-logout'])(
    '[SE2] [WR6] %s: only oneself, only with a token, only as said',
    async (path) => {
      const { post, signedIn, sessions } = await bench();
      const { bearer, session } = await signedIn();
      const own = { extension: '1001', contactUri: uri(session) };
      const answers: unknown[] = [];
      for (const [body, headers] of [
        [{ ...own, extension: '1002' }, bearer],
        [own, {}],
        [own, { authorization: 'Bearer x.y.z' }],
        [{}, bearer],
        [[], bearer],
        ['{', bearer],
      ] as const) {
        const response = await post(path, body, headers);
        answers.push([response.status, ((await response.json()) as { error: { code: string } }).error.code]);
      }
      expect(answers).toEqual([
        [403, 'forbidden'],
        ...Array<unknown>(2).fill([401, 'unauthorised']),
        ...Array<unknown>(3).fill([400, 'bad-request']),
      ]);
      expect(sessions.open(session)).not.toBeNull();
    },
  );

  it('[SE2] [OP2] without the store it is 503, and right when repeated', async () => {
    const { post, signedIn, world, contact } = await bench();
    const { bearer, session } = await signedIn();
    contact(session, 'reachable');
    const { setOnline } = world.sessions;
    world.sessions.setOnline = () => Promise.reject(new StoreError(new Error('disk full')));
    const online = { extension: '1001', contactUri: uri(session) };
    expect((await post('/api/users/agent-online', online, bearer)).status).toBe(503);
    world.sessions.setOnline = setOnline;
    expect((await post('/api/users/agent-online', online, bearer)).status).toBe(200);
    contact(session, 'removed');
    world.entries.failing = true;
    for (const path of ['/api/users/agent-logout', '/api/sign-out']) {
      const response = await post(path, { extension: '1001' }, bearer);
      expect([response.status, await response.json(), response.headers.get('set-cookie')]).toEqual([
        ...[503, { error: { code: 'store-unavailable' } }, null],
      ]);
    }
    world.entries.failing = false;
    expect((await post('/api/users/agent-logout', { extension: '1001' }, bearer)).status).toBe(200);
    expect(world.entries.entries.map((entry) => entry.kind)).toEqual(['step', 'choice']);
  });
});

describe('a receipt', () => {
  const signedOut = { made: 1_700_000_000_000, everywhere: false };
  const device = 'd-0123456789abcdef';
  const change = { sequence: 1, status: 'BREAK', reason: null, made: 1_700_000_000_000, seen: null };

  it('[SE8] ends its session without any other token, takes the outbox, and takes the cookie away', async () => {
    const { post, signedIn, sessions, world, clock } = await bench();
    const { receipt, session, cookie } = await signedIn();
    clock.advance(300_000);
    for (let count = 0; count < 2; count += 1) {
      const response = await post(
        '/api/receipt',
        { receipt, device, changes: [change], signedOut },
        { cookie },
      );
      expect([response.status, await response.json()]).toEqual([200, { signedOut: true, refused: [] }]);
      expect(response.headers.get('set-cookie')).toMatch(/^refresh=; Max-Age=0; Path=\/api/);
    }
    expect(sessions.open(session)).toBeNull();
    expect(world.entries.entries.map((entry) => entry.device)).toEqual(['bridge', `1001-${device}`, session]);
  });

  it('[SE8] leaves the cookie of whoever signed in here since', async () => {
    const { post, signedIn, signIn } = await bench();
    const { receipt } = await signedIn();
    const cookie = ((await signIn('right', '1002')).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const response = await post('/api/receipt', { receipt, device, changes: [], signedOut }, { cookie });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
    expect((await post('/api/refresh', '', { cookie })).status).toBe(200);
  });

  it('[SE8] is good for nothing else, and nothing else is good for it', async () => {
    const { post, get, signedIn, sessions, clock } = await bench();
    const { receipt, accessToken, session } = await signedIn();
    const bearer = { authorization: `Bearer ${receipt}` };
    expect((await get('/api/config', bearer)).status).toBe(401);
    expect((await post('/api/sign-out', {}, bearer)).status).toBe(401);
    const body = { device, changes: [], signedOut };
    for (const token of [accessToken, 'x.y.z', `${receipt}x`]) {
      expect((await post('/api/receipt', { ...body, receipt: token })).status).toBe(401);
    }
    clock.advance(RECEIPT_MS + 1_000);
    expect((await post('/api/receipt', { ...body, receipt })).status).toBe(401);
    expect(sessions.open(session)).toBeNull();
  });

  it.each<[string, object]>([
    ['without a device', { device: undefined }],
    ['with a device that is none', { device: "d-' OR 1=1" }],
    ['without changes', { changes: undefined }],
    ['with 201 changes', { changes: Array(201).fill(null) }],
    ['without its time', { signedOut: { everywhere: false } }],
    ['with a change that is none', { changes: [{ ...change, sequence: 0 }] }],
  ])('[SE8] [WR1] %s is refused', async (_name, given) => {
    const { post, signedIn, sessions } = await bench();
    const { receipt, session } = await signedIn();
    const response = await post('/api/receipt', { receipt, device, changes: [], signedOut, ...given });
    expect([response.status, sessions.open(session) === null]).toEqual([400, false]);
  });

  it('[SE8] [OP2] without the store it is 503, and right when repeated', async () => {
    const { post, signedIn, world } = await bench();
    const { receipt } = await signedIn();
    world.entries.failing = true;
    const body = { receipt, device, changes: [change], signedOut };
    expect((await post('/api/receipt', body)).status).toBe(503);
    world.entries.failing = false;
    expect((await post('/api/receipt', body)).status).toBe(200);
  });
});
