// The HTTP side: sign-in, refresh, sign-out, configuration, health, and the built app.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import * as v from 'valibot';
import type { Refusal } from '../../domain/protocol/errors.ts';
import { SignInSchema, SignOutSchema, type SessionGrant } from '../../domain/protocol/http.ts';
import { errorFields } from '../log.ts';
import { StoreError } from '../roster/ports.ts';
import type { Grant, Granted } from '../sessions/sessions.ts';
import { ACCESS_TOKEN_MS, REFRESH_TOKEN_MS } from '../sessions/tokens.ts';
import {
  bodyOf,
  cookiePath,
  forgetCookie,
  forgetCookieOf,
  REFRESH_COOKIE,
  refuse,
  refuseTooLarge,
  sessionIdOf,
  sessionOf,
  type HttpDeps,
} from './http-common.ts';
import { addReceipt, addUsers } from './http-users.ts';

export type { HttpDeps } from './http-common.ts';

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

function addSessions(app: Hono, deps: HttpDeps): void {
  app.post('/api/sign-in', async (context) => {
    const request = v.safeParse(SignInSchema, await bodyOf(context));
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
    const request = v.safeParse(SignOutSchema, await bodyOf(context));
    if (!request.success) return refuse(context, 'bad-request', 'everywhere');
    // Idempotent (SE2): signing out of a session that is over is done already.
    const result = await deps.sessions.signOut(session, request.output.everywhere);
    if (!result.ok) return refuse(context, result.code);
    await forgetCookieOf(session, context, deps);
    return context.body(null, 204);
  });
}

function addressOf(context: Context): string {
  const { incoming } = context.env as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}

async function answer(context: Context, deps: HttpDeps, result: Grant) {
  if (!result.ok) {
    if (result.code === 'session-ended') forgetCookie(context);
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
