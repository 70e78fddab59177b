import { describe, expect, it } from 'vitest';
import { forAsterisk, holdsOf, intentOf, madeOf, mayUnpause, wantedOf, type LogRow } from './oracle.ts';

let count = 0;
function row(fields: Partial<LogRow>): LogRow {
  count += 1;
  const made = fields.made ?? count * 1_000;
  return {
    ...{ rev: count, id: `d.${String(count).padStart(10, '0')}`, agent: '1001', kind: 'choice' },
    ...{ cause: 'agent', actor: '1001', device: 'd', sequence: count, made, received: made },
    ...{ status: null, reason: null, seen: null, follows: null, state: null, subject: null },
    uncertain: null,
    ...fields,
  };
}
const shown = (rows: readonly LogRow[]) => {
  const { status, reason } = intentOf(rows);
  return [status, reason];
};

describe('the oracle’s fold', () => {
  it('[ST10] the last choice by made time stands, in any order of arrival', () => {
    const rows = [row({ status: 'ONLINE', made: 1 }), row({ status: 'BREAK', reason: 'tea', made: 3 })];
    const late = row({ status: 'MEETING', made: 2 });
    for (const order of [[...rows, late], [late, ...rows], [...rows, late].reverse()])
      expect(shown(order)).toEqual(['BREAK', 'tea']);
    expect(shown([])).toEqual(['OFFLINE', null]);
  });

  it('[ST10] ties are told apart by id', () => {
    const [a, b] = [row({ status: 'BREAK', made: 5 }), row({ status: 'PAUSE', made: 5 })];
    expect(shown([b, a])).toEqual(['PAUSE', null]);
  });

  it('[ST10] a step counts only where the entry it follows is in force', () => {
    const online = row({ status: 'ONLINE' });
    const step = row({ kind: 'step', cause: 'session', status: 'OFFLINE', follows: online.id });
    expect(shown([online, step])).toEqual(['OFFLINE', null]);
    const late = row({ status: 'BREAK', made: online.made + 1 });
    expect(shown([online, step, late])).toEqual(['BREAK', null]);
    expect(shown([row({ kind: 'step', cause: 'session', status: 'ONLINE' })])).toEqual(['ONLINE', null]);
  });

  it('[PS6] an ONLINE over 60 s late is declined', () => {
    const pause = row({ status: 'BREAK', made: 1_000 });
    const online = (received: number) => row({ status: 'ONLINE', made: 2_000, received });
    expect(shown([pause, online(62_000)])).toEqual(['ONLINE', null]);
    const late = online(62_001);
    expect(intentOf([pause, late])).toMatchObject({ status: 'BREAK', declined: new Set([late.id]) });
  });
});

describe('the oracle’s guard', () => {
  const first = row({ status: 'ONLINE' });
  const ordered = row({ status: 'MEETING', cause: 'supervisor', actor: '1100' });

  it('[PS5] a supervisor’s change the agent had not seen stays, but for OFFLINE', () => {
    const unaware = row({ status: 'BREAK', seen: first.id });
    expect(intentOf([first, ordered, unaware])).toMatchObject({
      status: 'MEETING',
      overruled: new Set([unaware.id]),
    });
    expect(shown([first, ordered, row({ status: 'OFFLINE', seen: first.id })])).toEqual(['OFFLINE', null]);
    expect(shown([first, ordered, row({ status: 'BREAK', seen: 'd.unknown' })])).toEqual(['MEETING', null]);
  });

  it('[PS5] it was seen when it is named, or anything received no sooner', () => {
    expect(shown([first, ordered, row({ status: 'BREAK', seen: ordered.id })])).toEqual(['BREAK', null]);
    const other = row({ status: 'PAUSE', made: 1, received: ordered.received });
    expect(shown([first, ordered, other, row({ status: 'BREAK', seen: other.id })])).toEqual(['BREAK', null]);
  });

  it('[PS5] it ends with the step that took its place', () => {
    const step = row({ kind: 'step', cause: 'deadline', status: 'ONLINE', follows: ordered.id });
    expect(shown([first, ordered, step, row({ status: 'BREAK', seen: first.id })])).toEqual(['BREAK', null]);
  });
});

