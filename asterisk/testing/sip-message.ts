// Just enough SIP to be a phone in a test: parsing, writing, digest.
import { createHash } from 'node:crypto';

export interface SipMessage {
  /** Request line or status line. */
  readonly first: string;
  /** Lower-case name → every value, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

const shortNames: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
};

export function parseSip(text: string): SipMessage {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const long = shortNames[name] ?? name;
    headers.set(long, [...(headers.get(long) ?? []), line.slice(at + 1).trim()]);
  }
  return { first, headers, body: body.join('\r\n\r\n') };
}

export const header = (message: SipMessage, name: string): string => message.headers.get(name)?.[0] ?? '';

export const statusOf = (message: SipMessage): number =>
  Number(/^SIP\/2\.0 (\d+)/.exec(message.first)?.[1] ?? 0);

/** The answer to a request, with what must be copied from it (RFC 3261 8.2.6.2). */
export function sipReply(to: SipMessage, status: string, more: readonly string[] = [], body = ''): string {
  const copied = ['via', 'from', 'call-id', 'cseq'].flatMap((name) =>
    (to.headers.get(name) ?? []).map((value) => `${name}: ${value}`),
  );
  const toHeader = header(to, 'to');
  const tagged = toHeader.includes(';tag=') ? toHeader : `${toHeader};tag=phone`;
  return sipText(`SIP/2.0 ${status}`, [...copied, `to: ${tagged}`, ...more], body);
}

export const sipText = (first: string, lines: readonly string[], body = ''): string =>
  [first, ...lines, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export const ha1 = (user: string, realm: string, secret: string): string => md5(`${user}:${realm}:${secret}`);

/** Reads `name="value"` and `name=value` pairs of a challenge. */
export function challengeOf(value: string): Record<string, string> {
  const pairs = value.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g);
  return Object.fromEntries([...pairs].map((pair) => [pair[1] ?? '', pair[2] ?? pair[3] ?? '']));
}

export interface Credential {
  readonly user: string;
  /** md5("<user>:<realm>:<secret>"): a desk holds this, not the secret (SE1). */
  readonly ha1: string;
}

/** An Authorization header for `challenge` (RFC 2617 3.2.2, qop auth). */
export function authorization(
  challenge: string,
  method: string,
  uri: string,
  { user, ha1: hash }: Credential,
): string {
  const { realm = '', nonce = '', opaque = '', qop } = challengeOf(challenge);
  const ha2 = md5(`${method}:${uri}`);
  const cnonce = md5(`${nonce}${user}`).slice(0, 8);
  const response = qop
    ? md5(`${hash}:${nonce}:00000001:${cnonce}:auth:${ha2}`)
    : md5(`${hash}:${nonce}:${ha2}`);
  const counted = qop ? `, qop=auth, nc=00000001, cnonce="${cnonce}"` : '';
  return (
    `authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=MD5, opaque="${opaque}"${counted}`
  );
}
