import { describe, expect, it } from 'vitest';
import { createSteadyNow } from './clock.ts';

const HOUR = 3_600_000;

function bench(notBefore = 0) {
  const sources = { wall: 10 * HOUR, monotonic: 5.4 };
  const now = createSteadyNow(notBefore, { wall: () => sources.wall, monotonic: () => sources.monotonic });
  return {
    now,
    /** Both clocks go on; the wall clock also jumps. */
    pass(ms: number, jumpMs = 0) {
      sources.wall += ms + jumpMs;
      sources.monotonic += ms;
    },
  };
}

describe('[PS5] the bridge’s clock', () => {
  it('[PS5] is the wall clock while nobody sets that', () => {
    const { now, pass } = bench();
    pass(1_000);
    expect(now()).toBe(10 * HOUR + 1_000);
  });

  it('[PS5] set back by 3 h it goes on at its pace, and is the wall clock again once that caught up', () => {
    const { now, pass } = bench();
    pass(0, -3 * HOUR);
    expect(now()).toBe(10 * HOUR);
    for (let tick = 0; tick < 100; tick += 1) {
      pass(0.3);
      now();
    }
    expect(now()).toBe(10 * HOUR + 30);
    pass(HOUR);
    expect(now()).toBe(11 * HOUR + 30);
    pass(0, 3 * HOUR);
    pass(5_000);
    expect(now()).toBe(11 * HOUR + 5_030);
  });

  it('[PS5] follows a clock set forward, or a machine that slept', () => {
    const { now, pass } = bench();
    pass(1, 3 * HOUR);
    expect(now()).toBe(13 * HOUR + 1);
    pass(1, -3 * HOUR);
    expect(now()).toBe(13 * HOUR + 2);
  });

  it('[PS5] is never before what the log has seen: a restart is no way back', () => {
    const { now, pass } = bench(12 * HOUR);
    expect(now()).toBe(12 * HOUR);
    pass(10);
    expect(now()).toBe(12 * HOUR + 10);
  });
});
