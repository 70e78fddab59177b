// WR1: the one place where text becomes a message and back. What does not fit is refused here and changes nothing.
import * as v from 'valibot';
import { ClientMessageSchema, type ClientMessage } from './client.ts';
import { FrameNumberSchema, ServerMessageSchema, type ServerMessage } from './server.ts';

export type Decoded<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly problem: string; readonly requestId: string | null };

const requestIdSchema = v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)) });

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function refuse(issue: v.BaseIssue<unknown>, value: unknown): Decoded<never> {
  const path = v.getDotPath(issue);
  const id = v.safeParse(requestIdSchema, value);
  return {
    ok: false,
    // The received value stays out: it may be a secret in the wrong field.
    problem: `${path ?? 'message'}: expected ${issue.expected ?? issue.type}`,
    requestId: id.success ? id.output.id : null,
  };
}

const NOT_JSON: Decoded<never> = { ok: false, problem: 'not JSON', requestId: null };

/** At the bridge: a frame from an app. `requestId` says whom to nack, when the frame had one. */
export function decodeClient(text: string): Decoded<ClientMessage> {
  const json = parseJson(text);
  if (!json) return NOT_JSON;
  const result = v.safeParse(ClientMessageSchema, json.value);
  return result.success ? { ok: true, message: result.output } : refuse(result.issues[0], json.value);
}

/** At the app: a frame from the bridge, with its number. */
export function decodeServer(text: string): Decoded<{ readonly n: number; readonly body: ServerMessage }> {
  const json = parseJson(text);
  if (!json) return NOT_JSON;
  const number = v.safeParse(FrameNumberSchema, json.value);
  if (!number.success) return refuse(number.issues[0], json.value);
  const body = v.safeParse(ServerMessageSchema, json.value);
  if (!body.success) return refuse(body.issues[0], json.value);
  return { ok: true, message: { n: number.output.n, body: body.output } };
}

export const encodeClient = (message: ClientMessage): string => JSON.stringify(message);

/** The body once for all connections of one scope (WR5); `numbered` puts each connection's frame number before it. */
export const encodeServerBody = (message: ServerMessage): string => JSON.stringify(message);

/** The same for views that are encoded already, each once for all who see it. */
export const encodeViews = (
  type: 'agents:snapshot' | 'agent:status',
  rev: number,
  views: readonly string[],
): string => `{"type":"${type}","rev":${rev},"agents":[${views.join(',')}]}`;

/** `body` is the text of an object with at least one member. */
export const numbered = (n: number, body: string): string => `{"n":${n},${body.slice(1)}`;
