import { describe, expect, it } from 'vitest';
import { makeChoice, makePerson, makeStep } from '../../domain/testing/build.ts';
import { pbxContact, pbxMember } from '../testing/fake-pbx.ts';
import { iface, inStepBench as bench, pauseOf as pause, seenAt } from '../testing/in-step-bench.ts';
import { settle } from '../testing/settle.ts';
import type { PbxSnapshot } from './ports.ts';

describe('keeping in step', () => {
  it('[PS2] nothing is sent before the first snapshot, however much is wanted', async () => {
    const { pbx, choose, inStep, clock, told } = bench();
    choose('1001', 'BREAK', 'lunch');
    clock.advance(60_000);
    expect([pbx.commands, inStep.ready]).toEqual([[], false]);
    let answer: (snapshot: PbxSnapshot) => void = () => undefined;
    pbx.onSnapshot = () => new Promise((resolve) => (answer = resolve));
    pbx.become('connecting');
    pbx.become('ready');
    await settle();
    expect([pbx.commands, told]).toEqual([[], []]);
    answer({ members: pbx.members, contacts: [], channels: [] });
    await settle();
    expect(pbx.commands).toEqual([pause('1001', true, 'lunch'), pause('1002', true, 'offline')]);
    expect([inStep.ready, told]).toEqual([true, [true]]);
  });

  it('[PS2] a change is brought to Asterisk at once; agreed, nothing more is sent', async () => {
    const { pbx, choose, observed } = bench('ready');
    await settle();
    choose('1001', 'ONLINE');
    await settle();
    expect(pbx.commands.slice(2)).toEqual([pause('1001', false, '')]);
    expect(observed('1001')).toEqual(seenAt(false, ''));
    pbx.tell({ type: 'contact', contact: pbxContact('1001') });
    await settle();
    expect(pbx.commands.length).toBe(3);
  });

  it('[PS2] out of reach the pauses are unknown, nothing is sent; back again all is planned anew', async () => {
    const { pbx, choose, observed, inStep, clock, roster, told } = bench('ready');
    await settle();
    const before = pbx.commands.length;
    pbx.become('down');
    expect([inStep.ready, observed('1001'), roster.get('1001')?.registration.state]).toEqual([
      ...[false, [null], 'unknown'],
    ]);
    choose('1001', 'BREAK', 'lunch');
    clock.advance(60_000);
    await settle();
    expect(pbx.commands.length).toBe(before);
    // A restarted Asterisk begins with everybody paused, without a reason.
    pbx.members = pbx.members.map((member) => ({ ...member, paused: true, reason: '' }));
    pbx.become('ready');
    await settle();
    expect(pbx.commands.slice(before)).toEqual([
      pause('1001', true, 'lunch'),
      pause('1002', true, 'offline'),
    ]);
    expect(observed('1001')).toEqual(seenAt(true, 'lunch', 1_060_000));
    expect(told).toEqual([true, false, true]);
  });

  it('[PS2] a failed snapshot is told and asked for again after 1 s', async () => {
    const { pbx, log, inStep, clock } = bench();
    const right = pbx.onSnapshot;
    pbx.onSnapshot = () => Promise.reject(Object.assign(new Error('no answer'), { code: 'timeout' }));
    pbx.become('ready');
    await settle();
    expect(log.lines).toEqual([
      {
        ...{ level: 'warn', message: 'failed to sync pause state' },
        fields: { code: 'timeout', error: 'no answer' },
      },
    ]);
    pbx.onSnapshot = right;
    clock.advance(999);
    await settle();
    expect(inStep.ready).toBe(false);
    clock.advance(1);
    await settle();
    expect(inStep.ready).toBe(true);
  });

  it('[PS2] an answer that comes after Asterisk went away is dropped', async () => {
    const { pbx, inStep, observed } = bench();
    let answer: (snapshot: PbxSnapshot) => void = () => undefined;
    pbx.onSnapshot = () => new Promise((resolve) => (answer = resolve));
    pbx.become('ready');
    pbx.become('down');
    answer({ members: pbx.members, contacts: [], channels: [] });
    await settle();
    expect([inStep.ready, observed('1001'), pbx.commands]).toEqual([false, [], []]);
  });

  it('[PS2] what happens while the snapshot is asked for is not undone by it', async () => {
    const { pbx, observed, roster, choose } = bench();
    let answer: (snapshot: PbxSnapshot) => void = () => undefined;
    pbx.onSnapshot = () => new Promise((resolve) => (answer = resolve));
    choose('1001', 'BREAK', 'lunch');
    pbx.become('ready');
    const old: PbxSnapshot = {
      ...{ members: [pbxMember('1001', { paused: false })], contacts: [pbxContact('1001')] },
      channels: [{ extension: '1001', uniqueId: '1.1', upForMs: 5_000 }],
    };
    pbx.tell({ type: 'member', told: 'paused', member: pbxMember('1001', { reason: 'lunch' }) });
    pbx.tell({ type: 'contact', contact: pbxContact('1001', { state: 'removed' }) });
    pbx.tell({ type: 'channel.ended', extension: '1001', uniqueId: '1.1' });
    answer(old);
    await settle();
    expect(observed('1001')).toEqual(seenAt(true, 'lunch'));
    const record = roster.get('1001');
    expect([record?.contacts, record?.registration.state, record?.channels]).toEqual([
      [],
      'unregistered',
      new Map(),
    ]);
    // And no command went out on the strength of the old word.
    expect(pbx.commands.filter((command) => command.interface === iface('1001'))).toEqual([]);
  });

  it('[PS2] nor by one that is asked for while in step, after a reload', async () => {
    const { pbx, roster } = bench('ready');
    await settle();
    let answer: (snapshot: PbxSnapshot) => void = () => undefined;
    pbx.onSnapshot = () => new Promise((resolve) => (answer = resolve));
    const old = { members: pbx.members, contacts: pbx.contacts, channels: [] };
    pbx.tell({ type: 'reloaded' });
    pbx.tell({ type: 'channel.up', extension: '1001', uniqueId: '1.2' });
    pbx.tell({ type: 'contact', contact: pbxContact('1001', { state: 'removed' }) });
    expect([...(roster.get('1001')?.channels.keys() ?? [])]).toEqual(['1.2']);
    answer(old);
    await settle();
    const record = roster.get('1001');
    expect([[...(record?.channels.keys() ?? [])], record?.contacts]).toEqual([['1.2'], []]);
  });

  it('[PS2] after a module reload everything is asked for again', async () => {
    const { pbx, observed } = bench('ready');
    await settle();
    pbx.members = [
      pbxMember('1001', { reason: 'offline' }),
      pbxMember('1001', { queue: 'sales', reason: '' }),
    ];
    pbx.tell({ type: 'reloaded' });
    await settle();
    expect(pbx.commands.at(-1)).toEqual(pause('1001', true, 'offline', 'sales'));
    expect([observed('1001')?.length, observed('1002')]).toEqual([2, []]);
  });

  it('[PS2] [PS9] a member that is added is paused as wanted', async () => {
    const { pbx } = bench('ready');
    await settle();
    const added = pbxMember('1001', { queue: 'sales', paused: false });
    pbx.members.push(added);
    pbx.tell({ type: 'member', told: 'added', member: added });
    await settle();
    expect(pbx.commands.at(-1)).toEqual(pause('1001', true, 'offline', 'sales'));
  });

  it('[PS3] members are found by their state interface, never by the interface', async () => {
    const { pbx, observed } = bench('ready');
    await settle();
    pbx.tell({
      ...{ type: 'member', told: 'added' },
      member: pbxMember('1002', {
        queue: 'vip',
        stateInterface: 'PJSIP/1001',
        paused: true,
        reason: 'offline',
      }),
    });
    pbx.tell({
      type: 'member',
      told: 'paused',
      member: pbxMember('1001', { queue: 'none', stateInterface: 'PJSIP/9999' }),
    });
    expect([observed('1001')?.length, observed('1002')?.length]).toEqual([2, 1]);
    pbx.tell({
      type: 'member.removed',
      queue: 'vip',
      interface: iface('1002'),
      stateInterface: 'PJSIP/1001',
    });
    expect(observed('1001')?.length).toBe(1);
  });

  it('[RG1] losing the last contact pauses when the grace is over, its return unpauses', async () => {
    const { pbx, choose, roster, clock } = bench('ready');
    await settle();
    choose('1001', 'ONLINE');
    await settle();
    const before = pbx.commands.length;
    pbx.tell({ type: 'contact', contact: pbxContact('1001', { state: 'unreachable' }) });
    roster.apply('1001', { type: 'grace.over', from: clock.now() });
    await settle();
    pbx.tell({ type: 'contact', contact: pbxContact('1001') });
    await settle();
    const after = pbx.commands.slice(before);
    expect(after).toEqual([pause('1001', true, 'Auto: SIP not registered'), pause('1001', false, '')]);
  });

  it('[ST5] a call alone sends nothing', async () => {
    const { pbx, choose } = bench('ready');
    await settle();
    choose('1001', 'ONLINE');
    await settle();
    const before = pbx.commands.length;
    pbx.tell({ type: 'channel.up', extension: '1001', uniqueId: '1.1' });
    pbx.tell({ type: 'channel.ended', extension: '1001', uniqueId: '1.1' });
    await settle();
    expect(pbx.commands.length).toBe(before);
  });

  it('[RG11] a snapshot tells since when a call is up', async () => {
    const { pbx, roster } = bench();
    pbx.channels = [{ extension: '1001', uniqueId: '1.1', upForMs: 7_000 }];
    pbx.become('ready');
    await settle();
    expect(roster.get('1001')?.channels).toEqual(new Map([['1.1', 993_000]]));
  });

  it('[ST4] the log’s intent stands after a restart of the bridge: the first snapshot is brought to it', async () => {
    const { pbx } = bench('ready', [
      makeStep({ status: 'ONLINE', cause: 'session', agent: '1001' }),
      makeChoice({ agent: '1002', status: 'MEETING' }),
    ]);
    await settle();
    expect(pbx.commands).toEqual([pause('1001', false, ''), pause('1002', true, 'MEETING')]);
  });

  it('[OP3] stopped it does nothing more', async () => {
    const { pbx, inStep, choose, clock } = bench('ready');
    await settle();
    const before = pbx.commands.length;
    inStep.stop();
    choose('1001', 'ONLINE');
    pbx.become('down');
    pbx.become('ready');
    clock.advance(60_000);
    await settle();
    expect([pbx.commands.length - before, clock.pending(), inStep.ready]).toEqual([0, 0, false]);
  });

  it('[OP3] whoever was added while no bridge ran is made known to Asterisk once, at the first time it is ready', async () => {
    const { pbx } = bench();
    expect(pbx.reloads).toBe(0);
    pbx.become('ready');
    await settle();
    pbx.become('down');
    pbx.become('ready');
    await settle();
    expect(pbx.reloads).toBe(1);
  });

  it('[PS2] somebody new makes Asterisk look at its endpoints, once', async () => {
    const { pbx, inStep, roster } = bench('ready');
    await settle();
    const before = pbx.reloads;
    const eve = makePerson({ extension: '1003', name: 'Eve' });
    await inStep.enrol(eve);
    await inStep.enrol(eve);
    expect([pbx.reloads - before, roster.get('1003')?.person]).toEqual([1, eve]);
  });
});
