import { describe, expect, it } from 'vitest';
import { makeChoice } from '../../domain/testing/build.ts';
import { pbxContact, pbxMember } from '../testing/fake-pbx.ts';
import { people, iface, inStepBench as bench, pauseOf as pause } from '../testing/in-step-bench.ts';
import { settle } from '../testing/settle.ts';
import { JUDGED_AFTER_MS } from './foreign-changes.ts';
import { LOOK_EVERY_MS } from './keep-in-step.ts';
import { EXPLAINED_WITHIN_MS } from './member-doubts.ts';
import { pauseRowsWhileAway } from './pause-rows.ts';

describe('what Asterisk does not tell', () => {
  it('[RG3] [RG4] a snapshot without contacts changes no registration, and all else is in step', async () => {
    const { pbx, roster, told, clock } = bench('ready');
    await settle();
    const states = () => people.map(({ extension }) => roster.get(extension)?.registration.state);
    const contacts = () => people.map(({ extension }) => roster.get(extension)?.contacts.length);
    pbx.onSnapshot = () => Promise.resolve({ members: [...pbx.members], contacts: null, channels: [] });
    clock.advance(LOOK_EVERY_MS);
    await settle();
    expect([states(), contacts()]).toEqual([
      ['registered', 'registered'],
      [1, 1],
    ]);
    pbx.become('down');
    pbx.become('ready');
    await settle();
    // Asterisk may have been started anew: contacts from before would be ghosts beside those that come.
    expect([states(), contacts(), told.at(-1)]).toEqual([['unknown', 'unknown'], [0, 0], true]);
  });

  it('[RG3] [RG1] a phone that comes while Asterisk is asked is there, though the list was empty', async () => {
    const { pbx, roster, observed } = bench('down', [makeChoice({ agent: '1001', status: 'ONLINE' })]);
    pbx.onSnapshot = async () => {
      pbx.tell({ type: 'contact', contact: pbxContact('1001') });
      await settle();
      return { members: [...pbx.members], contacts: null, channels: [] };
    };
    pbx.become('ready');
    await settle();
    await settle();
    const state = (extension: string) => roster.get(extension)?.registration.state;
    expect([state('1001'), state('1002'), observed('1001')?.length]).toEqual(['registered', 'unknown', 1]);
  });

  it('[PS2] is found by a look at everything once a minute, and put right', async () => {
    const { pbx, clock, drifts } = bench('ready');
    await settle();
    const before = pbx.commands.length;
    pbx.members = [pbxMember('1001', { reason: 'lost' }), pbxMember('1002', { reason: 'offline' })];
    clock.advance(LOOK_EVERY_MS);
    await settle();
    clock.advance(100);
    expect(pbx.commands.slice(before)).toEqual([pause('1001', true, 'offline')]);
    expect(drifts.at(-1)).toMatchObject({ agent: '1001', observed: { reason: 'lost' }, contested: false });
  });

  it('[PS4] of a realtime member only the state is told: the queue is asked, and it is judged', async () => {
    const { pbx, clock, choose, roster } = bench('ready');
    await settle();
    choose('1001', 'ONLINE');
    await settle();
    pbx.members = [pbxMember('1001', { reason: 'tea' }), pbxMember('1002', { reason: 'offline' })];
    const state = { queue: 'support', interface: iface('1001'), paused: true };
    pbx.tell({ type: 'member.state', ...state });
    clock.advance(EXPLAINED_WITHIN_MS);
    await settle();
    clock.advance(JUDGED_AFTER_MS);
    await settle();
    expect(roster.get('1001')?.folded.intent).toMatchObject({
      status: 'PAUSE',
      reason: 'tea',
      cause: 'asterisk',
    });
  });

  it('[PS4] a state that the next event explains asks nothing', async () => {
    const { pbx, clock, choose } = bench('ready');
    await settle();
    choose('1001', 'ONLINE');
    await settle();
    const asked: string[] = [];
    pbx.queueMembers = (queue) => (asked.push(queue), Promise.resolve([]));
    pbx.tell({ type: 'member.state', queue: 'support', interface: iface('1001'), paused: true });
    pbx.tell({ type: 'member', told: 'paused', member: pbxMember('1001', { reason: 'x' }) });
    clock.advance(EXPLAINED_WITHIN_MS);
    await settle();
    expect(asked).toEqual([]);
  });

  it('[PS3] a realtime member that appeared is brought in step; one that is gone is forgotten', async () => {
    const { pbx, clock, observed } = bench('ready');
    await settle();
    pbx.members.push(pbxMember('1001', { queue: 'vip', paused: false }));
    const appeared = { type: 'member.state', queue: 'vip', interface: iface('1001'), paused: false } as const;
    pbx.tell(appeared);
    clock.advance(EXPLAINED_WITHIN_MS);
    await settle();
    expect(pbx.commands.at(-1)).toEqual(pause('1001', true, 'offline', 'vip'));
    pbx.members.pop();
    pbx.tell(appeared);
    clock.advance(EXPLAINED_WITHIN_MS);
    await settle();
    expect(observed('1001')?.length).toBe(1);
  });

  it('[PS9] a break chosen while Asterisk is away pauses the rows of realtime members', async () => {
    const { pbx, roster, inStep, log, choose } = bench('ready');
    const paused: unknown[] = [];
    pauseRowsWhileAway({
      ...{ roster, log, isReady: () => inStep.ready },
      rows: { pauseMembers: (...given) => Promise.resolve(void paused.push(given)) },
      stateInterfaceOf: (extension) => `PJSIP/${extension}`,
    });
    await settle();
    choose('1001', 'BREAK', 'tea');
    pbx.become('down');
    for (const status of ['MEETING', 'ONLINE'] as const) choose('1001', status);
    expect(paused).toEqual([['PJSIP/1001', 'MEETING']]);
  });
});
