// SE1, SE4, AP10: the bridge's HTTP side. Every path is relative to the page's base; the refresh token is a cookie we never see.
import * as v from 'valibot';
import { ConfigSchema, HttpErrorSchema, SessionSchema } from '../../../domain/protocol/http.ts';
import { AppError, asAppError } from '../../models/app-error.ts';
import type { AuthPort } from '../../models/ports.ts';

const ANSWER_WITHIN_MS = 10_000;

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
}

async function send(base: string, { method, path, token, body }: Question): Promise<Response> {
  try {
    return await fetch(new URL(path, base), {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch (cause) {
    throw new AppError('network', { retryable: true, cause });
  }
}

const readJson = (response: Response): Promise<unknown> => response.json().catch(() => undefined);

/** An answer that is no refusal of ours came from a proxy or a bridge that starts: worth another try. */
async function refusalOf(response: Response): Promise<AppError> {
  const refusal = v.safeParse(HttpErrorSchema, await readJson(response));
  if (!refusal.success)
    return new AppError(response.status >= 500 ? 'network' : 'bad-answer', { retryable: true });
  const { code } = refusal.output.error;
  return new AppError(code, { retryable: response.status >= 500 });
}

async function ask<Schema extends v.GenericSchema>(
  base: string,
  question: Question,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const response = await send(base, question);
  if (!response.ok) throw await refusalOf(response);
  const answer = v.safeParse(schema, await readJson(response));
  if (!answer.success)
    throw new AppError('bad-answer', { retryable: true, cause: answer.issues[0].expected });
  return answer.output;
}

/** A request whose answer is that it was taken. */
async function tell(base: string, question: Omit<Question, 'method'>): Promise<void> {
  const response = await send(base, { method: 'POST', ...question });
  if (!response.ok) throw await refusalOf(response);
}

/** SE1: one tab refreshes at a time. Pages without a secure context have no locks; there each tab goes its own way. */
const alone = async <Result>(act: () => Promise<Result>): Promise<Result> =>
  'locks' in navigator ? await navigator.locks.request('refresh', act) : act();

/** `base`: the page's base address; `device`: what this device calls itself. */
export function createAuth(base: string, device: string): AuthPort {
  return {
    signIn: (extension, password) =>
      ask(
        base,
        { method: 'POST', path: 'api/sign-in', body: { extension, password, device } },
        SessionSchema,
      ),
    async refresh() {
      try {
        return await alone(() => ask(base, { method: 'POST', path: 'api/refresh' }, SessionSchema));
      } catch (error) {
        throw asAppError(error);
      }
    },
    signOut: (token, everywhere) => tell(base, { path: 'api/sign-out', token, body: { everywhere } }),
    agentOnline: (token, extension, contactUri) =>
      tell(base, { path: 'api/users/agent-online', token, body: { extension, contactUri } }),
    sendReceipt: (receipt) => tell(base, { path: 'api/receipt', body: receipt }),
    config: (token) => ask(base, { method: 'GET', path: 'api/config', token }, ConfigSchema),
  };
}
