// npm run docs: makes docs/protocol.md from the schemas of domain/protocol, so that the tables cannot say anything else
// than the decoders do. What no schema knows is here (routes, meanings) or in docs/protocol-notes.md.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as client from '../domain/protocol/client.ts';
import { CLOSE, type CloseReason } from '../domain/protocol/close-codes.ts';
import { REFUSALS, type Refusal } from '../domain/protocol/errors.ts';
import * as health from '../domain/protocol/health.ts';
import * as http from '../domain/protocol/http.ts';
import * as server from '../domain/protocol/server.ts';
import * as views from '../domain/protocol/views.ts';
import { keepDocument } from './spec-doc.ts';

/** What this walk reads of a valibot schema, validation or metadata item. */
export interface Node {
  readonly kind: 'schema' | 'validation' | 'metadata' | 'transformation';
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly wrapped?: Node;
  readonly default?: unknown;
  readonly item?: Node;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly requirement?: unknown;
  readonly description?: string;
}

export type Names = ReadonlyMap<Node, string>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

/** The schemas a module exports, by the name a reader sees. */
export function namesOf(...modules: readonly object[]): Map<Node, string> {
  const named = modules.flatMap((module) => Object.entries(module) as [string, unknown][]);
  return new Map(
    named.flatMap(([name, value]) => (isNode(value) ? [[value, name.replace(/Schema$/, '')] as const] : [])),
  );
}

const CHECKS: Readonly<Record<string, (requirement: string) => string>> = {
  min_length: (least) => `at least ${least}`,
  max_length: (most) => `at most ${most}`,
  min_value: (least) => `from ${least}`,
  max_value: (most) => `up to ${most}`,
  safe_integer: () => 'whole',
  integer: () => 'whole',
  finite: () => 'finite',
  regex: (pattern) => `\`${pattern}\``,
};

function checkOf({ type, requirement }: Node): string {
  const words = CHECKS[type];
  if (!words) throw new Error(`protocol-doc: no words for the check "${type}"`);
  return words(String(requirement));
}

const quoted = (options: readonly unknown[] = []): string =>
  options.map((option) => `\`${String(option)}\``).join(', ');

