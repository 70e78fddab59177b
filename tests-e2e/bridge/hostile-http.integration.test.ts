// HTTP as nobody honest speaks it: refused by name; nothing changed, nothing run, nobody else kept waiting.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeskGrant } from '../testkit/desk-client.ts';
import { openHostile, type HostileBench } from './hostile-bench.ts';

let bench: HostileBench;
/** Of 1002, who is attacked, and a session of 1003 that is over. */
let mine: DeskGrant;
let over: DeskGrant;
beforeAll(async () => {
  bench = await openHostile();
  [mine, over] = [await bench.signIn('1002'), await bench.signIn('1003')];
  await bench.post('/api/sign-out', {}, bearer(over.accessToken));
  await Promise.all([
    bench.shown('1002', 'Auto: SIP not registered'),
    bench.shown('1003', 'offline'),
    bench.shown('1004', 'offline'),
  ]);
}, 240_000);
afterAll(() => bench.end());

type Headers = Readonly<Record<string, string>>;
const JSON_TYPE: Headers = { 'content-type': 'application/json' };
const EVIL: Headers = { ...JSON_TYPE, origin: 'https://evil.example' };
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const MEGABYTE = JSON.stringify({ pad: 'x'.repeat(1_048_576) });
/** 64 KB, and nobody says that it ends. */
const stream = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.enqueue(Buffer.alloc(65_536, ' ')) });

/** `body` as it is; a blob without a type sends none. */
const post = (path: string, body: BodyInit, headers: Headers = {}): Promise<Response> => {
  const init = { method: 'POST', headers, body, duplex: 'half' };
  return fetch(`${bench.centre.url}${path}`, init);
};
const get = (path: string, headers: Headers = {}): Promise<Response> =>
  fetch(`${bench.centre.url}${path}`, { headers });
const right = (given: object = {}): string =>
  JSON.stringify({ extension: '1002', password: bench.passwordOf('1002'), device: 'test', ...given });
const signIn = (body: BodyInit, headers: Headers = JSON_TYPE) => post('/api/sign-in', body, headers);
const refresh = (cookie: string, headers: Headers = JSON_TYPE, body: BodyInit = '{}') =>
  post('/api/refresh', body, { ...headers, cookie });
const signOut = (token: string, headers: Headers = JSON_TYPE, body: BodyInit = '{}') =>
  post('/api/sign-out', body, { ...headers, ...bearer(token) });

type Attempt = readonly [what: string, status: number, code: string, () => Promise<Response>];

const SIGN_IN: readonly Attempt[] = [
  ['no JSON', 400, 'bad-request', () => signIn('extension=1002')],
  ['nothing', 400, 'bad-request', () => signIn('')],
  ['JSON said to be text', 400, 'bad-request', () => signIn(right(), { 'content-type': 'text/plain' })],
  ['JSON said to be nothing', 400, 'bad-request', () => signIn(new Blob([right()]), {})],
  ['a form', 400, 'bad-request', () => signIn(new URLSearchParams(JSON.parse(right()) as Headers), {})],
  ['packed JSON', 400, 'bad-request', () => signIn(new Blob([gzipSync(right())]), JSON_TYPE)],
  [
    'bytes that are no UTF-8',
    400,
    'bad-request',
    () => signIn(new Blob([Buffer.from([0xff, 0xfe])]), JSON_TYPE),
  ],
  ['4,000 lists in lists', 400, 'bad-request', () => signIn('['.repeat(4_000))],
  ['all of it in __proto__', 400, 'bad-request', () => signIn(`{"__proto__":${right()}}`)],
  ['an extension that is a list', 400, 'bad-request', () => signIn(right({ extension: ['1002'] }))],
  ['an extension with line ends', 400, 'bad-request', () => signIn(right({ extension: '1002\r\nx' }))],
  ['a password of 257', 400, 'bad-request', () => signIn(right({ password: 'x'.repeat(257) }))],
  ['a device of 121', 400, 'bad-request', () => signIn(right({ device: 'x'.repeat(121) }))],
  ['1 MB', 413, 'too-large', () => signIn(right({ device: 'x'.repeat(1_048_576) }))],
  ['a body without an end', 413, 'too-large', () => signIn(stream())],
  ['the extension __proto__', 401, 'wrong-credentials', () => signIn(right({ extension: '__proto__' }))],
  ['a foreign page', 403, 'forbidden', () => signIn(right(), EVIL)],
  ['a page of nobody', 403, 'forbidden', () => signIn(right(), { ...JSON_TYPE, origin: 'null' })],
  ['GET', 404, 'not-found', () => get('/api/sign-in')],
];

