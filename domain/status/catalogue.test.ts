import { expect, it } from 'vitest';
import { DEFAULT_CATALOGUE } from './catalogue.ts';
import { normaliseReason, reasonProblem } from './reason.ts';
import { isChoosable } from './status.ts';

it('[ST8] each reason belongs to a status a person may choose, under an id of its own', () => {
  const ids = DEFAULT_CATALOGUE.map((reason) => reason.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(DEFAULT_CATALOGUE.filter((reason) => !isChoosable(reason.status))).toEqual([]);
  // Somebody ONLINE or OFFLINE gives no reason for it.
  expect(DEFAULT_CATALOGUE.filter(({ status }) => status === 'ONLINE' || status === 'OFFLINE')).toEqual([]);
});

it('[ST8] each has a name in both languages, a limit in whole minutes or none, and ids fit as reasons', () => {
  for (const { id, name, limitMs, colour } of DEFAULT_CATALOGUE) {
    expect(Object.keys(name)).toEqual(['en', 'ru']);
    expect(name.en).toMatch(/^[a-z][a-z ]+$/);
    expect(name.ru).toMatch(/^[а-яё][а-яё ]+$/);
    expect(limitMs === null || (limitMs > 0 && limitMs % 60_000 === 0)).toBe(true);
    expect(colour).toBeNull();
    for (const text of [id, name.en, name.ru]) {
      expect([reasonProblem(text), normaliseReason(text)]).toEqual([null, text]);
    }
  }
});
