import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, sessionBench, type World } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';
import { RETRY_MS } from './endings.ts';
import { UNSEEN_MS } from './registry.ts';
import { PREDECESSOR_MS, REFRESH_TOKEN_MS } from './tokens.ts';

const ada = makePerson();
const right = { extension: '1001', password: 'right', device: 'Firefox' };
const away = () => Promise.reject(new StoreError(new Error('disk full')));

async function bench(world: World = createWorld()) {
  const life = await sessionBench(world);
  return {
    ...{ ...life, online: world.sessions.online, tried: world.tried },
    /** What the log holds of changes, in order of storing. */
    said: () =>
      world.entries.entries.map((entry) =>
        entry.kind === 'step' || entry.kind === 'choice' ? `${entry.kind} ${entry.status}` : entry.kind,
      ),
  };
}

describe('signing in', () => {
  it('[SE1] [SE3] opens a session with a secret of its own, and ONLINE comes with the first', async () => {
    const { signIn, sip, online, sessions, said, log, clock, deadlines } = await bench();
    const grant = await signIn();
    const { session } = grant;
    expect(session).toEqual({
      ...{ id: session.id, extension: '1001', deviceLabel: 'Firefox', openedAt: clock.now() },
    });
    expect(sessions.open(session.id)).toEqual({
      ...{ ...session, lastSeenAt: null, absentMs: 0, ending: null, offlineEntry: null },
    });
    expect([sessions.isSignedIn('1001'), sessions.isSignedIn('1002')]).toEqual([true, false]);
    expect([...sip.secrets]).toEqual([[`1001-${session.id}`, grant.sip]]);
    expect([[...online], said()]).toEqual([[['1001', true]], ['step ONLINE']]);
    expect(grant.person).toEqual(ada);
    expect(log.said('info')).toEqual(['signed in']);
    expect(deadlines.get(session.id)).toEqual({
      ...{ key: session.id, agent: '1001', kind: 'session', follows: null },
      dueMs: clock.now() + 14 * 3_600_000,
    });
  });

  it('[SE3] a second session leaves the intent as it is', async () => {
    const { signIn, said, sip } = await bench();
    const [one, two] = [await signIn(), await signIn()];
    expect([said(), sip.secrets.size]).toEqual([['step ONLINE'], 2]);
    expect(one.session.id).not.toBe(two.session.id);
  });

  it('[SE3] a store that fails half-way leaves nothing behind: the next sign-in brings ONLINE', async () => {
    const { signIn, world, said, sip, sessions } = await bench();
    world.entries.failing = true;
    await expect(signIn()).rejects.toThrow('the store did not take it');
    expect([sip.secrets.size, sessions.isSignedIn('1001')]).toEqual([0, false]);
    world.entries.failing = false;
    await signIn();
    expect(said()).toEqual(['step ONLINE']);
  });

  it('[SE3] a bridge killed between storing a session and its ONLINE: the next sign-in brings it, at once', async () => {
    const world = createWorld();
    const first = await bench(world);
    world.entries.append = () => new Promise(() => undefined);
    void first.signIn();
    await settle();
    first.stop();
    const stored = createWorld();
    stored.sessions = world.sessions;
    const { signIn, said, sessions } = await bench(stored);
    expect(sessions.isSignedIn('1001')).toBe(true);
    await signIn();
    expect(said()).toEqual(['step ONLINE']);
  });

  it('[SE3] a session nobody saw counts for a minute: its device may be about to register', async () => {
    const { signIn, said, clock, intent, changes } = await bench();
    await signIn();
    await changes.adopted('1001', { status: 'PAUSE', reason: null });
    clock.advance(UNSEEN_MS - 1);
    await signIn();
    expect([intent()?.status, said().length]).toEqual(['PAUSE', 2]);
    clock.advance(UNSEEN_MS);
    await signIn();
    expect(intent()?.status).toBe('ONLINE');
  });

  it('[SE3] a session that was seen counts, also after a restart', async () => {
    const before = await bench();
    const { session } = await before.signIn();
    before.pages.connect(session.id);
    before.pages.disconnect(session.id);
    await settle();
    before.stop();
    const { signIn, said } = await bench(before.world);
    await signIn();
    expect(said()).toEqual(['step ONLINE']);
  });

  it('[SE1] a wrong password and an unknown extension get the same answer after the same work', async () => {
    const { sessions, tried, store, sip } = await bench();
    const refusal = { ok: false, code: 'wrong-credentials' };
    expect(await sessions.signIn({ ...right, password: 'wrong' })).toEqual(refusal);
    expect(await sessions.signIn({ ...right, extension: '9999' })).toEqual(refusal);
    expect(await sessions.signIn({ ...right, extension: '9999', password: 'nothing' })).toEqual(refusal);
    expect(tried).toEqual(['hash of right', 'hash of nothing', 'hash of nothing']);
    expect([store.tokens.size, sip.secrets.size]).toEqual([0, 0]);
  });

  it('[SE1] neither tokens nor secrets are in the log, and no token is in the store', async () => {
    const { signIn, log, store, sessions } = await bench();
    const { refreshToken, sip, session } = await signIn();
    await sessions.signOut(session.id, false);
    const written = JSON.stringify([log.lines, [...store.tokens]]);
    for (const secret of [refreshToken, sip.ha1, 'right']) expect(written).not.toContain(secret);
  });
});