const REFRESH: readonly Attempt[] = [
  ['no cookie', 401, 'unauthorised', () => post('/api/refresh', '{}', JSON_TYPE)],
  ['a made-up cookie', 401, 'unauthorised', () => refresh(`refresh=${'x'.repeat(43)}`)],
  ['a cookie of 8 KB', 401, 'unauthorised', () => refresh(`refresh=${'x'.repeat(8_000)}`)],
  ['an access token', 401, 'unauthorised', () => refresh(`refresh=${mine.accessToken}`)],
  ['the cookie of a session that is over', 401, 'session-ended', () => refresh(over.cookie)],
  ['1 MB', 413, 'too-large', () => refresh(mine.cookie, JSON_TYPE, MEGABYTE)],
  ['a body without an end', 413, 'too-large', () => refresh(mine.cookie, JSON_TYPE, stream())],
  ['a foreign page', 403, 'forbidden', () => refresh(mine.cookie, EVIL)],
];

const SIGN_OUT: readonly Attempt[] = [
  ['no JSON', 400, 'bad-request', () => signOut(mine.accessToken, JSON_TYPE, '{"everywhere":tru')],
  [
    'JSON said to be text',
    400,
    'bad-request',
    () => signOut(mine.accessToken, { 'content-type': 'text/plain' }),
  ],
  ['a list', 400, 'bad-request', () => signOut(mine.accessToken, JSON_TYPE, '[]')],
  ['null', 400, 'bad-request', () => signOut(mine.accessToken, JSON_TYPE, 'null')],
  [
    'everywhere: "yes"',
    400,
    'bad-request',
    () => signOut(mine.accessToken, JSON_TYPE, '{"everywhere":"yes"}'),
  ],
  ['1 MB', 413, 'too-large', () => signOut(mine.accessToken, JSON_TYPE, MEGABYTE)],
  ['a refresh token', 401, 'unauthorised', () => signOut(mine.cookie.replace('refresh=', ''))],
  ['a cookie alone', 401, 'unauthorised', () => post('/api/sign-out', '{}', { cookie: mine.cookie })],
  ['a foreign page', 403, 'forbidden', () => signOut(mine.accessToken, EVIL)],
];

const REST: readonly Attempt[] = [
  ['no token', 401, 'unauthorised', () => get('/api/config')],
  ['the token in the address', 401, 'unauthorised', () => get(`/api/config?token=${mine.accessToken}`)],
  [
    'the token in a cookie',
    401,
    'unauthorised',
    () => get('/api/config', { cookie: `token=${mine.accessToken}` }),
  ],
  [
    'a refresh token',
    401,
    'unauthorised',
    () => get('/api/config', bearer(mine.cookie.replace('refresh=', ''))),
  ],
  ['a session that is over', 401, 'unauthorised', () => get('/api/config', bearer(over.accessToken))],
  ['POST', 404, 'not-found', () => post('/api/config', '{}', { ...JSON_TYPE, ...bearer(mine.accessToken) })],
  ['half a character in the path', 404, 'not-found', () => get('/api/%E0%A4%A', bearer(mine.accessToken))],
  ['a way up', 404, 'not-found', () => get('/api/..%2f..%2fpackage.json', bearer(mine.accessToken))],
];

async function isRefused([, status, code, attempt]: Attempt): Promise<void> {
  await bench.unharmed(async () => {
    const response = await attempt();
    const { error } = (await response.json()) as { error: { code: string } };
    expect([response.status, error.code]).toEqual([status, code]);
    expect(response.headers.getSetCookie().filter((cookie) => !/^refresh=; Max-Age=0/.test(cookie))).toEqual(
      [],
    );
  });
}

describe('refused over HTTP', () => {
  it.each(SIGN_IN)('[SE1] [WR1] sign-in: %s: %i `%s`', (...attempt) => isRefused(attempt));
  it.each(REFRESH)('[SE1] [WR1] refresh: %s: %i `%s`', (...attempt) => isRefused(attempt));
  it.each(SIGN_OUT)('[SE4] [WR1] sign-out: %s: %i `%s`', (...attempt) => isRefused(attempt));
  it.each(REST)('[AP10] [WR1] config: %s: %i `%s`', (...attempt) => isRefused(attempt));

  it('[SE1] [SE4] and then the session still works: configuration, refresh, sign-out', async () => {
    expect((await get('/api/config', bearer(mine.accessToken))).status).toBe(200);
    expect((await refresh(mine.cookie)).status).toBe(200);
    expect((await signOut(mine.accessToken)).status).toBe(204);
    await bench.shown('1002', 'offline');
  });
});
