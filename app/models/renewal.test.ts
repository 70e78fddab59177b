import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import type { SessionGrant } from '../../domain/protocol/http.ts';
import { Renewal } from './renewal.ts';
import { createFakeClock, fixedRng } from './testing.ts';

const grant = (expiresInMs: number, session = 's-1') => ({ expiresInMs, session }) as SessionGrant;

function setUp() {
  const clock = createFakeClock();
  const asked: ((answer: SessionGrant) => void)[] = [];
  const renewal = new Renewal({
    ...{ clock, rng: fixedRng(0.5), policy: deskPolicy },
    auth: { refresh: () => new Promise((resolve) => asked.push(resolve)) },
  });
  return { clock, renewal, asked };
}

describe('renewing the token', () => {
  it.each([
    [300_000, 240_000],
    [90_000, 45_000],
  ])('[SE1] one of %i ms is renewed after %i ms', async (expiresInMs, afterMs) => {
    const { clock, renewal } = setUp();
    let renewed = 0;
    renewal.plan(grant(expiresInMs), () => (renewed += 1));
    await clock.advance(afterMs - 1);
    expect(renewed).toBe(0);
    await clock.advance(1);
    expect(renewed).toBe(1);
  });

  it('[SE1] one request at a time, the next after its answer', async () => {
    const { clock, renewal, asked } = setUp();
    const both = Promise.all([renewal.renew(), renewal.renew()]);
    expect(asked).toHaveLength(1);
    const answer = grant(1);
    asked[0]?.(answer);
    expect(await both).toEqual([answer, answer]);
    await clock.advance(0);
    void renewal.renew();
    expect(asked).toHaveLength(2);
  });

  it('[SE1] [SE8] the cookie of another session, perhaps of somebody else, is no token for this desk', async () => {
    const { clock, renewal, asked } = setUp();
    const own = renewal.renewOwn('s-1');
    const answer = grant(1);
    asked[0]?.(answer);
    expect(await own).toBe(answer);
    await clock.advance(0);
    const others = renewal.renewOwn('s-1');
    asked[1]?.(grant(1, 's-2'));
    expect(await others).toBeNull();
  });

  it.each(['pause', 'reset'] as const)('[SE4] after %s nothing is planned', async (stop) => {
    const { clock, renewal } = setUp();
    let ran = 0;
    renewal.plan(grant(300_000), () => (ran += 1));
    renewal[stop]();
    renewal.again(() => (ran += 1));
    renewal[stop]();
    await clock.advance(600_000);
    expect(ran).toBe(0);
  });

  it('[AP5] a try that failed takes the place of the plan', async () => {
    const { clock, renewal } = setUp();
    const ran: string[] = [];
    renewal.plan(grant(300_000), () => ran.push('planned'));
    renewal.again(() => ran.push('again'));
    await clock.advance(600_000);
    expect(ran).toEqual(['again']);
  });
});
