import { describe, expect, it } from 'vitest';
import { makeChoice, makeMember, makePerson, T0 } from '../../domain/testing/build.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { watchGhosts } from './ghosts.ts';
import { createRoster } from './roster.ts';

const contact = (state: 'reachable' | 'removed', at: number) => ({
  ...{ type: 'contact' as const, at },
  contact: { uri: 'sip:s-a@h', state, userAgent: null, address: null, roundTripMs: null },
});
const { queue, interface: iface } = makeMember();
const member = (paused: boolean, at: number) => ({
  ...{ type: 'member' as const, at },
  member: { queue, interface: iface, paused, reason: '' },
});

function bench() {
  const clock = createFakeClock(T0);
  const people = [makePerson(), makePerson({ extension: '1002' })];
  const online = people.map(({ extension: agent }) => makeChoice({ device: agent, agent, status: 'ONLINE' }));
  const roster = createRoster(people, online, 0);
  const report = watchGhosts({ roster, clock });
  const graceOver = (extension: string): void => {
    const from = roster.get(extension)?.registration.graceFrom ?? 0;
    roster.apply(extension, { type: 'grace.over', from });
  };
  return { clock, roster, report, graceOver };
}

describe('ghosts', () => {
  it('[RG1] [RG5] are unpaused and unreachable, from the end of the grace until one of both ends', () => {
    const { clock, roster, report, graceOver } = bench();
    roster.apply('1001', contact('reachable', T0));
    roster.apply('1001', member(false, T0));
    roster.apply('1001', contact('removed', T0));
    clock.advance(8_000);
    expect(report()).toEqual({ seconds: 0, now: [] });
    graceOver('1001');
    clock.advance(1_500);
    expect(report()).toEqual({ seconds: 1.5, now: ['1001'] });
    roster.apply('1001', member(true, clock.now()));
    clock.advance(60_000);
    expect(report()).toEqual({ seconds: 1.5, now: [] });
  });

  it('[RG5] of several agents are summed; a phone that is back, and the loss of sight, end them', () => {
    const { clock, roster, report, graceOver } = bench();
    for (const extension of ['1001', '1002']) {
      roster.apply(extension, contact('reachable', T0));
      roster.apply(extension, member(false, T0));
      roster.apply(extension, contact('removed', T0));
      graceOver(extension);
    }
    clock.advance(1_000);
    roster.apply('1001', contact('reachable', clock.now()));
    clock.advance(1_000);
    expect(report()).toEqual({ seconds: 3, now: ['1002'] });
    roster.apply('1002', { type: 'sight.lost', at: clock.now() });
    clock.advance(1_000);
    expect(report()).toEqual({ seconds: 3, now: [] });
  });
});
