import { describe, expect, it } from 'vitest';
import { createTranslator } from '../i18n/translate.ts';
import { stripWords, type StripInput } from './strip.ts';

const at = Date.UTC(2026, 0, 2, 14, 2);
const { say } = createTranslator('en', 'UTC');
const read = (given: Partial<StripInput>): string | null => {
  const strip = stripWords({
    ...{ bridgeGoneSince: null, phoneGoneSince: null, unsent: { count: 0, since: null } },
    ...{ waiting: null, endsAfterCall: false, declining: false, kept: true, now: at + 5_000 },
    ...given,
  });
  return strip && `${strip.kind}: ${strip.words.map(say).join(' ')}`;
};
const unsent = { count: 3, since: at };

describe('strip', () => {
  it.each<[string, Partial<StripInput>, string | null]>([
    ['AP2', {}, null],
    ['AP5', { bridgeGoneSince: at, now: at + 1_499 }, null],
    [
      'AP5',
      { bridgeGoneSince: at },
      'bridge: No connection to the centre since 14:02. Calls still ring here. Status changes are kept and sent later.',
    ],
    [
      'AP2',
      { bridgeGoneSince: at, unsent },
      'bridge: No connection to the centre since 14:02. Calls still ring here. Not yet sent: 3 changes.',
    ],
    [
      'AP11',
      { bridgeGoneSince: at, unsent: { count: 1, since: at }, declining: true },
      'bridge: No connection to the centre since 14:02. Queue calls are declined here. Not yet sent: 1 change.',
    ],
    [
      'AP5',
      { bridgeGoneSince: at, phoneGoneSince: at + 60_000, now: at + 90_000, unsent },
      'both: No connection since 14:02. Reconnecting by itself. No calls will come. Not yet sent: 3 changes.',
    ],
    [
      'AP5',
      { phoneGoneSince: at },
      'phone: Your phone is not connected since 14:02. No calls will come. Status changes still work.',
    ],
    ['AP2', { kept: false }, 'storage: This browser keeps nothing: do not close the page.'],
    ['AP2', { unsent }, null],
    [
      'SE1',
      { waiting: { why: 'over' }, bridgeGoneSince: at },
      'session: You were signed out. Your call goes on; the desk closes after it.',
    ],
    [
      'WR1',
      { waiting: { why: 'outdated' } },
      'session: This page is older than the centre. Your call goes on; reload the page after it.',
    ],
    [
      'SE4',
      { waiting: { why: 'sign-out', everywhere: false }, endsAfterCall: true },
      'session: You will be signed out when this call ends.',
    ],
    [
      'SE4',
      { endsAfterCall: true },
      'session: This device is being signed out. Your call goes on; the desk closes after it.',
    ],
  ])('[%s] %j', (_rule, given, words) => {
    expect(read(given)).toBe(words);
  });
});
