import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, sessionBench, type World } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';

const ada = makePerson();
const boris = makePerson({ extension: '1002', name: 'Boris' });
const grace = makePerson({ extension: '1100', name: 'Grace', role: 'supervisor' });
const other = makePerson({ extension: '1200', name: 'Olga', role: 'supervisor', teams: ['sales'] });

const newWorld = (): World => createWorld([ada, boris, grace, other]);

async function bench(world = newWorld(), options: { readonly ready?: boolean } = {}) {
  const life = await sessionBench(world, options);
  const { commands } = life.rooms;
  const agent = '1001';
  return {
    ...life,
    device: (device: string, { actor = grace, hangUp = false } = {}) =>
      commands.signOutDevice(actor, { agent, device, hangUp }),
    all: ({ actor = grace, hangUp = false } = {}) => commands.signOutAgent(actor, { agent, hangUp }),
    devices: () =>
      life.roster.get(agent)?.desks.map(({ session, endsAfterCall }) => [session, endsAfterCall]),
  };
}

describe('one device signed out', () => {
  it('[SE4] [RG9] of two: the other stays as it is', async () => {
    const { signIn, device, devices, intent, ended } = await bench();
    const [one, two] = [(await signIn()).session.id, (await signIn()).session.id];
    expect(await device(one)).toEqual({ ok: true });
    expect([devices(), intent()?.status, ended]).toEqual([
      [[two, false]],
      'ONLINE',
      [`${one} signed out by supervisor`],
    ]);
  });

  it('[SE4] the last: OFFLINE, by whoever did it', async () => {
    const { signIn, device, devices, intent, log } = await bench();
    const { session } = await signIn();
    await device(session.id);
    expect([devices(), intent()]).toMatchObject([[], { status: 'OFFLINE', cause: 'session', actor: '1100' }]);
    expect(log.lines.find(({ message }) => message === 'signed out')?.fields).toEqual({
      ...{ agent: '1001', session: session.id, why: 'signed out by supervisor', by: '1100', durationMs: 0 },
    });
  });

  it('[SE4] by the person, from another of their devices', async () => {
    const { signIn, device, ended, intent } = await bench();
    const { session } = await signIn();
    await device(session.id, { actor: ada });
    expect([ended, intent()?.actor]).toEqual([[`${session.id} signed out`], '1001']);
  });

  it('[RG9] a desk phone: its contact expires; nobody is signed out', async () => {
    const { signIn, device, contact, sip, sessions, roster } = await bench();
    await signIn();
    contact('deskphone', 'reachable');
    const uri = roster.get('1001')?.contacts[0]?.uri ?? '';
    const asked = device(uri);
    await settle();
    contact('deskphone', 'removed');
    expect(await asked).toEqual({ ok: true });
    expect([sip.expired, sessions.isSignedIn('1001')]).toEqual([[uri], true]);
  });

  it.each([
    ['a colleague', boris, 'forbidden'],
    ['a supervisor of another team', other, 'forbidden'],
    ['a supervisor, of a device nobody has', grace, 'unknown-device'],
  ])('[WR4] refused: %s', async (_name, actor, code) => {
    const { signIn, device, ended } = await bench();
    const { session } = await signIn();
    const id = code === 'forbidden' ? session.id : 's-nobody';
    expect(await device(id, { actor })).toEqual({ ok: false, code });
    expect(ended).toEqual([]);
  });

  it('[WR4] [RG9] a contact that names another agent’s session: it goes, that session does not', async () => {
    const { signIn, device, contact, sip, sessions, roster, ended } = await bench(newWorld(), {
      ready: false,
    });
    await signIn();
    const { session } = await signIn('1002');
    contact(session.id, 'reachable');
    const uri = roster.get('1001')?.contacts[0]?.uri ?? '';
    const asked = device(uri, { actor: ada });
    contact(session.id, 'removed');
    expect(await asked).toEqual({ ok: true });
    expect([sip.expired, ended, sessions.isSignedIn('1002')]).toEqual([[uri], [], true]);
    expect(sip.secrets.size).toBe(2);
  });
});

describe('everything of an agent signed out', () => {
  it('[SE4] all devices, with one OFFLINE', async () => {
    const { signIn, all, devices, world } = await bench();
    await signIn();
    await signIn();
    expect(await all()).toEqual({ ok: true });
    expect(devices()).toEqual([]);
    expect(world.entries.entries.map((entry) => entry.kind)).toEqual(['step', 'choice']);
  });

  it.each([
    ['the agent', ada, 'forbidden'],
    ['a supervisor of another team', other, 'forbidden'],
    ['whoever oversees, of somebody who is not there', grace, 'not-signed-in'],
  ])('[WR4] refused: %s', async (_name, actor, code) => {
    const { signIn, all, ended } = await bench();
    if (code === 'forbidden') await signIn();
    expect(await all({ actor })).toEqual({ ok: false, code });
    expect(ended).toEqual([]);
  });
});

