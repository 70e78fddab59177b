// The HTTP side: sign-in, refresh, sign-out, receipts, configuration, health, and the built app.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import * as v from 'valibot';
import type { Refusal } from '../../domain/protocol/errors.ts';
import {
  AgentLogoutSchema,
  AgentOnlineSchema,
  ReceiptSchema,
  SignInSchema,
  SignOutSchema,
  type CentreConfig,
  type SessionGrant,
} from '../../domain/protocol/http.ts';
import type { Health } from '../../domain/protocol/views.ts';
import { errorFields, type Log } from '../log.ts';
import { StoreError } from '../roster/ports.ts';
import type { Contacts } from '../sessions/contacts.ts';
import type { Receipts } from '../sessions/receipts.ts';
import type { Grant, Granted, Sessions } from '../sessions/sessions.ts';
import type { Session } from '../sessions/ports.ts';
import { ACCESS_TOKEN_MS, REFRESH_TOKEN_MS } from '../sessions/tokens.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { RateLimit } from './rate-limit.ts';

export interface HttpDeps {
  readonly sessions: Sessions;
  readonly contacts: Pick<Contacts, 'setContactOnline'>;
  readonly sealed: Pick<Receipts, 'take'>;
  readonly tokens: AccessTokens;
  /** SE8. */
  readonly receipts: AccessTokens;
  readonly log: Log;
  readonly byAccount: RateLimit;
  readonly byAddress: RateLimit;
  /** Address of Asterisk's WebSocket, its realm, and the domain of AORs. */
  readonly sip: { readonly url: string; readonly realm: string; readonly domain: string };
  /** True where the app is reached over https: the cookie then never goes over plain http. */
  readonly secureCookie: boolean;
  config(): Promise<CentreConfig>;
  health(): Health & { readonly ok: boolean };
  /** True when a browser page of `origin` is ours (WR1). */
  isOwnOrigin(origin: string | undefined, host: string | undefined): boolean;
}

const REFRESH_COOKIE = 'refresh';

