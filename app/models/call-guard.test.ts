import { describe, expect, it } from 'vitest';
import { CallGuard } from './call-guard.ts';
import type { DeclineFacts } from './decline.ts';
import type { PhoneCall } from './ports.ts';
import { createFakeClock } from './testing.ts';

const call = (given: Partial<PhoneCall> = {}): PhoneCall => ({
  ...{ party: { name: null, number: '1' }, queue: 'support', linkedId: 'c1', waitedMs: null },
  answer: () => Promise.resolve(),
  reject: () => Promise.resolve(),
  end: () => Promise.resolve(),
  setMuted: () => undefined,
  ...given,
});

function setUp() {
  const clock = createFakeClock(100_000);
  const told: string[] = [];
  const state: { facts: DeclineFacts; ringing: PhoneCall | null } = {
    facts: {
      ...{ intent: { status: 'ONLINE', since: 0 }, pendingSince: null, bridgeGoneSince: null, queues: [] },
    },
    ringing: null,
  };
  const guard = new CallGuard({
    clock,
    facts: () => state.facts,
    ringing: () => state.ringing,
    decline: (declined) => {
      told.push(`declined ${declined.linkedId ?? 'unnamed'}`);
      state.ringing = null;
    },
    onDeclined: (queue, count) => told.push(`${queue} ${count}`),
  });
  const ring = (given: Partial<PhoneCall> = {}): void => {
    state.ringing = call(given);
    guard.check();
  };
  const rest = (): void => {
    const since = clock.now();
    state.facts = { ...state.facts, intent: { status: 'BREAK', since }, pendingSince: since };
    guard.check();
  };
  const confirm = (): void => {
    state.facts = { ...state.facts, pendingSince: null };
    guard.check();
  };
  return { clock, told, guard, ring, rest, confirm };
}

describe('call guard', () => {
  it('[AP11] a call that rings already is declined when the 2 s are over, not before', async () => {
    const { clock, told, ring, rest } = setUp();
    ring();
    rest();
    await clock.advance(1_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['declined c1', 'support 1']);
  });

  it('[AP11] a confirmation in time lets it ring', async () => {
    const { clock, told, ring, rest, confirm } = setUp();
    ring();
    rest();
    await clock.advance(1_500);
    confirm();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it('[AP11] a caller who is offered again each second is declined each time and counted once', async () => {
    const { clock, told, ring, rest, confirm } = setUp();
    rest();
    await clock.advance(3_000);
    ring();
    ring();
    ring({ linkedId: 'c2', queue: 'sales' });
    ring({ linkedId: null });
    expect(told).toEqual([
      ...['declined c1', 'support 1', 'declined c1', 'declined c2', 'sales 2', 'declined unnamed'],
      'support 3',
    ]);
    confirm();
    rest();
    await clock.advance(3_000);
    ring();
    expect(told.at(-1)).toBe('support 1');
  });

  it('[AP11] direct calls ring as ever', async () => {
    const { clock, told, ring, rest } = setUp();
    rest();
    await clock.advance(10_000);
    ring({ queue: null });
    await clock.advance(10_000);
    expect(told).toEqual([]);
  });
});
