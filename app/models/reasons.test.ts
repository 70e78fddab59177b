import { describe, expect, it } from 'vitest';
import type { CatalogueReason } from '../../domain/status/catalogue.ts';
import { createTranslator } from '../i18n/translate.ts';
import { reasonWords } from './reasons.ts';

const lunch: CatalogueReason = {
  ...{ id: 'lunch', name: { en: 'Lunch', ru: 'Обед' }, colour: null, limitMs: null },
  status: 'BREAK',
};

const read = (language: 'en' | 'ru', status: string, reason: string): string =>
  reasonWords({ reasons: [lunch], language, say: createTranslator(language).say }, { status, reason });

describe('a reason as its reader sees it', () => {
  it.each([
    ['BREAK', 'lunch', 'Lunch', 'Обед'],
    ['BREAK', 'Обед', 'Lunch', 'Обед'],
    ['PAUSE', 'lunch', 'lunch', 'lunch'],
    ['PAUSE', 'desk closed', 'desk closed', 'рабочее место закрыто'],
    ['PAUSE', 'жду курьера', 'жду курьера', 'жду курьера'],
    ['PAUSE', 'constructor', 'constructor', 'constructor'],
  ])('[ST8] [RG13] %s %s: %s, %s', (status, reason, english, russian) => {
    expect([read('en', status, reason), read('ru', status, reason)]).toEqual([english, russian]);
  });
});
