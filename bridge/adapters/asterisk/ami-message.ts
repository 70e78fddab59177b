// What goes to Asterisk is checked here before the library sees it; what the library parsed is put right here.
import { AmiError } from './ami-error.ts';

/** One AMI message: own lower-case keys on a null prototype. A header that came more than once is an array. */
export type AmiMessage = Readonly<Record<string, string | readonly string[]>>;

/** Fields of an action; `undefined` is left out. */
export type AmiFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The first value of a header, or undefined. For headers that Asterisk itself writes once. */
export function first(message: AmiMessage, key: string): string | undefined {
  const value = message[key];
  return typeof value === 'object' ? value[0] : value;
}

/** Asterisk's manager.c reads lines into 1,025 bytes and drops a longer one together with its action. */
const LONGEST_LINE_BYTES = 1_000;
const namePattern = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const keyPattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const lineBreakers = /[\r\n\0]/;

/** Belongs to the wrapper (session, heartbeat), or has an answer the library cannot read safely (defect 21). */
const ownActions = new Set(['login', 'logoff', 'challenge', 'events', 'command']);

function checkText(what: string, text: string): string {
  // The text itself stays out of the error: it may be a secret.
  if (lineBreakers.test(text)) throw new AmiError('invalid', `${what} holds CR, LF or NUL`);
  // A UTF-16 unit is at most 3 bytes in UTF-8, so short texts need no counting.
  if (text.length * 3 > LONGEST_LINE_BYTES && Buffer.byteLength(text) > LONGEST_LINE_BYTES) {
    throw new AmiError('invalid', `${what} is longer than Asterisk reads`);
  }
  return text;
}

/** Checks what is used outside `encodeAction`: user, secret, event mask. Throws AmiError 'invalid'. */
export function checkCredentials(texts: Readonly<Record<string, string>>): void {
  for (const [what, text] of Object.entries(texts)) checkText(what, text);
}

/** Refuses an action that callers must not send. Throws AmiError 'invalid'. */
export function checkActionName(name: string): void {
  if (!namePattern.test(name)) throw new AmiError('invalid', 'the name of an action is not one word');
  if (ownActions.has(name.toLowerCase())) throw new AmiError('invalid', `${name} is not for callers`);
}

/**
 * A fresh object for the library (it changes what it is given) with strings only (a null in an object makes it
 * print to stdout). Refuses, never strips: a stripped reason would be a different reason. Throws AmiError 'invalid'.
 */
export function encodeAction(
  name: string,
  id: string,
  fields: AmiFields | undefined,
): Record<string, string> {
  const out: Record<string, string> = { action: name, actionid: id };
  if (fields === undefined) return out;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    const lower = key.toLowerCase();
    if (!keyPattern.test(key) || Object.hasOwn(out, lower)) {
      throw new AmiError('invalid', `${name}: a field name is malformed, reserved or given twice`);
    }
    if (typeof value === 'object' || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new AmiError('invalid', `${name}: ${key} is not text, a finite number or a boolean`);
    }
    out[lower] = checkText(`${name}: ${key}`, String(value));
  }
  return out;
}

/** Headers that steer the wrapper: the first one counts, so that free headers of a UserEvent cannot forge them. */
const steering = new Set(['event', 'response', 'actionid', 'eventlist', 'message']);

/** `Variable` and `ChanVariable` arrive split into an object (defect 18): back to `NAME=value`, or `NAME` alone. */
function joinVariables(variables: object): readonly string[] {
  return Object.entries(variables).map(([name, value]) => (value === '' ? name : `${name}=${String(value)}`));
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  // Strings only: after a header `Constructor` the array begins with a function from the prototype (defect 19).
  if (Array.isArray(value)) return value.filter((part) => typeof part === 'string');
  return typeof value === 'object' && value !== null ? joinVariables(value) : [];
}

/** An item as the library parsed it → AmiMessage. Never throws. */
export function decodeItem(item: Readonly<Record<string, unknown>>): AmiMessage {
  const message = Object.create(null) as Record<string, string | readonly string[]>;
  for (const rawKey of Object.keys(item)) {
    const value = item[rawKey];
    const colon = rawKey.indexOf(':');
    // `Key:` without the space stays in the key (defect 19); what follows the colon was lower-cased by then.
    const key = colon < 0 ? rawKey : rawKey.slice(0, colon);
    const texts =
      colon < 0 ? textsOf(value) : [[rawKey.slice(colon + 1), ...textsOf(value)].filter(Boolean).join(': ')];
    const only = texts[0];
    if (only !== undefined) message[key] = texts.length === 1 || steering.has(key) ? only : texts;
  }
  return message;
}
