// The HTTP side on the rooms of sessions, with stores in memory. For tests.
import { makePerson } from '../../domain/testing/build.ts';
import { createAccessTokens } from '../api/access-tokens.ts';
import { createHttp } from '../api/http.ts';
import { createOriginCheck } from '../api/origin.ts';
import { createRateLimit } from '../api/rate-limit.ts';
import { RECEIPT_MS } from '../sessions/tokens.ts';
import { createWorld, sessionBench } from './session-bench.ts';

export async function httpBench(options: { readonly secure?: boolean; readonly ok?: boolean } = {}) {
  const ada = makePerson();
  const rooms = await sessionBench(createWorld([ada, makePerson({ extension: '1002', name: 'Boris' })]));
  const { clock, log, sessions } = rooms;
  const since = clock.now();
  const receipts = createAccessTokens(Buffer.alloc(32, 2), clock, RECEIPT_MS);
  const app = createHttp({
    ...{ sessions, log, receipts, secureCookie: options.secure ?? false },
    ...{ contacts: rooms.rooms.contacts, sealed: rooms.rooms.receipts },
    tokens: createAccessTokens(Buffer.alloc(32, 1), clock),
    byAccount: createRateLimit(clock, { burst: 3, refillMs: 30_000 }),
    byAddress: createRateLimit(clock, { burst: 100, refillMs: 1_000 }),
    sip: { url: 'ws://127.0.0.1:8088/ws', realm: 'desk', domain: 'localhost' },
    config: () =>
      Promise.resolve({
        centre: { name: 'Test', timeZone: 'UTC', demo: false },
        reasons: [],
        iceServers: [],
      }),
    health: () => ({
      ok: options.ok ?? true,
      ...{
        asterisk: { state: options.ok === false ? 'down' : 'ready', since },
        store: { state: 'ready', since },
      },
    }),
    isOwnOrigin: createOriginCheck(undefined),
  });
  const ask = async (path: string, init: RequestInit): Promise<Response> =>
    app.request(`http://desk:8080${path}`, init, {});
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'desk:8080', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const get = (path: string, headers: Record<string, string> = {}) => ask(path, { headers });
  const signIn = (password = 'right', extension = '1001') =>
    post('/api/sign-in', { extension, password, device: 'Firefox' });
  async function signedIn() {
    const response = await signIn();
    const grant = (await response.json()) as { accessToken: string; session: string; receipt: string };
    const bearer = { authorization: `Bearer ${grant.accessToken}` };
    return { ...grant, bearer, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  }
  return { ...rooms, post, get, signIn, signedIn };
}
