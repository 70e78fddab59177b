// What the routes of the HTTP side share: what they need, who asks, what came, and how to refuse.
import type { Context } from 'hono';
import { deleteCookie, getCookie } from 'hono/cookie';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { CentreConfig } from '../../domain/protocol/http.ts';
import type { Health } from '../../domain/protocol/views.ts';
import type { Log } from '../log.ts';
import type { Contacts } from '../sessions/contacts.ts';
import type { Session } from '../sessions/ports.ts';
import type { Receipts } from '../sessions/receipts.ts';
import type { Sessions } from '../sessions/sessions.ts';
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

export const REFRESH_COOKIE = 'refresh';

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
export type AnyContext = Context<any, any, any>;

export const refuse = (context: AnyContext, code: Refusal, detail?: string) =>
  context.json({ error: { code, ...(detail === undefined ? {} : { detail }) } }, STATUS[code] ?? 400);

/** The rest of the body stays unread, so the connection must not serve a next request: a proxy would share it. */
export function refuseTooLarge(context: AnyContext): Response {
  context.header('Connection', 'close');
  return refuse(context, 'too-large');
}

/** Path of the cookie: the API only, below whatever prefix a reverse proxy keeps. */
export const cookiePath = (context: Context): string => context.req.path.replace(/\/api\/.*$/, '/api');

/** Ends the refresh cookie of this browser. */
export function forgetCookie(context: Context): void {
  deleteCookie(context, REFRESH_COOKIE, { path: cookiePath(context) });
}

/** After the end of `session`. By now somebody else may have signed in in this browser: theirs stays. */
export async function forgetCookieOf(
  session: string,
  context: Context,
  { sessions }: HttpDeps,
): Promise<void> {
  const cookie = getCookie(context, REFRESH_COOKIE);
  const owner = cookie === undefined ? null : await sessions.ownerOf(cookie);
  if (owner === null || owner === session) forgetCookie(context);
}

/** The id of the session whose access token came with the request, open or over; null without a valid one. */
export async function sessionIdOf(context: Context, { tokens }: HttpDeps): Promise<string | null> {
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  return bearer === undefined ? null : tokens.verify(bearer);
}

export async function sessionOf(context: Context, deps: HttpDeps): Promise<Session | null> {
  const id = await sessionIdOf(context, deps);
  return id === null ? null : deps.sessions.open(id);
}

/** The JSON that came, an empty object for an empty body, or undefined for whatever is not said to be JSON or is none. */
export async function bodyOf(context: Context): Promise<unknown> {
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
