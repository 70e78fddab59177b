import { describe, expect, it } from 'vitest';
import { createTranslator } from '../i18n/translate.ts';
import { stripWords, type StripInput } from './strip.ts';

const at = Date.UTC(2026, 0, 2, 14, 2);
const { say } = createTranslator('en', 'UTC');
const read = (given: Partial<StripInput>): string | null => {
  const strip = stripWords({
    ...{ bridgeGoneSince: null, phoneGoneSince: null, waiting: { count: 0, since: null } },
    ...{ declining: false, kept: true, now: at + 5_000 },
    ...given,
  });
  return strip && `${strip.kind}: ${strip.words.map(say).join(' ')}`;
};
const waiting = { count: 3, since: at };

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
      { bridgeGoneSince: at, waiting },
      'bridge: No connection to the centre since 14:02. Calls still ring here. Not yet sent: 3 changes.',
    ],
    [
      'AP11',
      { bridgeGoneSince: at, waiting: { count: 1, since: at }, declining: true },
      'bridge: No connection to the centre since 14:02. Queue calls are declined here. Not yet sent: 1 change.',
    ],
    [
      'AP5',
      { bridgeGoneSince: at, phoneGoneSince: at + 60_000, now: at + 90_000, waiting },
      'both: No connection since 14:02. Reconnecting by itself. No calls will come. Not yet sent: 3 changes.',
    ],
    [
      'AP5',
      { phoneGoneSince: at },
      'phone: Your phone is not connected since 14:02. No calls will come. Status changes still work.',
    ],
    ['AP2', { kept: false }, 'storage: This browser keeps nothing: do not close the page.'],
    ['AP2', { waiting }, null],
  ])('[%s] %j', (_rule, given, words) => {
    expect(read(given)).toBe(words);
  });
});
