import { describe, expect, it } from 'vitest';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, MINUTE, sessionBench, type World } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';

const HOUR = 60 * MINUTE;

/** An agent signed in with a page and a telephone. */
async function working(world: World = createWorld()) {
  const life = await sessionBench(world);
  const grant = await life.signIn();
  const { id } = grant.session;
  life.pages.connect(id);
  life.contact(id, 'reachable');
  return {
    ...{ ...life, id, token: grant.refreshToken, secret: grant.sip },
    /** The lid is closed. */
    leave() {
      life.pages.disconnect(id);
      life.contact(id, 'removed');
    },
    choose: (status: string, sequence = 1) =>
      life.changes.setStatus({
        ...{ actor: makePerson(), target: '1001', device: id },
        change: { sequence, status, reason: 'lunch', made: life.clock.now(), seen: null },
      }),
    changes: life.changes,
    history: () =>
      world.entries.entries.map((entry) =>
        entry.kind === 'step' || entry.kind === 'choice' ? `${entry.kind} ${entry.status}` : entry.kind,
      ),
  };
}

describe('a session that nobody sees', () => {
  it('[SE5] is closed after 15 min of ONLINE, as of when it was last seen; the secret is gone', async () => {
    const { pass, leave, id, store, sip, clock, history, world, log } = await working();
    await pass(5);
    leave();
    const left = clock.now();
    await pass(15);
    expect(store.closed).toEqual([]);
    await pass(1);
    expect(store.closed).toEqual([{ id, at: left, why: 'orphan', offlineEntry: 'bridge.0000000002' }]);
    expect([sip.secrets.size, sip.expired, history(), world.sessions.online.get('1001')]).toEqual([
      ...[0, [id], ['step ONLINE', 'step OFFLINE'], false],
    ]);
    expect(world.entries.entries.at(-1)).toMatchObject({ cause: 'session', follows: 'bridge.0000000001' });
    expect(log.lines.find(({ message }) => message === 'signed out')?.fields).toEqual({
      ...{ agent: '1001', session: id, why: 'orphan', durationMs: left - T0 },
    });
  });

  it('[SE5] of anything but ONLINE after 90 min', async () => {
    const { pass, leave, choose, store } = await working();
    await choose('BREAK');
    leave();
    await pass(90);
    expect(store.closed).toEqual([]);
    await pass(1);
    expect(store.closed).toMatchObject([{ why: 'orphan' }]);
  });

  it.each<[string, (life: Awaited<ReturnType<typeof working>>) => void]>([
    ['a page', ({ pages, id }) => pages.connect(id)],
    ['a contact that answers', ({ contact, id }) => contact(id, 'reachable')],
    ['a desk phone of the agent', ({ contact }) => contact('deskphone', 'reachable')],
  ])('[SE5] stays as long as there is %s', async (_name, appear) => {
    const life = await working();
    life.leave();
    appear(life);
    await life.pass(100);
    expect([life.store.closed, life.sessions.open(life.id)?.lastSeenAt]).toEqual([[], life.clock.now()]);
  });

  it('[SE5] a contact that does not answer is nobody', async () => {
    const { pass, leave, contact, id, store } = await working();
    leave();
    contact(id, 'unreachable');
    await pass(16);
    expect(store.closed.length).toBe(1);
  });

  it('[SE5] begins anew each time it is seen', async () => {
    const { pass, leave, pages, id, store } = await working();
    leave();
    await pass(14);
    pages.connect(id);
    pages.disconnect(id);
    await pass(15);
    expect(store.closed).toEqual([]);
  });

  it('[SE5] stays as long as the agent is on a call, and as long as its device refreshes', async () => {
    const { pass, leave, call, store, refresh, token } = await working();
    call('u1', 'up');
    leave();
    await pass(30);
    expect(store.closed).toEqual([]);
    let next = token;
    for (let round = 0; round < 5; round += 1) {
      next = await refresh(next);
      if (round === 0) call('u1', 'ended');
      await pass(10);
    }
    expect(store.closed).toEqual([]);
  });

  it('[SE5] [SE4] one of two: the other keeps the intent', async () => {
    const { pass, leave, signIn, pages, history, store, id } = await working();
    pages.connect((await signIn()).session.id);
    leave();
    await pass(16);
    expect([store.closed.map((one) => one.id), history()]).toEqual([[id], ['step ONLINE']]);
  });
});

