import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees, planPause, type MemberState, type PauseCommand } from './plan.ts';
import type { WantedPause } from './wanted.ts';

const wanted: fc.Arbitrary<WantedPause> = fc.oneof(
  fc.constant(null),
  fc.constant({ paused: false as const }),
  fc.record({ paused: fc.constant(true as const), reason: fc.constantFrom('lunch', 'BREAK', 'offline') }),
);
const observed = fc.option(
  fc.record({
    paused: fc.boolean(),
    reason: fc.constantFrom('', 'lunch', 'BREAK', 'Auto-Pause'),
    at: fc.nat(),
  }),
);
const members: fc.Arbitrary<readonly MemberState[]> = fc.uniqueArray(
  fc.record({
    queue: fc.constantFrom('support', 'sales', 'vip'),
    interface: fc.constantFrom('Local/1001@agents-all', 'PJSIP/1001', 'Local/1001@other'),
    wanted,
    observed,
  }),
  { selector: (member) => `${member.queue} ${member.interface}` },
);

/** What app_queue does with QueuePause; it clears the reason with the pause. */
const obey = (states: readonly MemberState[], { queue, interface: iface, paused, reason }: PauseCommand) =>
  states.map((member) =>
    member.queue === queue && member.interface === iface
      ? { ...member, observed: { paused, reason: paused ? reason : '', at: 1 } }
      : member,
  );

describe('the plan', () => {
  it('[PS2] carrying it out reaches what is wanted, and then nothing is left to do', () => {
    fc.assert(
      fc.property(members, (before) => {
        const after = planPause(before).reduce(obey, before);
        expect(after.filter((member) => !agrees(member.wanted, member.observed))).toEqual([]);
        expect(planPause(after)).toEqual([]);
      }),
    );
  });

  it('[PS2] empty when all agree: a repeated pause would reset Asterisk’s own pause time', () => {
    fc.assert(
      fc.property(members, (before) => {
        const agreeing = before.filter((member) => agrees(member.wanted, member.observed));
        expect(planPause(agreeing)).toEqual([]);
        expect(planPause(before).length).toBe(before.length - agreeing.length);
      }),
    );
  });

  it('[PS3] commands name members by their own interface and queue, each once', () => {
    fc.assert(
      fc.property(members, (before) => {
        const names = planPause(before).map((command) => `${command.queue} ${command.interface}`);
        const known = before.map((member) => `${member.queue} ${member.interface}`);
        expect(names.filter((name) => !known.includes(name))).toEqual([]);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('[PS2] an agent in no queue wants nothing', () => {
    expect(planPause([])).toEqual([]);
  });

  const lunch = { paused: true, reason: 'lunch' } as const;
  it.each<[string, WantedPause, MemberState['observed'], boolean]>([
    ['no opinion agrees with everything', null, { paused: true, reason: 'x', at: 1 }, true],
    ['no opinion agrees with the unknown', null, null, true],
    ['the unknown agrees with no wish', { paused: false }, null, false],
    ['unpaused as wanted', { paused: false }, { paused: false, reason: '', at: 1 }, true],
    ['unpaused with an old reason', { paused: false }, { paused: false, reason: 'lunch', at: 1 }, true],
    ['paused with the reason', lunch, { paused: true, reason: 'lunch', at: 1 }, true],
    ['paused with another', lunch, { paused: true, reason: 'Lunch', at: 1 }, false],
    ['paused without one', lunch, { paused: true, reason: '', at: 1 }, false],
    ['paused, not wanted', { paused: false }, { paused: true, reason: 'lunch', at: 1 }, false],
    ['unpaused, not wanted', lunch, { paused: false, reason: 'lunch', at: 1 }, false],
  ])('[PS2] %s: %j, %j, %s', (_name, want, seen, agreement) => {
    expect(agrees(want, seen)).toBe(agreement);
  });

  it('[PS2] an unpause carries no reason', () => {
    const member = { queue: 'support', interface: 'PJSIP/1001' };
    expect(
      planPause([
        { ...member, wanted: { paused: false }, observed: { paused: true, reason: 'lunch', at: 1 } },
      ]),
    ).toEqual([{ ...member, paused: false, reason: '' }]);
  });
});
