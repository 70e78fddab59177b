// ST5, ST8: what a reason may be, and what of it Asterisk gets.

/** A person's reason has at most this many characters (code points); longer is refused, not cut. */
export const MAX_REASON_CHARACTERS = 120;

/** app_queue keeps the reason in an 80-byte buffer with its closing zero (apps/app_queue.c). */
export const MAX_ASTERISK_REASON_BYTES = 79;

export type ReasonProblem = 'reason-too-long' | 'reason-control-characters';

/** C0, DEL and C1 controls and the Unicode line ends: none may reach AMI, a log line or a board. */
// eslint-disable-next-line no-control-regex -- refusing control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Half of a surrogate pair is no character; it would arrive in Asterisk as U+FFFD and never agree. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What is wrong with a reason as typed, or null. White space around it does not count. */
export function reasonProblem(reason: string): ReasonProblem | null {
  if (CONTROL.test(reason) || LONE_SURROGATE.test(reason)) return 'reason-control-characters';
  return [...reason.trim()].length > MAX_REASON_CHARACTERS ? 'reason-too-long' : null;
}

/** The reason as it is stored: trimmed, and null when nothing is left. */
export function normaliseReason(reason: string | null): string | null {
  const trimmed = reason?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

/** UTF-8 length of one code point (RFC 3629 §3). */
function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/**
 * app_queue keeps its members in one line of astdb, parted by these: a comma in a reason loses the rest of the reason and
 * the members behind it at the next start (measured, 22.10).
 */
const PARTS_ASTDB = /\s*[,;|][\s,;|]*/g;

/** ST5: cut to 79 bytes of UTF-8, never inside a character, and no white space left at the cut. */
export function cutForAsterisk(reason: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of reason.replace(PARTS_ASTDB, ' ').trimStart()) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > MAX_ASTERISK_REASON_BYTES) break;
    kept += character;
  }
  return kept.trimEnd();
}