describe('only time that was known counts', () => {
  it('[SE5] not the time in which Asterisk could not be asked', async () => {
    const { pass, leave, setReady, store } = await working();
    leave();
    await pass(10);
    setReady(false);
    await pass(60);
    setReady(true);
    await pass(5);
    expect(store.closed).toEqual([]);
    await pass(2);
    expect(store.closed.length).toBe(1);
  });

  it('[SE5] whoever was there before is neither there nor gone while nobody knows', async () => {
    const { pages, id, pass, setReady, clock, sessions, contact, store } = await working();
    pages.disconnect(id);
    await pass(5);
    const seen = clock.now();
    setReady(false);
    await pass(60);
    expect(sessions.open(id)).toMatchObject({ lastSeenAt: seen, absentMs: 0 });
    // The list after the reconnect lacks it: when it went nobody knows.
    contact(id, 'removed');
    setReady(true);
    await pass(16);
    expect(store.closed).toMatchObject([{ id, at: seen, why: 'orphan' }]);
  });

  it('[SE5] not the time the machine slept', async () => {
    const { leave, clock, store, pass } = await working();
    await pass(1);
    leave();
    // One look after five hours.
    const { now } = clock;
    let slept = 0;
    clock.now = () => now() + slept;
    slept = 5 * HOUR;
    await pass(10);
    expect(store.closed).toEqual([]);
    await pass(8);
    expect(store.closed.length).toBe(1);
  });

  it('[SE5] 300 sessions, the bridge down for 20 minutes: none is closed at the start', async () => {
    const people = Array.from({ length: 300 }, (_, index) => makePerson({ extension: String(2000 + index) }));
    const world = createWorld(people);
    const before = await sessionBench(world);
    const ids: string[] = [];
    for (const { extension } of people) {
      const { session } = await before.signIn(extension);
      ids.push(session.id);
      before.pages.connect(session.id);
    }
    await before.pass(3);
    before.stop();
    world.clock.advance(20 * MINUTE);
    const after = await sessionBench(world);
    await after.pass(14);
    expect([after.ended, world.sessions.closed]).toEqual([[], []]);
    for (const id of ids.slice(1)) after.pages.connect(id);
    await after.pass(2);
    expect(after.ended).toEqual([`${ids[0] ?? ''} orphan`]);
  });

  it('[SE5] what an absence has come to survives the restart, to a minute', async () => {
    const world = createWorld();
    const before = await working(world);
    before.leave();
    await before.pass(10);
    before.stop();
    world.clock.advance(HOUR);
    const after = await sessionBench(world);
    await after.pass(5);
    expect(after.ended).toEqual([]);
    await after.pass(1);
    expect([after.ended.length, world.sessions.closed]).toMatchObject([1, [{ at: T0 }]]);
  });
});

it('[SE5] who was seen is written once a minute, and only what changed', async () => {
  const { pass, store, leave, log } = await working();
  await settle();
  const first = store.notes;
  await pass(3);
  expect(store.notes - first).toBe(3);
  const { noteSeen } = store;
  store.noteSeen = () => Promise.reject(new StoreError(new Error('disk full')));
  leave();
  await pass(2);
  expect(log.said('warn')).toEqual(Array(2).fill('who was seen was not written'));
  store.noteSeen = noteSeen;
  await pass(1);
  expect((await store.allOpen())[0]).toMatchObject({ absentMs: 3 * MINUTE });
});

