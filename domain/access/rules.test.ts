import { describe, expect, it } from 'vitest';
import type { Person, Role } from '../roster/record.ts';
import { makePerson } from '../testing/build.ts';
import { oversees, refuseStatusChange } from './rules.ts';

const target = makePerson({ extension: '1001', teams: ['support', 'night'] });
const actorOf = (role: Role, teams: readonly string[]): Person =>
  makePerson({ extension: '1100', role, teams });

const ACTORS: Readonly<Record<string, Person>> = {
  self: target,
  'an agent of the team': actorOf('agent', ['support']),
  'a supervisor of the team': actorOf('supervisor', ['sales', 'support']),
  'a supervisor of another team': actorOf('supervisor', ['sales']),
  'a supervisor of none': actorOf('supervisor', []),
  'an admin': actorOf('admin', []),
  'a wall': actorOf('wall', ['support']),
};

describe('who may change whose status', () => {
  it.each([
    // actor, status, signed in, reachable → refusal
    ['self', 'BREAK', true, true, null],
    ['self', 'BREAK', true, false, null],
    ['self', 'ONLINE', true, false, null],
    ['self', 'OFFLINE', true, true, null],
    ['self', 'BREAK', false, true, 'not-signed-in'],
    ['a supervisor of the team', 'ONLINE', true, true, null],
    ['a supervisor of the team', 'BREAK', true, false, null],
    ['a supervisor of the team', 'OFFLINE', true, false, null],
    ['a supervisor of the team', 'ONLINE', true, false, 'not-reachable'],
    ['a supervisor of the team', 'BREAK', false, true, 'not-signed-in'],
    ['a supervisor of the team', 'ONLINE', false, false, 'not-signed-in'],
    ['an admin', 'BREAK', true, true, null],
    ['an admin', 'ONLINE', true, false, 'not-reachable'],
    ['an admin', 'BREAK', false, false, 'not-signed-in'],
    ['an agent of the team', 'BREAK', true, true, 'forbidden'],
    ['a supervisor of another team', 'BREAK', true, true, 'forbidden'],
    ['a supervisor of another team', 'ONLINE', false, false, 'forbidden'],
    ['a supervisor of none', 'BREAK', true, true, 'forbidden'],
    ['a wall', 'BREAK', true, true, 'forbidden'],
  ] as const)(
    '[ST2] %s, %s, signed in %s, reachable %s: %s',
    (actor, status, signedIn, reachable, refusal) => {
      expect(refuseStatusChange({ actor: ACTORS[actor]!, target, status, signedIn, reachable })).toBe(
        refusal,
      );
    },
  );

  it.each(['supervisor', 'admin', 'wall'] as const)(
    '[ST2] a supervisor does not steer a %s of the same team',
    (role) => {
      const colleague = makePerson({ extension: '1101', role, teams: ['support'] });
      expect(oversees(actorOf('supervisor', ['support']), colleague)).toBe(false);
    },
  );

  it('[WR6] a wall changes nothing, not even itself', () => {
    const wall = makePerson({ role: 'wall' });
    const question = { actor: wall, target: wall, status: 'BREAK', signedIn: true, reachable: true } as const;
    expect(refuseStatusChange(question)).toBe('forbidden');
  });

  it.each([
    ['self', false],
    ['an agent of the team', false],
    ['a supervisor of the team', true],
    ['a supervisor of another team', false],
    ['a supervisor of none', false],
    ['an admin', true],
    ['a wall', false],
  ])('[WR6] %s sees and steers all of the agent: %s', (actor, allowed) => {
    expect(oversees(ACTORS[actor]!, target)).toBe(allowed);
  });
});