/** The type in words; a schema that has a name of its own (`inside`: not the one being explained) becomes a link. */
export function typeOf(node: Node, names: Names, inside = true): string {
  const name = names.get(node);
  if (inside && name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  const [base, ...steps] = node.pipe ?? [];
  if (base) {
    const checks = steps.filter(({ kind }) => kind === 'validation').map(checkOf);
    return [typeOf(base, names), ...(checks.length > 0 ? [`(${checks.join(', ')})`] : [])].join(' ');
  }
  switch (node.type) {
    case 'nullable':
      return `${typeOf(node.wrapped as Node, names)} or null`;
    case 'optional':
      return typeOf(node.wrapped as Node, names);
    case 'array':
      return `list of ${typeOf(node.item as Node, names)}`;
    case 'object':
      return `{ ${Object.entries(node.entries ?? {})
        .map(([key, value]) => `${key}${isOptional(value) ? '?' : ''}: ${typeOf(value, names)}`)
        .join('; ')} }`;
    case 'variant':
      return (node.options as readonly Node[]).map((option) => typeOf(option, names)).join(' or ');
    case 'picklist':
      return node.options === REFUSALS ? '[a refusal](#refusals)' : `one of ${quoted(node.options)}`;
    case 'literal':
      return `\`${String(node.literal)}\``;
    default:
      return node.type;
  }
}

const isOptional = (node: Node): boolean => (node.pipe?.[0] ?? node).type === 'optional';

/** The newest description on the way from a field to a schema with a name, which explains itself. */
export function meaningOf(node: Node, names: Names): string {
  if (names.has(node)) return '';
  const own = node.pipe?.findLast(({ type }) => type === 'description')?.description;
  const inner = node.pipe?.[0] ?? node.wrapped;
  return own ?? (inner ? meaningOf(inner, names) : '');
}

const cell = (words: string): string => words.replaceAll('|', '\\|');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** The object a field holds under its `nullable` and `optional`, unless it has a name of its own. */
function nestedIn(node: Node, names: Names): Node | null {
  if (names.has(node)) return null;
  if (node.entries) return node;
  return node.wrapped ? nestedIn(node.wrapped, names) : null;
}

/** A row per field; the fields of a nested object follow it with dotted names. */
function fieldRows(node: Node, names: Names, prefix = ''): readonly (readonly string[])[] {
  return Object.entries(node.entries ?? {}).flatMap(([key, value]) => {
    const nested = nestedIn(value, names);
    const type = typeOf(value, names);
    const notes = [
      ...(isOptional(value)
        ? [value.default === undefined ? 'optional' : `default ${JSON.stringify(value.default)}`]
        : []),
      meaningOf(value, names),
    ].filter((note) => note !== '');
    const row = [`\`${prefix}${key}\``, nested ? type.replace(/^\{.*\}/, 'object') : type, notes.join('; ')];
    return [row, ...(nested ? fieldRows(nested, names, `${prefix}${key}.`) : [])];
  });
}

const fields = (node: Node, names: Names): string =>
  table(['Field', 'Type', 'Notes'], fieldRows(node, names));

const messages = (schema: unknown, names: Names): string =>
  ((schema as Node).options as readonly Node[])
    .map((option) => `### \`${String(option.entries?.['type']?.literal)}\`\n\n${fields(option, names)}`)
    .join('\n\n');

/** The routes of bridge/api/http.ts and http-users.ts (a test compares), with what goes in and comes out. */
export const ROUTES: readonly (readonly [route: string, body: string, answer: string, words: string])[] = [
  ['POST /api/sign-in', 'SignIn', 'Session', 'sets the refresh cookie'],
  ['POST /api/refresh', '', 'Session', 'by the refresh cookie alone; sets its successor'],
  ['POST /api/sign-out', 'SignOut', '', 'Bearer; 204, also when the session is over already'],
  [
    'POST /api/users/agent-online',
    'AgentOnline',
    '',
    'Bearer; own extension; `{registered}` once Asterisk holds the contact, else 409 `not-registered`',
  ],
  [
    'POST /api/users/agent-logout',
    'AgentLogout',
    '',
    'Bearer; own extension; `{signedOut, durationMs}`, the same however often it is asked',
  ],
  [
    'POST /api/receipt',
    'Receipt',
    '',
    'by the receipt alone; `{signedOut, refused}`: sequences of changes that may not be',
  ],
  ['GET /api/config', '', 'Config', 'Bearer'],
  ['GET /health', '', '', '`{status, asterisk, store}`: 200 `ok`, 503 `degraded`'],
];

const MEANINGS: Readonly<Record<Refusal, string>> = {
  'bad-request': 'not of the form this document describes',
  'unknown-status': 'not one of the eight statuses a person may choose',
  'reason-too-long': 'more than 120 characters',
  'reason-control-characters': 'line ends, other control characters, or half a character',
  'unknown-agent': 'nobody has this extension',
  'unknown-queue': 'the agent is no member of that queue',
  forbidden: 'the role or team does not allow it; over HTTP also: a page of another origin',
  'not-signed-in': 'the agent has no open session',
  'not-reachable': 'ONLINE for somebody else whose phone cannot be reached',
  'not-registered': 'Asterisk holds no such contact (yet)',
  'unknown-device': 'the agent has no such device',
  'asterisk-unavailable': 'Asterisk cannot be asked now',
  'sequence-taken': 'the device used this number for another change; see `lastSequence`',
  unauthorised: 'no token, a wrong one, or one that ran out',
  'wrong-credentials': 'extension or password',
  'too-many-attempts': 'sign-in: wait',
  'session-ended': 'a password is needed',
  'too-large': 'the body is over the limit',
  'too-fast': 'too many requests',
  'store-unavailable': 'nothing was stored; the same request may be sent again',
  'not-found': 'no such address',
  internal: 'a fault of the bridge; it is in its log',
};

const AFTER: Readonly<Record<CloseReason['after'], string>> = {
  retry: 'comes back by itself',
  refresh: 'gets a new access token, then comes back',
  fatal: 'does not come back by itself',
};

function shapes(names: Names, part: object, without: ReadonlySet<string>): string {
  const own = [...namesOf(part)]
    .filter(([, name]) => !without.has(name))
    .sort(([, a], [, b]) => (a < b ? -1 : 1));
  return own
    .map(([node, name]) => {
      const body = node.entries ? fields(node, names) : `${typeOf(node, names, false)}${noteOf(node)}`;
      return `### ${name}\n\n${body}`;
    })
    .join('\n\n');
}

function noteOf(node: Node): string {
  const words = meaningOf(node, new Map());
  return words === '' ? '' : `: ${words}`;
}

const routeRow = ([route, body, answer, words]: (typeof ROUTES)[number]): readonly string[] => {
  const link = (name: string): string => (name === '' ? '' : `[${name}](#${name.toLowerCase()})`);
  return [`\`${route}\``, link(body), link(answer), words];
};

/** The text of docs/protocol.md; `notes` is its hand-written end. */
export function renderProtocol(notes: string): string {
  const names = namesOf(client, server, views, health, http);
  // Messages have chapters of their own; the unions are those chapters.
  const chapters = new Set(['ClientMessage', 'Request', 'ServerMessage', 'FrameNumber']);
  for (const [node, name] of names) if (node.entries?.['type']?.type === 'literal') chapters.add(name);
  const spoken = client.PROTOCOLS_SPOKEN.join(', ');
  return `${[
    '# Protocol',
    'Made by `npm run docs` from `domain/protocol`; do not edit. The end is `docs/protocol-notes.md`.',
    `Version ${client.PROTOCOL}; spoken: ${spoken}. Frames and bodies are JSON text. A hello has at most ` +
      `${client.MAX_HELLO_BYTES} bytes, any other frame at most ${client.MAX_FRAME_BYTES}. Unknown fields are ignored.`,
    '## What an app sends',
    messages(client.ClientMessageSchema, names),
    '## What the bridge sends',
    'Every frame has one more field, `n`: its number on this connection.',
    messages(server.ServerMessageSchema, names),
    '## Shapes',
    shapes(names, { ...client, ...server, ...views, ...health }, chapters),
    '## HTTP',
    table(['Route', 'Body', 'Answer', ''], ROUTES.map(routeRow)),
    'A refusal has a status of 400 or above and an [HttpError](#httperror).',
    shapes(names, http, chapters),
    '## Close codes',
    table(
      ['Code', 'Why', 'The client', ''],
      Object.values(CLOSE).map(({ code, text, after }) => [String(code), text, `\`${after}\``, AFTER[after]]),
    ),
    '## Refusals',
    table(
      ['Code', 'Meaning'],
      REFUSALS.map((code) => [`\`${code}\``, MEANINGS[code]]),
    ),
    notes.replace(/^<!--[^]*?-->\s*/, '').trimEnd(),
  ].join('\n\n')}\n`;
}

if (import.meta.main) {
  const docs = resolve(import.meta.dirname, '../docs');
  const notes = readFileSync(join(docs, 'protocol-notes.md'), 'utf8');
  process.exitCode = keepDocument(join(docs, 'protocol.md'), renderProtocol(notes));
}