describe('a device that comes back', () => {
  it('[SE5] lid closed for 30 min on BREAK: nothing has ended, BREAK it is', async () => {
    const { pass, leave, choose, refresh, token, intent, ended } = await working();
    await choose('BREAK');
    leave();
    await pass(30);
    expect(await refresh(token)).toMatch(/^[\w-]{43}$/);
    expect([intent()?.status, ended]).toEqual(['BREAK', []]);
  });

  it.each([
    ['BREAK', 91, 'lunch'],
    ['ONLINE', 16, null],
  ])(
    '[SE5] after the close, %s: same session, no password, new secret, and that again',
    async (status, minutes, reason) => {
      const {
        pass,
        leave,
        choose,
        sessions,
        token,
        id,
        intent,
        sip,
        secret,
        history,
        ended,
        world,
        pages,
        roster,
      } = await working();
      if (status !== 'ONLINE') await choose(status);
      leave();
      await pass(minutes);
      expect([ended, intent()?.status]).toEqual([[`${id} orphan`], 'OFFLINE']);
      const result = await sessions.refresh(token);
      if (!result.ok) throw new Error(result.code);
      expect([result.grant.session.id, sessions.isSignedIn('1001')]).toEqual([id, true]);
      expect(result.grant.sip).toEqual([...sip.secrets.values()][0]);
      expect(result.grant.sip.ha1).not.toBe(secret.ha1);
      expect(intent()).toMatchObject({ status, reason, cause: 'session' });
      expect(history().slice(-2)).toEqual(['step OFFLINE', `step ${status}`]);
      expect(await world.sessions.find(id)).toMatchObject({ offlineEntry: null, absentMs: 0 });
      pages.connect(id);
      expect(roster.get('1001')?.desks).toMatchObject([{ session: id, openedAt: T0 }]);
      expect((await world.deadlines.all()).map(({ key, dueMs }) => [key, dueMs])).toEqual([
        [id, T0 + 14 * HOUR],
      ]);
    },
  );

  it('[SE5] [ST10] what was chosen meanwhile stands: the step is void', async () => {
    const { pass, leave, refresh, token, intent, signIn, sessions } = await working();
    leave();
    await pass(16);
    const other = await signIn();
    await sessions.signOut(other.session.id, false);
    expect(await refresh(token)).toMatch(/^[\w-]{43}$/);
    expect(intent()).toMatchObject({ status: 'OFFLINE', actor: '1001' });
  });

  it('[SE5] [PS6] its outbox is accepted, each change where it was made', async () => {
    const { pass, leave, choose, refresh, token, intent, clock, changes, id } = await working();
    await choose('BREAK');
    leave();
    await pass(40);
    const made = clock.now();
    await pass(60);
    await refresh(token);
    const change = { sequence: 2, status: 'TRAINING', reason: null, made, seen: null };
    const request = { actor: makePerson(), target: '1001', device: id, change };
    expect(await changes.setStatus(request)).toMatchObject({ ok: true });
    // Made before the close: the close itself lost its ground.
    expect(intent()).toMatchObject({ status: 'TRAINING', since: made });
  });

  it('[SE5] by three tabs at once, once', async () => {
    const { pass, leave, refresh, token, history, log } = await working();
    leave();
    await pass(16);
    const tokens = new Set(await Promise.all([refresh(token), refresh(token), refresh(token)]));
    expect([tokens.size, history().length]).toEqual([1, 3]);
    expect(log.said('info').filter((line) => line === 'signed in again').length).toBe(1);
  });

  it('[SE5] [SE1] not with an old token, and then not with the newest either', async () => {
    const { pass, leave, refresh, token, id, world } = await working();
    const second = await refresh(token);
    const third = await refresh(second);
    leave();
    await pass(16);
    expect([await refresh(token), await refresh(third)]).toEqual(['session-ended', 'session-ended']);
    expect(await world.sessions.find(id)).toMatchObject({ closedWhy: 'refresh token reused' });
  });

  it.each<[string, (life: Awaited<ReturnType<typeof working>>) => Promise<unknown>]>([
    ['its own sign-out', ({ sessions, id, leave }) => (leave(), sessions.signOut(id, false))],
    [
      'a sign-out everywhere',
      async ({ sessions, signIn, leave, pass }) => {
        leave();
        await pass(16);
        return sessions.signOut((await signIn()).session.id, true);
      },
    ],
    [
      'a forced sign-out',
      ({ rooms, id, leave }) => {
        leave();
        const admin = makePerson({ extension: '1', role: 'admin' });
        return rooms.commands.signOutDevice(admin, { agent: '1001', device: id, hangUp: false });
      },
    ],
    [
      'a forced sign-out of whoever is left',
      async ({ rooms, signIn, leave, pass }) => {
        leave();
        await pass(16);
        await signIn();
        const admin = makePerson({ extension: '1', role: 'admin' });
        return rooms.commands.signOutAgent(admin, { agent: '1001', hangUp: false });
      },
    ],
    [
      'a sign-out after the close',
      async ({ sessions, id, leave, pass }) => {
        leave();
        await pass(16);
        return sessions.signOut(id, false);
      },
    ],
  ])('[SE5] never after %s', async (_name, end) => {
    const life = await working();
    expect(await end(life)).toMatchObject({ ok: true });
    expect(await life.refresh(life.token)).toBe('session-ended');
  });

  it('[SE5] not after the longest a session may last', async () => {
    const { pass, leave, refresh, token, pages, id, clock } = await working();
    clock.advance(13 * HOUR + 30 * MINUTE);
    await settle();
    const next = await refresh(token);
    pages.connect(id);
    leave();
    await pass(31);
    expect(await refresh(next)).toBe('session-ended');
  });

  it('[SE5] without the store nothing has happened, and it can be repeated', async () => {
    const { pass, leave, sessions, refresh, token, world, intent, id } = await working();
    leave();
    await pass(16);
    world.entries.failing = true;
    await expect(sessions.refresh(token)).rejects.toThrow('the store did not take it');
    world.entries.failing = false;
    expect(await refresh(token)).toMatch(/^[\w-]{43}$/);
    expect([intent()?.status, sessions.open(id)?.offlineEntry]).toEqual(['ONLINE', null]);
  });

  it('[SE5] by a bridge that was killed on the way: the next one finishes it', async () => {
    const world = createWorld();
    const before = await working(world);
    before.leave();
    await before.pass(16);
    world.entries.failing = true;
    await expect(before.sessions.refresh(before.token)).rejects.toThrow();
    before.stop();
    world.entries.failing = false;
    const after = await sessionBench(world);
    expect([after.intent()?.status, after.sessions.open(before.id)?.offlineEntry]).toEqual(['ONLINE', null]);
  });

  it('[SE5] a bridge killed between the OFFLINE and the close: it comes back all the same', async () => {
    const world = createWorld();
    const before = await working(world);
    before.leave();
    await before.pass(15);
    before.stop();
    await before.changes.step('1001', { status: 'OFFLINE', cause: 'session' });
    const after = await sessionBench(world);
    await after.pass(100);
    expect(await after.refresh(before.token)).toMatch(/^[\w-]{43}$/);
    expect(after.intent()?.status).toBe('ONLINE');
  });
});
