import { describe, expect, it } from 'vitest';
import { amiPolicy } from '../../domain/connection/reconnect.ts';
import { makeChoice, makePerson, makeStep } from '../../domain/testing/build.ts';
import { entryId, type Change } from '../../domain/status/log.ts';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { createLogClock } from '../roster/log-clock.ts';
import { createOwnEntries } from '../roster/own-entries.ts';
import { createRoster } from '../roster/roster.ts';
import { phonesThatAnswer } from '../testing/answering-phones.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { createFakePbx, pbxContact, pbxMember } from '../testing/fake-pbx.ts';
import { createMemoryLogStore } from '../testing/memory-stores.ts';
import { settle } from '../testing/settle.ts';
import { extensionFinder } from './extension-of.ts';
import { JUDGED_AFTER_MS } from './foreign-changes.ts';
import { KeepInStep, LOOK_EVERY_MS } from './keep-in-step.ts';
import { EXPLAINED_WITHIN_MS } from './member-doubts.ts';
import { pauseRowsWhileAway } from './pause-rows.ts';
import type { PbxSnapshot, PbxState } from './ports.ts';

const people = ['1001', '1002'].map((extension) => makePerson({ extension }));
const iface = (extension: string): string => `Local/${extension}@agents-all`;

function bench(state: PbxState = 'down', changes: readonly Change[] = []) {
  const clock = createFakeClock(1_000_000);
  const log = createFakeLog();
  const pbx = createFakePbx(state);
  const roster = phonesThatAnswer(createRoster(people, changes, 0));
  const told: boolean[] = [];
  const drifts: QueueDrift[] = [];
  const store = createMemoryLogStore();
  const entries = createOwnEntries({
    ...{ roster, store, logClock: createLogClock(clock, 0), lastOwnSequence: 0 },
  });
  pbx.members = people.map(({ extension }) => pbxMember(extension));
  pbx.contacts = people.map(({ extension }) => pbxContact(extension));
  const inStep = new KeepInStep({
    ...{ pbx, roster, clock, log, policy: amiPolicy, rng: { next: () => 0.5 } },
    extensionOf: extensionFinder('PJSIP/<ext>', (extension) => roster.get(extension) !== undefined),
    ...{ entries, isSignedIn: () => true },
    onReady: () => void told.push(inStep.ready),
    onDrift: (found) => void drifts.push(...found),
  });
  let sequence = 0;
  return {
    ...{ clock, log, pbx, roster, inStep, told, drifts, store },
    choose(extension: string, status: ChoosableStatus, reason: string | null = null) {
      sequence += 1;
      const made = clock.now();
      const id = entryId('s-x', sequence);
      roster.record(
        makeChoice({ id, sequence, agent: extension, status, reason, made, received: made }),
        sequence,
      );
    },
    observed: (extension: string) => roster.get(extension)?.members.map((member) => member.observed),
  };
}

const pause = (extension: string, paused: boolean, reason: string, queue = 'support') => ({
  ...{ queue, interface: iface(extension), paused, reason },
});
const seenAt = (paused: boolean, reason: string, at = 1_000_000) => [{ paused, reason, at }];

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

describe('what Asterisk does not tell', () => {
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
