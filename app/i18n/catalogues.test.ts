import { describe, expect, it } from 'vitest';
import type { Catalogue, MessageKey, Plural } from './catalogue.ts';
import { CATALOGUES, createTranslator, LANGUAGES, pickLanguage } from './translate.ts';

const keys = (catalogue: Catalogue): MessageKey[] => Object.keys(catalogue).sort() as MessageKey[];
const texts = (entry: string | Plural): string[] =>
  typeof entry === 'string' ? [entry] : Object.values(entry);
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(LANGUAGES)('catalogue %s', (language) => {
  const catalogue = CATALOGUES[language];

  it('[AP8] has exactly the keys of English', () => {
    expect(keys(catalogue)).toEqual(keys(CATALOGUES.en));
  });

  it('[AP8] has no empty string and no stray white space', () => {
    const bad = keys(catalogue).filter((key) =>
      texts(catalogue[key]).some((text) => text === '' || text !== text.trim()),
    );
    expect(bad).toEqual([]);
  });

  it('[AP8] fills in what English fills in', () => {
    for (const key of keys(catalogue)) {
      const [english = ''] = texts(CATALOGUES.en[key]).slice(-1);
      for (const text of texts(catalogue[key]))
        expect([key, placeholders(text)]).toEqual([key, placeholders(english)]);
    }
  });

  it('[AP8] has every plural form of its language', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const key of keys(catalogue)) {
      const entry = catalogue[key];
      if (typeof entry !== 'string') expect(Object.keys(entry).sort()).toEqual([...pluralCategories].sort());
    }
  });
});

describe('words', () => {
  it.each([
    [1, '1 очередь'],
    [3, '3 очереди'],
    [5, '5 очередей'],
    [21, '21 очередь'],
  ])('[AP8] Russian counts: %i', (count, words) => {
    expect(createTranslator('ru').say({ key: 'truth.queueCount', values: { count } })).toBe(words);
  });

  it('[AP8] messages nest and moments are written as time of day', () => {
    const english = createTranslator('en', 'UTC');
    const at = Date.UTC(2026, 0, 2, 14, 2);
    expect(english.say({ key: 'truth.unknownSince', values: { time: { at } } })).toBe('unknown since 14:02');
    expect(
      english.say({
        key: 'truth.chosenReason',
        values: { status: { key: 'status.BREAK' }, reason: 'lunch' },
      }),
    ).toBe('Break (lunch)');
  });

  it('[AP8] another day than today is named', () => {
    const [at, now] = [Date.UTC(2026, 2, 3, 14, 2), Date.UTC(2026, 2, 4, 9, 0)];
    const [english, russian] = [createTranslator('en', 'UTC'), createTranslator('ru', 'UTC')];
    expect(english.moment(at, at + 60_000)).toBe('14:02');
    expect([english.moment(at, now), russian.moment(at, now)]).toEqual(['Mar 3, 14:02', '3 мар., 14:02']);
  });

  it.each([
    [['ru-RU', 'en'], 'ru'],
    [['de', 'ru'], 'ru'],
    [['de'], 'en'],
    [[], 'en'],
    [['EN-gb'], 'en'],
  ] as const)('[AP8] of %j the reader gets %s', (tags, language) => {
    expect(pickLanguage(tags)).toBe(language);
  });
});