const STATUS: Partial<Record<Refusal, 401 | 403 | 404 | 409 | 413 | 429 | 503>> = {
  unauthorised: 401,
  'wrong-credentials': 401,
  'session-ended': 401,
  forbidden: 403,
  'not-found': 404,
  'not-registered': 409,
  'too-large': 413,
  'too-many-attempts': 429,
  'store-unavailable': 503,
  'asterisk-unavailable': 503,
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Hono's own type for a context of any path
type AnyContext = Context<any, any, any>;

const refuse = (context: AnyContext, code: Refusal, detail?: string) =>
  context.json({ error: { code, ...(detail === undefined ? {} : { detail }) } }, STATUS[code] ?? 400);

/** The rest of the body stays unread, so the connection must not serve a next request: a proxy would share it. */
function refuseTooLarge(context: AnyContext): Response {
  context.header('Connection', 'close');
  return refuse(context, 'too-large');
}

/** Path of the cookie: the API only, below whatever prefix a reverse proxy keeps. */
const cookiePath = (context: Context): string => context.req.path.replace(/\/api\/.*$/, '/api');

export function createHttp(deps: HttpDeps): Hono {
  const app = new Hono();
  app.use(secureHeaders(securityHeaders(deps.sip.url)));
  app.use('/api/*', bodyLimit({ maxSize: 16_384, onError: refuseTooLarge }));
  app.use('/api/*', async (context, next) => {
    context.header('Cache-Control', 'no-store');
    const foreign = !deps.isOwnOrigin(context.req.header('origin'), context.req.header('host'));
    if (context.req.method !== 'GET' && foreign) return refuse(context, 'forbidden', 'origin');
    return next();
  });
  app.onError((error, context) => {
    const code: Refusal = error instanceof StoreError ? error.code : 'internal';
    deps.log.error({ path: context.req.path, ...errorFields(error) }, 'request failed');
    return context.json({ error: { code } }, code === 'internal' ? 500 : 503);
  });
  addSessions(app, deps);
  addUsers(app, deps);
  addReceipt(app, deps);
  app.get('/api/config', async (context) => {
    const session = await sessionOf(context, deps);
    return session ? context.json(await deps.config()) : refuse(context, 'unauthorised');
  });
  app.get('/health', (context) => {
    const { ok, ...health } = deps.health();
    return context.json({ status: ok ? 'ok' : 'degraded', ...health }, ok ? 200 : 503);
  });
  app.all('/api/*', (context) => refuse(context, 'not-found'));
  return app;
}

function securityHeaders(sipUrl: string): Parameters<typeof secureHeaders>[0] {
  return {
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      connectSrc: ["'self'", new URL(sipUrl).origin],
      mediaSrc: ["'self'", 'blob:'],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { microphone: ['self'], camera: [], geolocation: [] },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
  };
}

/** The id of the session whose access token came with the request, open or over; null without a valid one. */
async function sessionIdOf(context: Context, { tokens }: HttpDeps): Promise<string | null> {
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  return bearer === undefined ? null : tokens.verify(bearer);
}

async function sessionOf(context: Context, deps: HttpDeps): Promise<Session | null> {
  const id = await sessionIdOf(context, deps);
  return id === null ? null : deps.sessions.open(id);
}

/** The JSON that came, an empty object for an empty body, or undefined for whatever is not said to be JSON or is none. */
async function body(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  // A form of another page can post text that is JSON, but not call it so.
  if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const asObject = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

function addSessions(app: Hono, deps: HttpDeps): void {
  app.post('/api/sign-in', async (context) => {
    const request = v.safeParse(SignInSchema, await body(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const address = addressOf(context);
    if (!deps.byAccount.take(request.output.extension) || !deps.byAddress.take(address)) {
      deps.log.warn({ agent: request.output.extension, address }, 'too many sign-in attempts');
      return refuse(context, 'too-many-attempts');
    }
    const result = await deps.sessions.signIn(request.output);
    // Only failures count: a whole centre may sign in at eight.
    if (result.ok) {
      deps.byAccount.giveBack(request.output.extension);
      deps.byAddress.giveBack(address);
    }
    return answer(context, deps, result);
  });
  app.post('/api/refresh', async (context) => {
    const token = getCookie(context, REFRESH_COOKIE);
    if (!token) return refuse(context, 'unauthorised');
    return answer(context, deps, await deps.sessions.refresh(token));
  });
  app.post('/api/sign-out', async (context) => {
    const session = await sessionIdOf(context, deps);
    // Not 204: with an old token nothing was ended. The device refreshes and asks again.
    if (session === null) return refuse(context, 'unauthorised');
    const request = v.safeParse(SignOutSchema, await body(context));
    if (!request.success) return refuse(context, 'bad-request', 'everywhere');
    // Idempotent (SE2): signing out of a session that is over is done already.
    const result = await deps.sessions.signOut(session, request.output.everywhere);
    if (!result.ok) return refuse(context, result.code);
    deleteCookie(context, REFRESH_COOKIE, { path: cookiePath(context) });
    return context.body(null, 204);
  });
}

/** SE2: each asked for oneself, and as often as it takes. */
function addUsers(app: Hono, deps: HttpDeps): void {
  app.post('/api/users/agent-online', async (context) => {
    const session = await sessionOf(context, deps);
    if (!session) return refuse(context, 'unauthorised');
    const request = v.safeParse(AgentOnlineSchema, await body(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const { extension, contactUri } = request.output;
    if (extension !== session.extension) return refuse(context, 'forbidden');
    const result = await deps.contacts.setContactOnline(extension, session.id, contactUri);
    return result.ok ? context.json({ registered: true }) : refuse(context, result.code);
  });
  app.post('/api/users/agent-logout', async (context) => {
    const id = await sessionIdOf(context, deps);
    const session = id === null ? null : await deps.sessions.find(id);
    if (!session) return refuse(context, 'unauthorised');
    const request = v.safeParse(AgentLogoutSchema, await body(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const { extension, everywhere } = request.output;
    if (extension !== session.extension) return refuse(context, 'forbidden');
    const result = await deps.sessions.signOut(session.id, everywhere);
    if (!result.ok) return refuse(context, result.code);
    deleteCookie(context, REFRESH_COOKIE, { path: cookiePath(context) });
    return context.json({ signedOut: true, durationMs: result.durationMs });
  });
}

/** SE8: the receipt itself says who asks; it is good for nothing else. */
function addReceipt(app: Hono, deps: HttpDeps): void {
  app.post('/api/receipt', async (context) => {
    const request = v.safeParse(ReceiptSchema, await body(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const id = await deps.receipts.verify(request.output.receipt);
    if (id === null) return refuse(context, 'unauthorised');
    const result = await deps.sealed.take(id, request.output);
    if (!result.ok) return refuse(context, result.code);
    const cookie = getCookie(context, REFRESH_COOKIE);
    // By now somebody else may have signed in in this browser.
    if (cookie && (await deps.sessions.ownerOf(cookie)) === id)
      deleteCookie(context, REFRESH_COOKIE, { path: cookiePath(context) });
    return context.json({ signedOut: true, refused: result.refused });
  });
}

function addressOf(context: Context): string {
  const { incoming } = context.env as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}

async function answer(context: Context, deps: HttpDeps, result: Grant) {
  if (!result.ok) {
    if (result.code === 'session-ended') deleteCookie(context, REFRESH_COOKIE, { path: cookiePath(context) });
    return refuse(context, result.code);
  }
  setCookie(context, REFRESH_COOKIE, result.grant.refreshToken, {
    httpOnly: true,
    sameSite: 'Strict',
    secure: deps.secureCookie,
    path: cookiePath(context),
    maxAge: REFRESH_TOKEN_MS / 1_000,
  });
  return context.json(await grantBody(deps, result.grant));
}

async function grantBody(
  { tokens, receipts, sip }: HttpDeps,
  { session, person, sip: secret }: Granted,
): Promise<SessionGrant> {
  const { extension, name, role } = person;
  return {
    accessToken: await tokens.issue(session.id),
    expiresInMs: ACCESS_TOKEN_MS,
    session: session.id,
    self: { extension, name, role },
    sip: {
      url: sip.url,
      aor: `sip:${extension}@${sip.domain}`,
      contactName: session.id,
      realm: sip.realm,
      ...secret,
    },
    receipt: await receipts.issue(session.id),
  };
}
