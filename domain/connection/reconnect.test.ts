import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amiPolicy, createReconnectPolicy, deskPolicy } from './reconnect.ts';

const almostOne = 1 - Number.EPSILON;

describe('reconnect policy', () => {
  it.each([
    // attempt, down for, random, expected
    [0, 0, almostOne, 499],
    [1, 900, almostOne, 999],
    [3, 5_000, almostOne, 3_999],
    [4, 20_000, almostOne, 4_999],
    [40, 59_999, almostOne, 4_999],
    [40, 60_000, almostOne, 29_999],
    [4, 60_000, almostOne, 7_999],
    [5_000, 86_400_000, almostOne, 29_999],
    [40, 60_000, 0.5, 15_000],
    [40, 60_000, 0, 0],
    [-1, 0, 0.5, 250],
  ])(
    '[AP5] desk: attempt %i after %i ms with draw %d waits %i ms',
    (attempt, downForMs, random, expected) => {
      expect(deskPolicy.nextDelayMs({ attempt, downForMs, random })).toBe(expected);
    },
  );

  it.each([
    [0, 0, almostOne, 49],
    [3, 300, almostOne, 399],
    [5, 3_000, almostOne, 999],
    [99, 59_999, almostOne, 999],
    [99, 60_000, almostOne, 999],
  ])('[OP2] AMI: attempt %i after %i ms with draw %d waits %i ms', (attempt, downForMs, random, expected) => {
    expect(amiPolicy.nextDelayMs({ attempt, downForMs, random })).toBe(expected);
  });

  it('[AP5] only a fatal refusal ends it, and for AMI it only slows it down', () => {
    const fatal = { attempt: 0, downForMs: 0, random: 0, fatal: true };
    expect(deskPolicy.nextDelayMs(fatal)).toBeNull();
    expect(amiPolicy.nextDelayMs(fatal)).toBe(60_000);
    expect(amiPolicy.nextDelayMs({ ...fatal, random: 0.5 })).toBe(75_000);
    expect(deskPolicy.nextDelayMs({ ...fatal, fatal: false })).toBe(0);
  });

  const anyContext = fc.record({
    attempt: fc.nat(1_000_000),
    downForMs: fc.nat(1_000_000_000),
    random: fc.double({ min: 0, max: almostOne, noNaN: true }),
  });

  it('[AP5] never gives up and never waits longer than its cap', () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        for (const [policy, early, late] of [
          [deskPolicy, 5_000, 30_000],
          [amiPolicy, 1_000, 1_000],
        ] as const) {
          const delay = policy.nextDelayMs(context);
          expect(delay).not.toBeNull();
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(context.downForMs < 60_000 ? early : late);
        }
      }),
    );
  });

  it('[AP5] a later attempt never has a lower ceiling, a greater draw never a shorter wait', () => {
    const options = fc.record({
      baseMs: fc.integer({ min: 1, max: 10_000 }),
      earlyCapMs: fc.integer({ min: 1, max: 100_000 }),
      earlyForMs: fc.nat(100_000),
      lateCapMs: fc.integer({ min: 1, max: 100_000 }),
      fatalDelayMs: fc.constant(null),
    });
    fc.assert(
      fc.property(
        options,
        anyContext,
        fc.double({ min: 0, max: almostOne, noNaN: true }),
        (given, context, other) => {
          const policy = createReconnectPolicy(given);
          const delay = (change: object): number => policy.nextDelayMs({ ...context, ...change }) ?? -1;
          expect(delay({ attempt: context.attempt + 1 })).toBeGreaterThanOrEqual(delay({}));
          const [low, high] = [Math.min(other, context.random), Math.max(other, context.random)];
          expect(delay({ random: high })).toBeGreaterThanOrEqual(delay({ random: low }));
        },
      ),
    );
  });
});
