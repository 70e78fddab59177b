import { describe, expect, it } from 'vitest';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import { makePerson, registeredSince } from '../../domain/testing/build.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createMemoryLogStore } from '../testing/memory-stores.ts';
import { createChanges } from './changes.ts';
import { createLogClock } from './log-clock.ts';
import { createRoster } from './roster.ts';

const NOW = 1_700_000_000_000;
const ada = makePerson();
const boris = makePerson({ extension: '1002', name: 'Boris', teams: ['sales'] });
const grace = makePerson({ extension: '1100', name: 'Grace', role: 'supervisor' });

function bench() {
  const clock = createFakeClock(NOW);
  const store = createMemoryLogStore();
  const roster = createRoster([ada, boris, grace], [], 0);
  const signedIn = new Set(['1001', '1002']);
  const changes = createChanges({
    ...{ roster, store, logClock: createLogClock(clock, 0), lastOwnSequence: 0 },
    isSignedIn: (extension) => signedIn.has(extension),
  });
  let sequence = 0;
  const change = (given: Partial<DeviceChange> = {}): DeviceChange => {
    sequence += 1;
    return { sequence, status: 'BREAK', reason: 'lunch', made: clock.now(), seen: null, ...given };
  };
  const setOwn = (given: Partial<DeviceChange> = {}) =>
    changes.setStatus({ actor: ada, device: 's-a', target: '1001', change: change(given) });
  return { clock, store, roster, signedIn, changes, change, setOwn };
}

