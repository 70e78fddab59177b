import { describe, expect, it } from 'vitest';
import type { Clock } from '../../domain/clock.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { atMultiples } from './schedule.ts';

const MINUTE = 60_000;
/** A quarter past an hour, and 2 minutes. */
const START = Date.UTC(2026, 4, 1, 9, 17, 0);
const minutes = (times: readonly number[]): readonly string[] =>
  times.map((at) => new Date(at).toISOString().slice(11));

describe('the schedule', () => {
  it('[RG2] every five minutes by the wall clock, as cron counts them', () => {
    const clock = createFakeClock(START + 1);
    const times: number[] = [];
    const stop = atMultiples(clock, 5 * MINUTE, () => times.push(clock.now()));
    clock.advance(15 * MINUTE);
    expect(minutes(times)).toEqual(['09:20:00.000Z', '09:25:00.000Z', '09:30:00.000Z']);
    stop();
    clock.advance(15 * MINUTE);
    expect([times.length, clock.pending()]).toEqual([3, 0]);
  });

  it('[RG2] begun on the minute it is not due before the next', () => {
    const clock = createFakeClock(START + 3 * MINUTE);
    const times: number[] = [];
    atMultiples(clock, 5 * MINUTE, () => times.push(clock.now()));
    clock.advance(5 * MINUTE);
    expect(minutes(times)).toEqual(['09:25:00.000Z']);
  });

  it.each([
    ['a timer that comes 3 ms early', -3],
    ['a machine that slept for 11 minutes', 11 * MINUTE],
  ])('[RG2] %s: once, and then by the clock again', (_name, lateMs) => {
    const fake = createFakeClock(START);
    const [times, delays]: [number[], number[]] = [[], []];
    let skew = 0;
    const clock: Clock = {
      now: () => fake.now() + skew,
      after: (delayMs, callback) => (delays.push(delayMs), fake.after(delayMs, callback)),
    };
    atMultiples(clock, 5 * MINUTE, () => times.push(clock.now()));
    skew = lateMs;
    fake.advance(3 * MINUTE);
    const [came = 0] = times;
    const next = came + (delays[1] ?? 0);
    expect(minutes([next])).toEqual([lateMs < 0 ? '09:25:00.000Z' : '09:35:00.000Z']);
    expect([times.length, next % (5 * MINUTE)]).toEqual([1, 0]);
  });
});
