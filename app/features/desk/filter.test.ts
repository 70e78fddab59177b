import { describe, expect, it } from 'vitest';
import { DEFAULT_CATALOGUE } from '../../../domain/status/catalogue.ts';
import { CHOOSABLE_STATUSES, type ChoosableStatus } from '../../../domain/status/status.ts';
import { createTranslator } from '../../i18n/translate.ts';
import { pickerHit, pickerRows } from './filter.ts';

const rows = (query: string, language: 'en' | 'ru' = 'en') => {
  const { say } = createTranslator(language);
  return pickerRows(query, DEFAULT_CATALOGUE, language, (status: ChoosableStatus) =>
    say({ key: `status.${status}` }),
  );
};

describe('status picker', () => {
  it('[ST2] offers every status a person may choose, numbered 1 to 8', () => {
    const all = rows('');
    expect(all.map(({ status }) => status).sort()).toEqual([...CHOOSABLE_STATUSES].sort());
    expect(all.map(({ digit }) => digit)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pickerHit('', all)).toBeNull();
  });

  it.each([
    ['br', 'en', 'BREAK', null],
    ['disturb', 'en', 'DO_NOT_DISTURB', null],
    ['lun', 'en', 'BREAK', 'lunch'],
    ['обе', 'ru', 'BREAK', 'lunch'],
    ['пау', 'ru', 'PAUSE', null],
    ['meet', 'en', 'MEETING', null],
    ['screen', 'en', 'BREAK', 'rest'],
  ] as const)('[ST8] typing %j (%s) finds %s, %s', (query, language, status, reason) => {
    expect(pickerHit(query, rows(query, language))).toEqual({ status, reason });
  });

  it('[ST8] typing what nothing begins with finds nothing', () => {
    expect(rows('zzz')).toEqual([]);
    expect(pickerHit('zzz', [])).toBeNull();
  });
});