describe('a person’s change', () => {
  it('[PS1] is stored first, then known', async () => {
    const { store, roster, setOwn } = bench();
    let knownWhenStored: string | undefined;
    const append = store.append.bind(store);
    store.append = async (entry) => {
      const stored = await append(entry);
      knownWhenStored = roster.get('1001')?.folded.intent.status;
      return stored;
    };
    expect(await setOwn()).toEqual({ ok: true, rev: roster.rev });
    expect(knownWhenStored).toBe('OFFLINE');
    expect(store.entries).toEqual([
      {
        ...{ kind: 'choice', id: 's-a.0000000001', agent: '1001', device: 's-a', sequence: 1 },
        ...{ made: NOW, received: NOW, uncertain: false, seen: null, actor: '1001', cause: 'agent' },
        ...{ status: 'BREAK', reason: 'lunch' },
      },
    ]);
    expect(roster.get('1001')?.folded.intent).toMatchObject({ status: 'BREAK', reason: 'lunch' });
  });

  it('[PS1] that could not be stored changes nothing', async () => {
    const { store, roster, setOwn } = bench();
    store.failing = true;
    await expect(setOwn()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    expect([roster.rev, roster.get('1001')?.folded.intent.status]).toEqual([0, 'OFFLINE']);
  });

  it.each<[string, Partial<DeviceChange>, string]>([
    ['a status nobody knows', { status: 'LUNCH' }, 'unknown-status'],
    ['ON_CALL', { status: 'ON_CALL' }, 'unknown-status'],
    ['500 characters', { reason: 'x'.repeat(500) }, 'reason-too-long'],
    ['a line end', { reason: 'a\r\nAction: Originate' }, 'reason-control-characters'],
    ['NUL', { reason: 'a\0' }, 'reason-control-characters'],
  ])('[ST2] [ST5] refused: %s', async (_name, given, code) => {
    const { store, setOwn, roster } = bench();
    expect(await setOwn(given)).toEqual({ ok: false, code });
    expect([store.entries, roster.rev]).toEqual([[], 0]);
  });

  it.each([
    ['nobody', ada, '9999', 'unknown-agent'],
    ['a colleague', ada, '1002', 'forbidden'],
    ['an agent of another team', grace, '1002', 'forbidden'],
  ])('[WR6] refused: a change of %s', async (_name, actor, target, code) => {
    const { store, changes, change } = bench();
    expect(await changes.setStatus({ actor, device: 's-x', target, change: change() })).toEqual({
      ok: false,
      code,
    });
    expect(store.entries).toEqual([]);
  });

  it('[ST2] by a supervisor: on an open session, and never ONLINE for somebody out of reach', async () => {
    const { changes, change, signedIn, roster } = bench();
    const set = (status: string) =>
      changes.setStatus({
        actor: grace,
        device: 's-g',
        target: '1001',
        change: change({ status, reason: null }),
      });
    expect(await set('ONLINE')).toEqual({ ok: false, code: 'not-reachable' });
    roster.apply('1001', { type: 'registration.restored', registration: registeredSince(NOW) });
    expect(await set('ONLINE')).toMatchObject({ ok: true });
    expect(roster.get('1001')?.folded.intent).toMatchObject({ cause: 'supervisor', actor: '1100' });
    signedIn.delete('1001');
    expect(await set('BREAK')).toEqual({ ok: false, code: 'not-signed-in' });
  });

  it('[PS5] sent again it is acknowledged again and changes nothing', async () => {
    const { changes, change, store, roster } = bench();
    const request = { actor: ada, device: 's-a', target: '1001', change: change() };
    await changes.setStatus(request);
    const { rev } = roster;
    expect(await changes.setStatus(request)).toEqual({ ok: true, rev });
    expect([store.entries.length, roster.rev]).toEqual([1, rev]);
  });

  it('[PS5] sent again at the same moment by a second socket it is stored once', async () => {
    const { changes, change, store } = bench();
    const request = { actor: ada, device: 's-a', target: '1001', change: change() };
    const answers = await Promise.all([changes.setStatus(request), changes.setStatus(request)]);
    expect([answers.map(({ ok }) => ok), store.entries.length]).toEqual([[true, true], 1]);
  });

  it('[PS5] [WR3] stored once it is acknowledged again, also when it would be refused by now', async () => {
    const { changes, change, roster, signedIn } = bench();
    roster.apply('1001', { type: 'registration.restored', registration: registeredSince(NOW) });
    const request = { actor: grace, device: 's-g', target: '1001', change: change({ status: 'ONLINE' }) };
    expect(await changes.setStatus(request)).toMatchObject({ ok: true });
    signedIn.delete('1001');
    expect(await changes.setStatus(request)).toMatchObject({ ok: true });
  });

  it.each<[string, Partial<DeviceChange>]>([
    ['another status', { status: 'MEETING' }],
    ['another reason', { reason: 'coffee' }],
  ])('[PS5] a sequence that carries %s is taken', async (_name, other) => {
    const { setOwn, store } = bench();
    await setOwn({ sequence: 7 });
    expect(await setOwn({ sequence: 7, ...other })).toEqual({
      ok: false,
      code: 'sequence-taken',
      lastSequence: 7,
    });
    expect(store.entries.length).toBe(1);
  });

  it('[PS5] a sequence used for another agent is taken', async () => {
    const { changes, change, store } = bench();
    const admin = makePerson({ extension: '1', role: 'admin' });
    const same = change();
    await changes.setStatus({ actor: admin, device: 's-b', target: '1001', change: same });
    expect(await changes.setStatus({ actor: admin, device: 's-b', target: '1002', change: same })).toEqual({
      ...{ ok: false, code: 'sequence-taken', lastSequence: 1 },
    });
    expect(store.entries.length).toBe(1);
  });

  it('[PS5] its time is clamped between the entry before it and now', async () => {
    const { setOwn, store, clock } = bench();
    await setOwn({ made: NOW - 500 });
    await setOwn({ made: NOW - 9_000 });
    clock.advance(1_000);
    await setOwn({ made: NOW + 90_000 });
    expect(store.entries.map(({ made }) => made - NOW)).toEqual([-500, -500, 1_000]);
    // PS5: moved by more than 2 s.
    expect(store.entries.map((entry) => entry.kind === 'choice' && entry.uncertain)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('[PS5] a change that comes after a later one of its device is placed before that', async () => {
    const { setOwn, store, clock } = bench();
    await setOwn({ sequence: 2, made: NOW - 5_000 });
    await setOwn({ sequence: 5, made: NOW - 1_000 });
    clock.advance(1_000);
    await setOwn({ sequence: 3, made: NOW + 700 });
    expect(store.entries.map(({ made }) => made - NOW)).toEqual([-5_000, -1_000, -1_000]);
  });

  it('[PS5] two that come at the same moment in the wrong order are placed in that of their device', async () => {
    const { setOwn, store } = bench();
    await Promise.all([setOwn({ sequence: 2, made: NOW - 900 }), setOwn({ sequence: 1, made: NOW - 100 })]);
    expect(store.entries.map(({ sequence, made }) => [sequence, made - NOW])).toEqual([
      [2, -900],
      [1, -900],
    ]);
  });

  it('[PS1] one that could not be stored holds up none behind it', async () => {
    const { setOwn, store } = bench();
    store.failing = true;
    const answers = [setOwn(), setOwn()];
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'store-unavailable' });
    store.failing = false;
    expect(await setOwn()).toMatchObject({ ok: true });
  });

  it('[PS5] a device whose clock is wrong is corrected by the offset it measured', async () => {
    const { setOwn, store } = bench();
    await setOwn({ status: 'ONLINE', reason: null, made: NOW - 600_000 - 30, offset: 600_000 });
    expect(store.entries[0]?.made).toBe(NOW - 30);
  });

  it('[WR1] the acknowledged rev is the one at which everybody sees it', async () => {
    const { setOwn, roster } = bench();
    for (const uniqueId of ['1.1', '1.2']) roster.apply('1002', { type: 'channel.up', uniqueId, at: NOW });
    const answer = await setOwn();
    expect(answer).toEqual({ ok: true, rev: roster.rev });
    expect(roster.changedSince(roster.rev - 1).map(({ person }) => person.extension)).toEqual(['1001']);
  });
});

describe('a hold', () => {
  const member = { queue: 'support', interface: 'Local/1001@agents-all', paused: false, reason: '' };
  function benchWithMember() {
    const kit = bench();
    kit.roster.apply('1001', { type: 'members', members: [member], at: NOW });
    const hold = (actor: typeof ada, reason: string | null, given: object = {}) =>
      kit.changes.setHold({ actor, target: '1001', queue: 'support', reason, ...given });
    return { ...kit, hold, holds: () => Object.fromEntries(kit.roster.get('1001')?.holds ?? []) };
  }

  it('[PS8] [WR4] a supervisor sets it and lifts it; the agent’s next change does not', async () => {
    const { hold, holds, setOwn, store } = benchWithMember();
    expect(await hold(grace, ' training on it ')).toMatchObject({ ok: true });
    const held = { support: { reason: 'training on it', author: '1100', since: NOW } };
    expect(holds()).toEqual(held);
    await setOwn({ status: 'ONLINE', reason: null });
    expect(holds()).toEqual(held);
    expect(await hold(grace, null)).toMatchObject({ ok: true });
    expect([holds(), store.entries.map(({ kind, cause }) => [kind, cause])]).toEqual([
      {},
      [
        ['hold', 'supervisor'],
        ['choice', 'agent'],
        ['hold', 'supervisor'],
      ],
    ]);
  });

  it('[PS8] a supervisor lifts one that was set from Asterisk’s side', async () => {
    const { hold, holds, changes } = benchWithMember();
    await changes.held('1001', { queue: 'support', reason: 'lunch', author: 'asterisk' });
    expect(holds()).toMatchObject({ support: { author: 'asterisk' } });
    await hold(grace, null);
    expect(holds()).toEqual({});
  });

  it('[PS8] set again, or lifted again, changes nothing', async () => {
    const { hold, store } = benchWithMember();
    expect(await hold(grace, null)).toMatchObject({ ok: true });
    await hold(grace, 'x');
    await hold(grace, 'x');
    expect(store.entries.length).toBe(1);
  });

  it.each([
    ['the agent', ada, {}, 'forbidden'],
    [
      'a supervisor of another team',
      makePerson({ extension: '1101', role: 'supervisor', teams: ['x'] }),
      {},
      'forbidden',
    ],
    ['nobody we know', grace, { target: '9999' }, 'unknown-agent'],
    ['a queue the agent is not in', grace, { queue: 'vip' }, 'unknown-queue'],
    ['a line end', grace, { reason: 'x\r\nAction: Command' }, 'reason-control-characters'],
    ['500 characters', grace, { reason: 'x'.repeat(500) }, 'reason-too-long'],
  ])('[WR4] refused, nothing changed: %s', async (_name, actor, given, code) => {
    const { hold, store } = benchWithMember();
    expect(await hold(actor, 'x', given)).toEqual({ ok: false, code });
    expect(store.entries).toEqual([]);
  });

  it('[PS8] survives a restart: it is in the log', async () => {
    const { hold, store, holds } = benchWithMember();
    await hold(grace, 'x');
    const again = createRoster([ada, boris, grace], store.entries, 1);
    expect(Object.fromEntries(again.get('1001')?.holds ?? [])).toEqual(holds());
  });
});

describe('the bridge’s own entries', () => {
  it('[ST10] a step follows what is in force now', async () => {
    const { changes, setOwn, store, roster } = bench();
    await changes.step('1001', { status: 'ONLINE', cause: 'session' });
    await setOwn();
    await changes.step('1001', { status: 'PAUSE', cause: 'call' });
    expect(store.entries.map((entry) => entry.kind === 'step' && entry.follows)).toEqual([
      ...[null, false, 's-a.0000000001'],
    ]);
    expect(roster.get('1001')?.folded.intent).toMatchObject({
      status: 'PAUSE',
      cause: 'call',
      actor: 'bridge',
    });
  });

  it('[ST10] a step of the very moment of the choice it follows counts', async () => {
    const { changes, setOwn, roster } = bench();
    // A device whose clock is ahead: its choice is placed at the moment it came.
    await setOwn({ status: 'ONLINE', reason: null, made: NOW + 5_000 });
    await changes.step('1001', { status: 'WRAP_UP', cause: 'call' });
    expect(roster.get('1001')?.folded.intent.status).toBe('WRAP_UP');
  });

  it('[PS5] a supervisor’s change of the very moment of the one an agent had seen is not taken for seen', async () => {
    const { changes, change, setOwn, roster } = bench();
    await setOwn({ sequence: 1, status: 'MEETING', reason: null });
    await changes.setStatus({
      actor: grace,
      device: 's-g',
      target: '1001',
      change: change({ reason: 'come here' }),
    });
    await setOwn({ sequence: 2, status: 'PAUSE', reason: null, seen: 's-a.0000000001', made: NOW + 9 });
    expect(roster.get('1001')?.folded.intent).toMatchObject({ status: 'BREAK', reason: 'come here' });
  });

  it('[PS4] what is adopted from Asterisk is a choice that has seen all there was', async () => {
    const { changes, setOwn, store, roster } = bench();
    await setOwn();
    await changes.adopted('1001', { status: 'PAUSE', reason: ' lunch ' });
    expect(store.entries.at(-1)).toMatchObject({
      ...{ kind: 'choice', status: 'PAUSE', reason: 'lunch', cause: 'asterisk', actor: 'asterisk' },
      ...{ device: 'bridge', seen: 's-a.0000000001' },
    });
    expect(roster.get('1001')?.folded.intent).toMatchObject({ status: 'PAUSE', cause: 'asterisk' });
  });

  it('[SE4] the end of the last session is OFFLINE by the person’s own doing', async () => {
    const { changes, store, setOwn } = bench();
    await setOwn();
    await changes.signedOut('1001');
    expect(store.entries.at(-1)).toMatchObject({
      ...{ kind: 'choice', status: 'OFFLINE', cause: 'session', actor: '1001', device: 'bridge' },
    });
  });

  it('[SE4] somebody else may have ended it', async () => {
    const { changes, store, roster } = bench();
    await changes.signedOut('1001', '1100');
    expect(store.entries).toMatchObject([
      { kind: 'choice', status: 'OFFLINE', cause: 'session', actor: '1100' },
    ]);
    expect(roster.get('1001')?.folded.intent.actor).toBe('1100');
  });

  it('[SE8] [ST10] a sign-out told late stands where it was made; what others chose later stands', async () => {
    const { changes, setOwn, store, roster } = bench();
    await setOwn({ sequence: 1, status: 'MEETING', made: NOW - 60_000 });
    await setOwn({ sequence: 2, status: 'BREAK', made: NOW - 10_000 });
    const then = { session: 's-b', madeMs: NOW - 30_000, notBeforeMs: null };
    await changes.signedOutThen('1001', then);
    await changes.signedOutThen('1001', then);
    expect(store.entries.slice(2)).toEqual([
      {
        ...{ kind: 'choice', id: 's-b.9999999999', agent: '1001', device: 's-b', sequence: 9_999_999_999 },
        ...{ status: 'OFFLINE', reason: null, cause: 'session', actor: '1001', seen: null, uncertain: false },
        ...{ made: NOW - 30_000, received: NOW + 2 },
      },
    ]);
    expect(roster.get('1001')?.folded.intent.status).toBe('BREAK');
  });

  it.each([
    ['in the future is taken for now', 90_000, null, NOW, true],
    ['before the change it follows comes with it', -30_000, NOW - 20_000, NOW - 20_000, true],
    ['just before it is as certain as any', -1_000, NOW, NOW, false],
  ])('[SE8] [PS5] a sign-out %s', async (_name, made, notBeforeMs, placed, uncertain) => {
    const { changes, store } = bench();
    await changes.signedOutThen('1001', { session: 's-b', madeMs: NOW + made, notBeforeMs });
    expect(store.entries).toMatchObject([{ made: placed, uncertain }]);
  });

  it('[SE8] what comes with a receipt is taken though nobody is signed in any more', async () => {
    const { change, changes, roster, signedIn } = bench();
    signedIn.clear();
    const request = { actor: ada, device: 's-a', target: '1001', change: change() };
    expect(await changes.setStatus(request)).toEqual({ ok: false, code: 'not-signed-in' });
    expect(await changes.setStatus({ ...request, sealed: true })).toMatchObject({ ok: true });
    expect(roster.get('1001')?.folded.intent.status).toBe('BREAK');
  });

  it('[ST11] registrations are facts of the log and change no intent', async () => {
    const { changes, store, roster } = bench();
    await changes.registrations([{ agent: '1001', state: 'registered' }]);
    expect(store.entries).toEqual([
      {
        ...{ kind: 'registration', id: 'bridge.0000000001', agent: '1001', device: 'bridge', sequence: 1 },
        ...{ made: NOW, received: NOW, actor: 'asterisk', cause: 'registration', state: 'registered' },
      },
    ]);
    expect(roster.get('1001')?.folded.intent.entry).toBeNull();
  });
});
