import { describe, expect, it } from 'vitest';
import { T0 } from '../testing/build.ts';
import { judgeForeign, type ForeignReport, type JudgedMember } from './foreign.ts';
import type { WantedPause } from './wanted.ts';

const GO: WantedPause = { paused: false };
const BREAK: WantedPause = { paused: true, reason: 'BREAK' };
const iface = 'Local/1002@agents-all';

const member = (queue: string, wanted: WantedPause, given: Partial<JudgedMember> = {}): JudgedMember => ({
  ...{ queue, interface: iface, wanted, hold: null, observed: null },
  ...given,
});
const paused = (queue: string, reason: string): ForeignReport => ({
  queue,
  interface: iface,
  paused: true,
  reason,
});
const unpaused = (queue: string): ForeignReport => ({ queue, interface: iface, paused: false, reason: '' });
const held = (author: string) => ({ hold: { reason: 'new', author, since: T0 } });
const HELD: WantedPause = { paused: true, reason: 'new' };

const nothing = { type: 'foreign', choice: null, holds: [], lifts: [] };
const online = { ...nothing, choice: { status: 'ONLINE', reason: null } };
const pause = (reason: string) => ({ ...nothing, choice: { status: 'PAUSE', reason } });

describe('a change from Asterisk’s side', () => {
  const ready = [member('support', GO), member('sales', GO)];
  const onBreak = [member('support', BREAK), member('sales', BREAK)];
  const withHold = [member('support', HELD, held('asterisk')), member('sales', GO)];
  const withBossHold = [member('support', HELD, held('1100')), member('sales', GO)];

  it.each<[string, readonly JudgedMember[], readonly ForeignReport[], object]>([
    [
      'a pause of the only queue is a choice',
      [member('support', GO)],
      [paused('support', 'lunch')],
      pause('lunch'),
    ],
    ['an unpause of the only queue is a choice', [member('support', BREAK)], [unpaused('support')], online],
    ['a pause of all queues is a choice', ready, [paused('support', 'x'), paused('sales', 'x')], pause('x')],
    ['of two reasons the last counts', ready, [paused('sales', 'x'), paused('support', 'y')], pause('y')],
    [
      'a pause of all over a break is a choice',
      onBreak,
      [paused('support', 'x'), paused('sales', 'x')],
      pause('x'),
    ],
    ['an unpause of all queues is a choice', onBreak, [unpaused('support'), unpaused('sales')], online],
    [
      'a pause of some queues is a hold',
      ready,
      [paused('support', 'lunch')],
      { ...nothing, holds: [{ queue: 'support', reason: 'lunch' }] },
    ],
    [
      'also over a break, where it shows when the break ends',
      onBreak,
      [paused('support', 'lunch')],
      { ...nothing, holds: [{ queue: 'support', reason: 'lunch' }] },
    ],
    [
      'an unpause of some queues against a wanted pause is nothing, so it is repaired',
      onBreak,
      [unpaused('sales')],
      nothing,
    ],
    [
      'an unpause of a queue held from that side lifts the hold',
      withHold,
      [unpaused('support')],
      { ...nothing, lifts: ['support'] },
    ],
    [
      'an unpause of a queue a supervisor holds is nothing, so it is repaired',
      withBossHold,
      [unpaused('support')],
      nothing,
    ],
    [
      'a pause of a queue a supervisor holds is nothing, so it is repaired',
      withBossHold,
      [paused('support', 'x')],
      nothing,
    ],
    [
      'a new reason for a queue held from that side is its new hold',
      withHold,
      [paused('support', 'x')],
      { ...nothing, holds: [{ queue: 'support', reason: 'x' }] },
    ],
    [
      'an unpause of all where one is held lifts that, too',
      withHold,
      [unpaused('support'), unpaused('sales')],
      { ...online, lifts: ['support'] },
    ],
    [
      'what was wanted anyway counts as covered',
      withHold,
      [paused('support', 'new'), paused('sales', 'new')],
      pause('new'),
    ],
    [
      'what is wanted anyway is nothing',
      onBreak,
      [paused('support', 'BREAK'), paused('sales', 'BREAK')],
      nothing,
    ],
    [
      'one paused and the other unpaused are two things',
      withHold,
      [unpaused('support'), paused('sales', 'x')],
      {
        ...nothing,
        holds: [{ queue: 'sales', reason: 'x' }],
        lifts: ['support'],
      },
    ],
    ['a member nobody knows is nothing', ready, [paused('elsewhere', 'x')], nothing],
    ['nothing reported is nothing', ready, [], nothing],
  ])('[PS4] [PS8] %s', (_name, members, reports, judgement) => {
    expect(judgeForeign(members, reports)).toEqual(judgement);
  });

  it('[ST9] Asterisk’s own Auto-Pause is a missed call, however few queues it covers', () => {
    expect(judgeForeign(ready, [paused('support', 'Auto-Pause')])).toEqual({ type: 'missed' });
  });
});
