import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutForAsterisk,
  MAX_ASTERISK_REASON_BYTES,
  MAX_REASON_CHARACTERS,
  normaliseReason,
  reasonProblem,
} from './reason.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Whole characters of every UTF-8 length, white space included. */
const text = fc.array(
  fc.oneof(
    fc.constantFrom('a', ' ', 'é', 'ж', 'я', '中', '\u{1F600}', '\u{1F469}\u200D\u{1F4BB}', '\u00a0'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  { maxLength: 150 },
);

describe('what a reason may be', () => {
  it.each([
    ['lunch', null],
    ['обед', null],
    ['', null],
    ['  ', null],
    ['a'.repeat(120), null],
    [`  ${'a'.repeat(120)}  `, null],
    ['\u{1F600}'.repeat(120), null],
    ['a'.repeat(121), 'reason-too-long'],
    ['\u{1F600}'.repeat(121), 'reason-too-long'],
    ['a'.repeat(500), 'reason-too-long'],
    ['lunch\r\nAction: Command', 'reason-control-characters'],
    ['line\nend', 'reason-control-characters'],
    ['\r', 'reason-control-characters'],
    ['nul\0', 'reason-control-characters'],
    ['tab\t', 'reason-control-characters'],
    ['\u007f', 'reason-control-characters'],
    ['\u0085', 'reason-control-characters'],
    ['\u2028', 'reason-control-characters'],
    ['\u2029', 'reason-control-characters'],
    ['half \ud83d a pair', 'reason-control-characters'],
    ['\ude00 the other half', 'reason-control-characters'],
  ])('[ST5] %j: %s', (reason, problem) => {
    expect(reasonProblem(reason)).toBe(problem);
  });

  it('[ST5] the limit is 120 characters and 79 bytes', () => {
    expect([MAX_REASON_CHARACTERS, MAX_ASTERISK_REASON_BYTES]).toEqual([120, 79]);
  });

  it.each([
    [null, null],
    ['', null],
    [' \u00a0 ', null],
    ['  lunch ', 'lunch'],
    ['обед', 'обед'],
  ])('[ST5] %j is stored as %j', (given, stored) => {
    expect(normaliseReason(given)).toBe(stored);
  });
});

/** Text without what parts astdb. */
const plain = (characters: readonly string[]): string =>
  characters.join('').toWellFormed().replace(/[,;|]/g, 'x');

describe('what Asterisk gets of a reason', () => {
  it.each([
    ['Lunch, late', 'Lunch late'],
    ['a ;| b', 'a b'],
    [',first', 'first'],
    ['last;', 'last'],
    [',', ''],
  ])('[ST5] %j goes as %j: what would part its memory of members is left out', (reason, sent) => {
    expect(cutForAsterisk(reason)).toBe(sent);
  });

  it('[ST5] at most 79 bytes, whole characters, the beginning of the reason, as much as fits', () => {
    fc.assert(
      fc.property(text, (characters) => {
        const reason = plain(characters).trimStart();
        const cut = cutForAsterisk(reason);
        expect(bytesOf(cut)).toBeLessThanOrEqual(MAX_ASTERISK_REASON_BYTES);
        expect(reason.startsWith(cut)).toBe(true);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut).toBe(cut.trimEnd());
        // What is left out begins with white space or would not have fitted whole.
        const [next = ''] = reason.slice(cut.length);
        const rest = reason.slice(cut.length).trimStart();
        const [nextWhole = ''] = rest;
        const upToNext = reason.slice(0, reason.length - rest.length + nextWhole.length);
        expect(next === '' || rest === '' || bytesOf(upToNext) > MAX_ASTERISK_REASON_BYTES).toBe(true);
      }),
    );
  });

  it('[ST5] a reason that fits goes as it is; cutting twice cuts nothing more', () => {
    fc.assert(
      fc.property(text, (characters) => {
        const reason = normaliseReason(plain(characters)) ?? 'PAUSE';
        const cut = cutForAsterisk(reason);
        expect(cutForAsterisk(cut)).toBe(cut);
        if (bytesOf(reason) <= MAX_ASTERISK_REASON_BYTES) expect(cut).toBe(reason);
        expect(cut).not.toBe('');
      }),
    );
  });

  it.each([
    ['ж'.repeat(40), 'ж'.repeat(39)],
    ['\u{1F600}'.repeat(20), '\u{1F600}'.repeat(19)],
    [`${'a'.repeat(78)}ж`, 'a'.repeat(78)],
    [`${'a'.repeat(77)} жжж`, 'a'.repeat(77)],
    ['a'.repeat(80), 'a'.repeat(79)],
  ])('[ST5] %j becomes %j', (reason, cut) => {
    expect(cutForAsterisk(reason)).toBe(cut);
  });
});