describe('during a call', () => {
  it('[SE4] it waits for the end, and says so; the intent stays meanwhile', async () => {
    const { signIn, device, devices, call, ended, intent, sip, pbx } = await bench();
    const { session } = await signIn();
    call('u1', 'up');
    call('u2', 'up');
    expect(await device(session.id)).toEqual({ ok: true });
    expect([devices(), ended, intent()?.status, sip.secrets.size]).toEqual([
      ...[[[session.id, true]], [], 'ONLINE', 1],
    ]);
    call('u1', 'ended');
    await settle();
    expect(ended).toEqual([]);
    call('u2', 'ended');
    await settle();
    expect([devices(), ended, intent(), pbx.hungUp]).toMatchObject([
      ...[[], [`${session.id} signed out by supervisor`], { status: 'OFFLINE', actor: '1100' }, []],
    ]);
  });

  it('[SE4] with "hang up too" exactly the agent’s channels end, and it is over at once', async () => {
    const { signIn, all, call, pbx, ended } = await bench();
    const { session } = await signIn();
    call('u1', 'up');
    call('u9', 'up', '1002');
    expect(await all({ hangUp: true })).toEqual({ ok: true });
    expect([pbx.hungUp, ended]).toEqual([[['u1']], [`${session.id} signed out by supervisor`]]);
  });

  it('[SE4] a hang-up that fails does not stop the sign-out', async () => {
    const { signIn, all, call, pbx, ended, log } = await bench();
    await signIn();
    call('u1', 'up');
    pbx.hangUp = () => Promise.reject(new Error('closed'));
    expect(await all({ hangUp: true })).toEqual({ ok: true });
    expect([ended.length, log.said('warn')]).toEqual([1, ['a call was not hung up']]);
  });

  it('[SE4] one that waits can be made to happen now', async () => {
    const { signIn, device, call, ended, pbx } = await bench();
    const { session } = await signIn();
    call('u1', 'up');
    await device(session.id);
    await device(session.id, { hangUp: true });
    expect([ended.length, pbx.hungUp]).toEqual([1, [['u1']]]);
  });

  it('[SE4] that could not be stored is refused', async () => {
    const { signIn, device, devices, call, store } = await bench();
    const { session } = await signIn();
    call('u1', 'up');
    store.setEnding = () => Promise.reject(new StoreError(new Error('disk full')));
    await expect(device(session.id)).rejects.toThrow('the store did not take it');
    expect(devices()).toEqual([[session.id, false]]);
  });

  it('[SE4] what waits survives a restart, and ends when the call is known to be over', async () => {
    const world = newWorld();
    const before = await bench(world);
    const { session } = await before.signIn();
    before.call('u1', 'up');
    await before.device(session.id);
    before.stop();
    const after = await bench(world, { ready: false });
    expect(after.devices()).toEqual([[session.id, true]]);
    await settle();
    // Until Asterisk has said who is on a call nobody knows.
    expect(after.ended).toEqual([]);
    after.call('u1', 'up');
    after.setReady(true);
    await settle();
    expect(after.ended).toEqual([]);
    after.setReady(false);
    // Asterisk was killed: its list has no call any more.
    after.roster.apply('1001', { type: 'channels', up: new Map(), at: after.clock.now() });
    await settle();
    expect(after.ended).toEqual([]);
    after.setReady(true);
    await settle();
    expect([after.ended, after.intent()?.actor]).toEqual([
      [`${session.id} signed out by supervisor`],
      '1100',
    ]);
  });
});

describe('a session that has lasted long enough', () => {
  const HOURS = 3_600_000;

  it('[SE5] ends 14 h after it was opened, by a step, though somebody is there', async () => {
    const { signIn, pages, clock, ended, world } = await bench();
    const { session } = await signIn();
    pages.connect(session.id);
    clock.advance(14 * HOURS - 1);
    await settle();
    expect(ended).toEqual([]);
    clock.advance(1);
    await settle();
    expect([ended, world.entries.entries.at(-1)]).toMatchObject([
      [`${session.id} too long`],
      { kind: 'step', status: 'OFFLINE', cause: 'session' },
    ]);
  });

  it('[SE5] [ST7] after a restart too; during a call when that is over', async () => {
    const world = newWorld();
    const before = await bench(world);
    const { session } = await before.signIn();
    before.pages.connect(session.id);
    before.stop();
    world.clock.advance(20 * HOURS);
    const after = await bench(world, { ready: false });
    after.pages.connect(session.id);
    after.clock.advance(0);
    await settle();
    expect([after.ended, after.devices()]).toEqual([[], [[session.id, true]]]);
    after.call('u1', 'up');
    after.setReady(true);
    await settle();
    expect(after.ended).toEqual([]);
    after.call('u1', 'ended');
    await settle();
    expect(after.ended).toEqual([`${session.id} too long`]);
    expect(await world.deadlines.all()).toEqual([]);
  });

  it('[ST7] a session that ended before leaves no deadline', async () => {
    const { signIn, sessions, deadlines, world } = await bench();
    const { session } = await signIn();
    await sessions.signOut(session.id, false);
    await settle();
    expect([deadlines.get(session.id), await world.deadlines.all()]).toEqual([undefined, []]);
  });
});
