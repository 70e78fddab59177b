import { describe, expect, it } from 'vitest';
import { makeChoice, makePerson, T0 } from '../../domain/testing/build.ts';
import { createRoster, type RosterListener } from './roster.ts';

const ada = makePerson();
const up = { type: 'channel.up', uniqueId: '1.1', at: T0 } as const;

describe('the roster', () => {
  it('[WR1] its rev grows with every change, and with nothing else', () => {
    const roster = createRoster([ada], [], 7);
    const heard: number[] = [];
    const stop = roster.onChange(() => heard.push(roster.rev));
    roster.apply('1001', up);
    roster.apply('1001', up);
    roster.apply('9999', up);
    expect([roster.rev, heard]).toEqual([8, [8]]);
    stop();
    roster.apply('1001', { ...up, uniqueId: '1.2' });
    expect([roster.rev, heard]).toEqual([9, [8]]);
  });

  it('[WR5] hearing the same again is kept, and is no news: no rev, nobody is told', () => {
    const roster = createRoster([ada], [], 0);
    const contact = { uri: 'sip:s-a@h', state: 'reachable', userAgent: null, address: null } as const;
    const member = { queue: 'support', interface: 'Local/1001@agents-all', paused: true, reason: '' };
    const look = (at: number, roundTripMs: number): void => {
      roster.apply('1001', { type: 'members', members: [member], at });
      roster.apply('1001', { type: 'contacts', contacts: [{ ...contact, roundTripMs }], at });
    };
    look(T0, 12);
    const { rev } = roster;
    const heard: number[] = [];
    roster.onChange(() => heard.push(roster.rev));
    look(T0 + 60_000, 13);
    expect([roster.rev, heard]).toEqual([rev, []]);
    expect(roster.get('1001')).toMatchObject({
      registration: { asOf: T0 + 60_000 },
      contacts: [{ roundTripMs: 13, at: T0 + 60_000 }],
      members: [{ observed: { at: T0 + 60_000 } }],
    });
    look(T0 + 120_000, 200);
    expect(heard).toEqual([rev + 1]);
  });

  it('[WR1] what a listener changes is heard of after that which it heard, by all in the same order', () => {
    const roster = createRoster([ada], [], 0);
    const heard: (readonly number[])[] = [];
    const note = (): RosterListener => (now, before) => heard.push([before.channels.size, now.channels.size]);
    roster.onChange(note());
    roster.onChange((now) => {
      if (now.channels.size === 1) roster.apply('1001', { ...up, uniqueId: '1.2' });
    });
    roster.onChange(note());
    roster.apply('1001', up);
    expect(heard).toEqual([
      [0, 1],
      [0, 1],
      [1, 2],
      [1, 2],
    ]);
  });

  it('[WR1] never behind the store’s counter: a rev told before a restart is not told again', () => {
    const roster = createRoster([ada], [], 0);
    roster.record(makeChoice(), 40);
    expect(roster.rev).toBe(41);
  });

  it('[PS5] a change that is there already changes nothing', () => {
    const roster = createRoster([ada], [makeChoice()], 1);
    const heard: unknown[] = [];
    roster.onLogged((change) => heard.push(change));
    roster.record(makeChoice(), 2);
    expect([roster.get('1001')?.folded.intent.status, roster.rev, heard]).toEqual(['BREAK', 1, []]);
  });

  it('[PS5] tells of each change of the log before its effect, and whether others sort after it', () => {
    const roster = createRoster([ada], [], 0);
    const heard: unknown[] = [];
    roster.onLogged(({ id }, late) => heard.push([id, late, roster.get('1001')?.folded.intent.entry]));
    const [first, second] = [makeChoice(), makeChoice({ sequence: 2, made: T0 - 5 })];
    roster.record(first, 1);
    roster.record(second, 2);
    expect(heard).toEqual([
      [first.id, false, null],
      [second.id, true, first.id],
    ]);
  });

  it('[WR1] tells who changed since a rev', () => {
    const roster = createRoster([ada, makePerson({ extension: '1002' })], [], 0);
    roster.apply('1001', up);
    roster.apply('1002', up);
    const since = (rev: number) => roster.changedSince(rev).map(({ person }) => person.extension);
    expect([since(0), since(1), since(2)]).toEqual([['1001', '1002'], ['1002'], []]);
  });

  it('[WR6] somebody new is seen at once, somebody changed too, somebody as known changes nothing', () => {
    const roster = createRoster([ada], [], 0);
    const heard: string[] = [];
    roster.onChange(({ person }) => heard.push(`${person.extension} ${person.role}`));
    const eve = makePerson({ extension: '1003', name: 'Eve' });
    expect([
      roster.enrol(eve),
      roster.enrol({ ...eve }),
      roster.enrol({ ...eve, role: 'supervisor' }),
    ]).toEqual([...[true, false, true]]);
    expect([heard, roster.rev, roster.logOf('1003').folded.intent.status]).toEqual([
      ...[['1003 agent', '1003 supervisor'], 2, 'OFFLINE'],
    ]);
    expect(() => roster.logOf('9999')).toThrow('no agent 9999');
  });
});
