// From a phrase to words in one language.
import type { Catalogue, Phrase, Value } from './catalogue.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';

export const LANGUAGES = ['en', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский' };

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, ru };

/** The first of the reader's languages (BCP 47 tags, best first) that we speak, else English. */
export function pickLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
}

export interface Translator {
  say(phrase: Phrase): string;
  /** Time of day, e.g. 14:02. `at` is ms since the epoch. */
  time(at: number): string;
  /** The same with the day where it is another than that of `now`, e.g. 3 Mar, 14:02. */
  moment(at: number, now: number): string;
}

/** `timeZone`: an IANA name; the reader's own when absent. */
export function createTranslator(language: Language, timeZone?: string): Translator {
  const catalogue = CATALOGUES[language];
  const plurals = new Intl.PluralRules(language);
  const zone = timeZone === undefined ? {} : { timeZone };
  const ofDay = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone } as const;
  const clock = new Intl.DateTimeFormat(language, ofDay);
  const calendar = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', ...ofDay });
  const days = new Intl.DateTimeFormat('en', { dateStyle: 'short', ...zone });
  const numbers = new Intl.NumberFormat(language);

  const time = (at: number): string => clock.format(at);

  function text(value: Value): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return numbers.format(value);
    return 'at' in value ? time(value.at) : say(value);
  }

  function template({ key, values }: Phrase): string {
    const entry = catalogue[key];
    if (typeof entry === 'string') return entry;
    const count = values?.['count'];
    return entry[typeof count === 'number' ? plurals.select(count) : 'other'] ?? entry.other;
  }

  function say(phrase: Phrase): string {
    return template(phrase).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = phrase.values?.[name];
      return value === undefined ? whole : text(value);
    });
  }

  const moment = (at: number, now: number): string =>
    days.format(at) === days.format(now) ? time(at) : calendar.format(at);

  return { say, time, moment };
}