describe('what the oracle wants of Asterisk', () => {
  it('[ST5] paused for all but ONLINE, with the reason or the status name', () => {
    expect(wantedOf(intentOf([row({ status: 'ONLINE' })]), undefined)).toEqual({ paused: false });
    expect(wantedOf(intentOf([row({ status: 'BREAK' })]), undefined)).toEqual({
      paused: true,
      reasons: ['BREAK'],
    });
    expect(wantedOf(intentOf([row({ status: 'BREAK', reason: 'обед' })]), undefined)).toEqual({
      paused: true,
      reasons: ['обед'],
    });
  });

  it('[ST5] 79 bytes, and whole characters', () => {
    expect(forAsterisk('x'.repeat(90))).toBe('x'.repeat(79));
    expect(forAsterisk('я'.repeat(90))).toBe('я'.repeat(39));
    expect(forAsterisk(`${'x'.repeat(76)}😀`)).toBe('x'.repeat(76));
    expect(forAsterisk(`${'x'.repeat(78)} and more`)).toBe('x'.repeat(78));
    expect(forAsterisk('; stock, and | ,returns;')).toBe('stock and returns');
  });

  it('[PS8] a hold pauses its queue until it is lifted', () => {
    const held = row({ kind: 'hold', subject: 'sales', reason: 'stock', cause: 'asterisk' });
    expect([...holdsOf([held])]).toEqual([['sales', 'stock']]);
    expect(wantedOf(intentOf([row({ status: 'ONLINE' })]), 'stock')).toEqual({
      paused: true,
      reasons: ['stock'],
    });
    expect([...holdsOf([held, row({ kind: 'hold', subject: 'sales', reason: null })])]).toEqual([]);
  });
});

describe('the oracle’s proof', () => {
  const at = (received: number, status: string): LogRow => row({ status, made: received, received });
  const rows = [at(1_000, 'ONLINE'), at(5_000, 'BREAK'), at(9_000, 'ONLINE')];
  const here = [{ from: 0, to: Infinity }];

  it.each<[string, number, Partial<Parameters<typeof mayUnpause>[1]>, boolean]>([
    ['an answer since ONLINE', 9_100, { answered: [9_050] }, true],
    ['no answer', 9_100, {}, false],
    ['an answer before this ONLINE only', 9_100, { answered: [1_050, 6_000] }, false],
    ['an answer that came later', 9_100, { answered: [9_200] }, false],
    ['an answer for the ONLINE before, on a break', 5_100, { answered: [1_050] }, true],
    ['long on a break', 6_000, { answered: [1_050, 5_500] }, false],
    ['a phone lost since the answer', 9_900, { answered: [9_050], lost: [9_100] }, false],
    ['an answer after the phone was lost', 9_900, { answered: [9_050, 9_500], lost: [9_100] }, true],
    ['a phone lost just now', 9_900, { answered: [9_050], lost: [9_850] }, true],
    ['no page here: Asterisk’s word', 9_100, { pages: [] }, true],
    ['a page that just came', 9_100, { pages: [{ from: 8_900, to: Infinity }] }, true],
    ['a page that just went', 9_100, { pages: [...here, { from: 0, to: 9_000 }] }, true],
  ])('[RG12] %s', (_name, moment, given, may) => {
    const phones = { answered: [], lost: [], pages: here, ...given };
    expect(mayUnpause(rows, phones, moment, 200)).toBe(may);
  });
});

describe('the oracle’s made time', () => {
  it('[PS5] lies between its neighbours by sequence, and not after it was received', () => {
    const one = row({ made: 1_000, sequence: 1, rev: 1 });
    const three = row({ made: 3_000, sequence: 3, rev: 2 });
    const two = row({ made: 0, received: 5_000, sequence: 2, rev: 3 });
    const made = (said: number, there: readonly LogRow[]) => madeOf(two, said, there);
    expect([500, 2_000, 4_000].map((said) => made(said, [one, three]))).toEqual([1_000, 2_000, 3_000]);
    expect([500, 2_000, 9_000].map((said) => made(said, []))).toEqual([500, 2_000, 5_000]);
    // What came later than it says nothing about it.
    expect(made(4_000, [one, { ...three, rev: 4 }])).toBe(4_000);
  });
});
