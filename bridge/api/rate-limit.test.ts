import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRateLimit } from './rate-limit.ts';

const times = (count: number, take: () => boolean): number =>
  Array.from({ length: count }, take).filter(Boolean).length;

describe('a rate limit', () => {
  it('[SE1] ten tries at once, then one every 30 s', () => {
    const clock = createFakeClock(0);
    const limit = createRateLimit(clock, { burst: 10, refillMs: 30_000 });
    const take = (): boolean => limit.take('1001');
    expect(times(12, take)).toBe(10);
    clock.advance(29_999);
    expect(take()).toBe(false);
    clock.advance(1);
    expect([take(), take()]).toEqual([true, false]);
    clock.advance(3_600_000);
    expect(times(12, take)).toBe(10);
  });

  it('[SE1] keys do not share', () => {
    const limit = createRateLimit(createFakeClock(0), { burst: 1, refillMs: 1_000 });
    expect([limit.take('a'), limit.take('b'), limit.take('a')]).toEqual([true, true, false]);
  });

  it('[SE1] what was given back can be taken again, never more than the burst', () => {
    const limit = createRateLimit(createFakeClock(0), { burst: 2, refillMs: 1_000 });
    limit.take('a');
    for (let count = 0; count < 5; count += 1) limit.giveBack('a');
    limit.giveBack('never seen');
    expect([times(5, () => limit.take('a')), times(5, () => limit.take('never seen'))]).toEqual([2, 2]);
  });

  it('[SE1] a clock set back gives nothing and takes nothing', () => {
    let now = 10_000;
    const limit = createRateLimit({ ...createFakeClock(0), now: () => now }, { burst: 1, refillMs: 1_000 });
    limit.take('a');
    now = 0;
    expect(limit.take('a')).toBe(false);
    now = 1_000;
    expect(limit.take('a')).toBe(true);
  });

  it('[SE1] ten thousand strangers do not free one who is out of tries', () => {
    const clock = createFakeClock(0);
    const limit = createRateLimit(clock, { burst: 1, refillMs: 1_000 });
    limit.take('a');
    for (let stranger = 0; stranger < 10_001; stranger += 1) limit.take(`x${stranger}`);
    expect(limit.take('a')).toBe(false);
    clock.advance(1_000);
    expect(limit.take('a')).toBe(true);
  });
});
