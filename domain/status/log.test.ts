import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeChoice, makeStep, T0 } from '../testing/build.ts';
import { CAUSES, compareEntries, entryId, isChange, placeInTime, type LogEntry } from './log.ts';

const entry = fc
  .record({
    device: fc.constantFrom('s-a', 's-b', 'bridge'),
    sequence: fc.nat(12),
    made: fc.integer({ min: T0, max: T0 + 3 }),
  })
  .map((given) => makeChoice(given));

describe('[ST11] the log', () => {
  it('[ST11] ids of one device sort as their sequence does', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(Math.sign(a - b)).toBe(
          entryId('s-a', a) === entryId('s-a', b) ? 0 : entryId('s-a', a) < entryId('s-a', b) ? -1 : 1,
        );
      }),
    );
  });

  it('[ST11] the same change sent twice has the same id, another device or sequence another', () => {
    expect([entryId('s-a', 7), entryId('s-a', 7), entryId('s-b', 7), entryId('s-a', 8)]).toEqual([
      ...['s-a.0000000007', 's-a.0000000007', 's-b.0000000007', 's-a.0000000008'],
    ]);
  });

  it('[ST11] seven causes; choices and steps are changes, other facts are not', () => {
    expect(CAUSES).toEqual([
      ...['agent', 'supervisor', 'call', 'registration', 'asterisk', 'deadline', 'session'],
    ]);
    const base = {
      id: 'x',
      agent: '1001',
      cause: 'registration',
      actor: 'asterisk',
      device: 'bridge',
    } as const;
    const facts: readonly LogEntry[] = [
      makeChoice(),
      makeStep(),
      { ...base, kind: 'registration', sequence: 1, made: T0, received: T0, state: 'unknown' },
      { ...base, kind: 'call', sequence: 2, made: T0, received: T0, call: '1.2', phase: 'ended' },
      { ...base, kind: 'hold', sequence: 3, made: T0, received: T0, queue: 'support', reason: null },
      { ...base, kind: 'gap', sequence: 4, made: T0, received: T0, from: T0 - 5 },
    ];
    expect(facts.map(isChange)).toEqual([true, true, false, false, false, false]);
  });

  it('[ST10] the order is total: one way round, the same both ways, and of any three', () => {
    fc.assert(
      fc.property(entry, entry, entry, (a, b, c) => {
        expect(Math.sign(compareEntries(a, b))).toBe(-Math.sign(compareEntries(b, a)) + 0);
        expect(compareEntries(a, b) === 0).toBe(a.made === b.made && a.id === b.id);
        if (compareEntries(a, b) <= 0 && compareEntries(b, c) <= 0)
          expect(compareEntries(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('[ST10] made time first, then the id', () => {
    const early = makeChoice({ device: 's-z', made: T0 });
    const second = makeChoice({ device: 's-a', sequence: 10, made: T0 + 1 });
    const first = makeChoice({ device: 's-a', sequence: 9, made: T0 + 1 });
    expect([second, first, early].sort(compareEntries)).toEqual([early, first, second]);
  });
});

describe('[PS5] the place of a change in time', () => {
  it.each([
    // claimed, offset, previous, next, received, made, uncertain
    ['as claimed', 100, 0, null, null, 200, 100, false],
    ['corrected by the measured offset', 5_100, -5_000, null, null, 200, 100, false],
    ['not after it was received', 300, 0, null, null, 200, 200, false],
    ['a clock far ahead is uncertain', 10_000, 0, null, null, 200, 200, true],
    ['not before the entry before it', 100, 0, 150, null, 200, 150, false],
    ['a clock set back is uncertain', 100, 0, 2_101, null, 9_000, 2_101, true],
    ['a jump of 2 s exactly is not', 100, 0, 2_100, null, 9_000, 2_100, false],
    ['received before the entry before it', 100, 0, 300, null, 200, 200, false],
    ['not after the entry after it, which came first', 190, 0, 100, 150, 200, 150, false],
    ['late and of a clock far ahead', 9_000, 0, 100, 150, 9_500, 150, true],
    ['whole ms', 100.4, 0.2, null, null, 200, 101, false],
    ['never before time began', -50, 0, null, null, 200, 0, false],
  ])('[PS5] %s', (_name, claimedMs, offsetMs, previousMadeMs, nextMadeMs, receivedMs, made, uncertain) => {
    expect(placeInTime({ claimedMs, offsetMs, previousMadeMs, nextMadeMs, receivedMs })).toEqual({
      made,
      uncertain,
    });
  });

  it('[PS5] always between the entry before it and the time received', () => {
    const time = fc.integer({ min: -1e13, max: 1e13 });
    fc.assert(
      fc.property(
        time,
        time,
        fc.option(fc.nat(1e9)),
        fc.nat(1e9),
        (claimedMs, offsetMs, previousMadeMs, late) => {
          const receivedMs = (previousMadeMs ?? 0) + late;
          const { made } = placeInTime({ claimedMs, offsetMs, previousMadeMs, nextMadeMs: null, receivedMs });
          expect(made).toBeGreaterThanOrEqual(previousMadeMs ?? 0);
          expect(made).toBeLessThanOrEqual(receivedMs);
        },
      ),
    );
  });
});
