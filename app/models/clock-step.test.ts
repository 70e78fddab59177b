import { describe, expect, it } from 'vitest';
import { createStepWatch } from './clock-step.ts';
import { createFakeClock } from './testing.ts';

describe('a step of the device’s clock', () => {
  it.each([
    ['time that passes', 0, 0],
    ['a small correction', 2_000, 0],
    ['a jump forward', 2_001, 2_001],
    ['a jump back', -3_600_000, -3_600_000],
  ])('[PS5] %s: %i ms are told as %i', async (_what, stepped, told) => {
    const clock = createFakeClock();
    const stepOf = createStepWatch(clock);
    await clock.advance(60_000);
    expect(stepOf()).toBe(0);
    clock.step(stepped);
    expect([stepOf(), stepOf()]).toEqual([told, 0]);
  });

  it('[PS5] many small corrections are no jump', () => {
    const clock = createFakeClock();
    const stepOf = createStepWatch(clock);
    const told = Array.from({ length: 10 }, () => {
      clock.step(1_000);
      return stepOf();
    });
    expect(told).toEqual(Array(10).fill(0));
  });
});
