import { describe, expect, it } from 'vitest';
import { declinesFrom, type DeclineFacts } from './decline.ts';

type Queue = DeclineFacts['queues'][number];

const queue = (wanted: Queue['wanted'], paused: boolean | null, at = 0): Queue => ({
  ...{ queue: 'support', wanted, agreed: false, hold: null, contestedSince: null },
  observed: paused === null ? null : { paused, reason: '', at },
});
const lunch = { paused: true, reason: 'lunch' } as const;
const held = queue(lunch, true, 5_000);
const facts = (given: Partial<DeclineFacts>): DeclineFacts => ({
  ...{ intent: { status: 'BREAK', since: 10_000 }, pendingSince: null, bridgeGoneSince: null },
  queues: [held],
  ...given,
});

describe('when the app declines queue calls itself', () => {
  it.each<[string, Partial<DeclineFacts>, number | null]>([
    ['confirmed by bridge and Asterisk: they may ring', {}, null],
    ['nothing known of the agent', { intent: null, bridgeGoneSince: 1 }, null],
    ['ONLINE, however unconfirmed', { intent: { status: 'ONLINE', since: 1 }, pendingSince: 1 }, null],
    ['not acknowledged: 2 s after the choice', { pendingSince: 10_000 }, 12_000],
    [
      'a second choice does not begin the 2 s anew for the first, it is the newest that is in force',
      { pendingSince: 4_000 },
      12_000,
    ],
    ['acknowledged, Asterisk still rings one queue', { queues: [held, queue(lunch, false, 3_000)] }, 12_000],
    ['Asterisk lets go of the pause later', { queues: [queue(lunch, false, 50_000)] }, 52_000],
    ['nobody knows what Asterisk holds', { queues: [queue(lunch, null)] }, 12_000],
    ['a queue without an opinion', { queues: [queue(null, false)] }, null],
    ['the bridge goes away during a break', { bridgeGoneSince: 30_000 }, 32_000],
    ['a break chosen while the bridge is away', { bridgeGoneSince: 1_000, pendingSince: 10_000 }, 12_000],
    [
      'a wrap-up with the bridge away: at once',
      { intent: { status: 'WRAP_UP', since: 10_000 }, bridgeGoneSince: 30_000 },
      30_000,
    ],
    [
      'a wrap-up chosen while the bridge is away: at once',
      { intent: { status: 'WRAP_UP', since: 10_000 }, bridgeGoneSince: 1_000, pendingSince: 10_000 },
      10_000,
    ],
  ])('[AP11] %s', (_what, given, from) => {
    expect(declinesFrom(facts(given))).toBe(from);
  });
});
