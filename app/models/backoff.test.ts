import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import { Backoff } from './backoff.ts';
import { createFakeClock, fixedRng } from './testing.ts';

/** When a thing that never works is tried, in ms from the first failure. */
async function triesOf(forMs: number, after?: (backoff: Backoff) => void) {
  const clock = createFakeClock();
  const backoff = new Backoff({ clock, rng: fixedRng(0.999), policy: deskPolicy });
  const tries: number[] = [];
  const begin = clock.now();
  const fail = (): void => {
    tries.push(clock.now() - begin);
    backoff.again(fail);
  };
  backoff.again(fail);
  after?.(backoff);
  await clock.advance(forMs);
  return tries;
}

describe('trying again', () => {
  it('[AP5] ever more slowly, at most 5 s apart in the first minute and 30 s later, without end', async () => {
    const tries = await triesOf(10 * 60_000);
    const gaps = tries.map((at, index) => at - (tries[index - 1] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([499, 999, 1_998, 3_996]);
    expect(Math.max(...gaps.filter((_, index) => (tries[index] ?? 0) < 60_000))).toBe(4_995);
    expect(gaps.at(-1)).toBe(29_970);
  });

  it('[AP5] after a success the next failure is the first', async () => {
    const clock = createFakeClock();
    const backoff = new Backoff({ clock, rng: fixedRng(0.999), policy: deskPolicy });
    const tried: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const begin = clock.now();
      backoff.again(() => tried.push(clock.now() - begin));
      await clock.advance(5_000);
      backoff.reset();
    }
    expect(tried).toEqual([499, 499]);
  });

  it.each(['cancel', 'reset'] as const)('[AP5] after %s nothing is tried', async (stop) => {
    expect(await triesOf(60_000, (backoff) => backoff[stop]())).toEqual([]);
  });

  it('[AP5] of two plans the later stands', async () => {
    const clock = createFakeClock();
    const backoff = new Backoff({ clock, rng: fixedRng(0.5), policy: deskPolicy });
    const tried: string[] = [];
    backoff.again(() => tried.push('first'));
    backoff.again(() => tried.push('second'));
    await clock.advance(5_000);
    expect(tried).toEqual(['second']);
  });
});
