import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSame } from './equal.ts';

it.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  [NaN, NaN, true],
  [null, undefined, false],
  [{}, null, false],
  ['1', 1, false],
  [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ b: undefined }, { a: undefined }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [new Map([['a', { x: 1 }]]), new Map([['a', { x: 1 }]]), true],
  [new Map([['a', 1]]), new Map([['b', 1]]), false],
  [new Map([['a', undefined]]), new Map([['b', undefined]]), false],
  [new Map(), {}, false],
  [{}, new Map(), false],
])('[ST11] %j and %j say the same: %s', (a, b, same) => {
  expect([isSame(a, b), isSame(b, a)]).toEqual([same, same]);
});

it('[ST11] a copy says the same, and what differs as text does not', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.jsonValue(), (a, b) => {
      expect(isSame(a, structuredClone(a))).toBe(true);
      if (isSame(a, b)) expect(b).toEqual(a);
    }),
  );
});
