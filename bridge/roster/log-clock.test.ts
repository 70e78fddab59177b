import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createLogClock } from './log-clock.ts';

it('[PS5] log time never runs backwards, not over a restart, and no two entries share a stamp', () => {
  const clock = createFakeClock(1_000);
  let now = 1_000;
  const stepped = { ...clock, now: () => now };
  const logClock = createLogClock(stepped, 900);
  expect([logClock.stamp(), logClock.stamp()]).toEqual([1_000, 1_001]);
  now = 500;
  expect(logClock.stamp()).toBe(1_002);
  now = 5_000;
  expect(logClock.stamp()).toBe(5_000);
  expect(createLogClock({ ...clock, now: () => 4_000 }, 5_000).stamp()).toBe(5_001);
});