describe('refreshing', () => {
  it('[SE1] rotates; the chain goes on', async () => {
    const { signIn, refresh } = await bench();
    const { refreshToken: first } = await signIn();
    const second = await refresh(first);
    const third = await refresh(second);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('[SE1] a lost answer is repeated, the very same, until its successor was used', async () => {
    const { signIn, refresh, ended, clock } = await bench();
    const { refreshToken: first, session } = await signIn();
    const second = await refresh(first);
    clock.advance(PREDECESSOR_MS);
    expect(await refresh(first)).toBe(second);
    await refresh(second);
    expect(await refresh(first)).toBe('session-ended');
    expect(ended).toEqual([`${session.id} refresh token reused`]);
  });

  it('[SE1] an old one after 60 s closes the family: paused by a step, secret and contacts gone, told', async () => {
    const { signIn, refresh, clock, said, sip, store, sessions, log, pbx } = await bench();
    const { refreshToken: first, session } = await signIn();
    const second = await refresh(first);
    clock.advance(PREDECESSOR_MS + 1);
    expect(await refresh(first)).toBe('session-ended');
    expect([said(), pbx.pruned]).toEqual([['step ONLINE', 'step OFFLINE'], ['1001']]);
    expect([sip.secrets.size, sip.expired, sessions.open(session.id)]).toEqual([0, [session.id], null]);
    expect(store.closed).toEqual([
      { id: session.id, at: clock.now(), why: 'refresh token reused', offlineEntry: null },
    ]);
    expect(log.said('warn')).toEqual(['an old refresh token came back: session closed']);
    expect(await refresh(second)).toBe('session-ended');
  });

  it('[SE1] [SE4] reuse during a call takes contact and secret at once; the call is left alone', async () => {
    const { signIn, refresh, sip, call, pbx, ended, intent } = await bench();
    const { refreshToken, session } = await signIn();
    const second = await refresh(refreshToken);
    await refresh(second);
    call('u1', 'up');
    expect(await refresh(refreshToken)).toBe('session-ended');
    expect([sip.secrets.size, sip.expired, pbx.hungUp]).toEqual([0, [session.id], []]);
    expect([ended, intent()?.status]).toEqual([[`${session.id} refresh token reused`], 'OFFLINE']);
  });

  it('[SE1] two tabs at once get the same token', async () => {
    const { signIn, refresh } = await bench();
    const { refreshToken } = await signIn();
    const [one, two] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(one).toBe(two);
  });

  it('[SE1] three tabs over an hour, answers lost, repeated and side by side: the session stays', async () => {
    const { signIn, sessions, clock, ended, pass } = await bench();
    const { refreshToken, session } = await signIn();
    // One cookie for all tabs: the last answer that arrived.
    let cookie = refreshToken;
    let given = 0;
    const ask = async (arrives: boolean): Promise<void> => {
      const result = await sessions.refresh(cookie);
      if (!result.ok) throw new Error(result.code);
      given += 1;
      if (arrives) cookie = result.grant.refreshToken;
    };
    for (let minute = 0; minute < 60; minute += 4) {
      const round = minute / 4;
      // One of three is lost on the way, all of them every fifth time, and asked for again within the minute.
      const arrives = [0, 1, 2].map((tab) => round % 5 !== 4 && (round + tab) % 3 !== 0);
      await Promise.all(arrives.map(ask));
      clock.advance(PREDECESSOR_MS - 1);
      if (!arrives[0]) await ask(true);
      if (round % 2 === 0) await Promise.all([ask(true), ask(false), ask(true)]);
      await pass(3);
    }
    expect([sessions.open(session.id)?.id, ended, given]).toEqual([session.id, [], 76]);
  });

  it('[SE1] made-up tokens are refused and close nothing', async () => {
    const { signIn, refresh, sessions } = await bench();
    const { session } = await signIn();
    expect(await refresh('x')).toBe('unauthorised');
    expect(sessions.open(session.id)).toMatchObject(session);
  });

  it('[SE1] one that nobody used for a shift ends its session', async () => {
    const world = createWorld();
    const before = await bench(world);
    const { refreshToken, session } = await before.signIn();
    before.stop();
    world.clock.advance(REFRESH_TOKEN_MS + 1);
    const { refresh, ended, sessions } = await bench(world);
    expect(await refresh(refreshToken)).toBe('session-ended');
    expect([ended, sessions.open(session.id)]).toEqual([[`${session.id} expired`], null]);
  });

  it('[SE1] the same secret comes with it: a reload registers as before', async () => {
    const { signIn, sessions } = await bench();
    const { refreshToken, sip, session } = await signIn();
    expect(await sessions.refresh(refreshToken)).toMatchObject({
      ok: true,
      grant: { sip, session, person: ada },
    });
  });
});

describe('signing out', () => {
  it('[SE4] ends this session, contact and secret; OFFLINE comes with the last', async () => {
    const { signIn, sessions, said, sip, online, ended, pbx } = await bench();
    const [one, two] = [await signIn(), await signIn()];
    await sessions.signOut(one.session.id, false);
    expect([said(), pbx.pruned, [...sip.secrets.keys()], sip.expired, online.get('1001')]).toEqual([
      ...[['step ONLINE'], ['1001'], [`1001-${two.session.id}`], [one.session.id], true],
    ]);
    await sessions.signOut(two.session.id, false);
    expect([said(), pbx.pruned]).toEqual([
      ['step ONLINE', 'choice OFFLINE'],
      ['1001', '1001'],
    ]);
    expect([sip.secrets.size, online.get('1001')]).toEqual([0, false]);
    expect(ended).toEqual([one, two].map(({ session }) => `${session.id} signed out`));
  });

  it('[SE4] everywhere ends all of them, with one OFFLINE', async () => {
    const { signIn, sessions, said, sip } = await bench();
    const [one] = [await signIn(), await signIn(), await signIn()];
    await sessions.signOut(one.session.id, true);
    expect(said()).toEqual(['step ONLINE', 'choice OFFLINE']);
    expect([sip.secrets.size, sessions.isSignedIn('1001')]).toEqual([0, false]);
  });

  it('[SE2] [SE6] again it changes nothing and answers the same; it says how long it was', async () => {
    const { signIn, sessions, ended, clock, log, said } = await bench();
    const { session } = await signIn();
    clock.advance(90_000);
    const answers = await Promise.all([
      sessions.signOut(session.id, false),
      sessions.signOut(session.id, true),
    ]);
    clock.advance(90_000);
    answers.push(await sessions.signOut(session.id, true));
    expect(answers).toEqual(Array(3).fill({ ok: true, durationMs: 90_000 }));
    expect([ended.length, said().length]).toEqual([1, 2]);
    expect(log.lines.find(({ message }) => message === 'signed out')?.fields).toEqual({
      ...{ agent: '1001', session: session.id, why: 'signed out', durationMs: 90_000 },
    });
    expect(await sessions.signOut('s-nobody', true)).toEqual({ ok: false, code: 'unauthorised' });
  });

  it('[SE4] every step is tried even if the one before failed, and each failure is told', async () => {
    const { signIn, sessions, world, log, ended, sip, pbx } = await bench();
    const { session } = await signIn();
    world.entries.failing = true;
    world.sessions.close = away;
    world.sessions.setOnline = away;
    sip.expireContacts = away;
    pbx.pruneContacts = () => Promise.reject(new Error('closed'));
    expect(await sessions.signOut(session.id, false)).toEqual({ ok: false, code: 'store-unavailable' });
    expect(log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toEqual([
      ...['offline', 'close', 'online', 'expire'].map((step) => ({
        ...{ agent: '1001', step, code: 'store-unavailable' },
        ...{ error: 'the store did not take it', cause: 'disk full' },
      })),
      { agent: '1001', step: 'prune', error: 'closed' },
    ]);
    expect([sip.secrets.size, ended.length, sessions.open(session.id)]).toEqual([0, 1, null]);
  });

  it('[SE2] [SE4] what the store did not take is tried again: by whoever repeats it, and by itself', async () => {
    const { signIn, sessions, world, clock, store, said } = await bench();
    const { session } = await signIn();
    world.entries.failing = true;
    expect(await sessions.signOut(session.id, false)).toEqual({ ok: false, code: 'store-unavailable' });
    expect([said(), store.closed.length]).toEqual([['step ONLINE'], 1]);
    expect(await sessions.signOut(session.id, false)).toEqual({ ok: false, code: 'store-unavailable' });
    world.entries.failing = false;
    clock.advance(RETRY_MS);
    await settle();
    expect(said()).toEqual(['step ONLINE', 'choice OFFLINE']);
    expect(await sessions.signOut(session.id, false)).toEqual({ ok: true, durationMs: 0 });
    expect([said().length, store.closed.length]).toEqual([2, 1]);
  });

  it('[SE4] an OFFLINE that failed does not come after the next sign-in', async () => {
    const { signIn, sessions, world, clock, said } = await bench();
    const { session } = await signIn();
    world.entries.failing = true;
    await sessions.signOut(session.id, false);
    world.entries.failing = false;
    await signIn();
    clock.advance(RETRY_MS);
    await settle();
    expect(said()).toEqual(['step ONLINE', 'step ONLINE']);
  });

  it('[WR3] the socket hears of it though Asterisk does not answer', async () => {
    const { signIn, sessions, pbx, ended } = await bench();
    const { session } = await signIn();
    pbx.pruneContacts = () => new Promise(() => undefined);
    void sessions.signOut(session.id, false);
    await settle();
    expect(ended).toEqual([`${session.id} signed out`]);
  });
});

it('[SE3] [OP5] sessions that were open before a restart stay open, and are so for others to read', async () => {
  const world = createWorld();
  const { session, refreshToken } = await (await bench(world)).signIn();
  await world.sessions.setOnline('1001', false);
  await world.sessions.setOnline('1002', true);
  const again = await bench(world);
  expect(again.sessions.open(session.id)).toMatchObject(session);
  expect([...world.sessions.online]).toEqual([['1001', true]]);
  expect(await again.sessions.refresh(refreshToken)).toMatchObject({ ok: true });
});
