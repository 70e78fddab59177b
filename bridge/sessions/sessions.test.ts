import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import { StoreError } from '../roster/ports.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import {
  createMemoryAccounts,
  createMemorySessionStore,
  createMemorySipAccounts,
} from '../testing/memory-stores.ts';
import { settle } from '../testing/settle.ts';
import { Sessions, type Granted } from './sessions.ts';
import { PREDECESSOR_MS, REFRESH_TOKEN_MS } from './tokens.ts';

const ada = makePerson();
const right = { extension: '1001', password: 'right', device: 'Firefox' };

function bench() {
  const clock = createFakeClock(1_700_000_000_000);
  const log = createFakeLog();
  const store = createMemorySessionStore();
  const sip = createMemorySipAccounts();
  const done: string[] = [];
  const tried: string[] = [];
  const changes: Pick<OwnEntries, 'step' | 'signedOut'> = {
    step: (agent, { status }) => (done.push(`${agent} ${status}`), Promise.resolve()),
    signedOut: (agent) => (done.push(`${agent} signed out`), Promise.resolve()),
  };
  const deps = {
    ...{ clock, log, store, sip, changes, realm: 'desk', refreshKey: Buffer.alloc(32, 7) },
    accounts: createMemoryAccounts([{ person: ada, passwordHash: 'hash of right' }]),
    passwords: {
      decoy: 'hash of nothing',
      verify(hash: string, password: string) {
        tried.push(hash);
        return Promise.resolve(hash === `hash of ${password}`);
      },
    },
    enrol: () => Promise.resolve(),
    pruneContacts: (extension: string) => (done.push(`prune ${extension}`), Promise.resolve()),
  };
  const sessions = new Sessions(deps, []);
  const ended: string[] = [];
  sessions.onEnded(({ id }, why) => ended.push(`${id} ${why}`));
  return {
    ...{ clock, log, store, sip, deps, sessions, done, tried, ended },
    async signIn(): Promise<Granted> {
      const result = await sessions.signIn(right);
      if (!result.ok) throw new Error(result.code);
      return result.grant;
    },
    async refresh(token: string): Promise<string> {
      const result = await sessions.refresh(token);
      return result.ok ? result.grant.refreshToken : result.code;
    },
  };
}

describe('signing in', () => {
  it('[SE1] [SE3] opens a session with a secret of its own, and ONLINE comes with the first', async () => {
    const { signIn, sip, store, sessions, done, log, clock } = bench();
    const grant = await signIn();
    const { session } = grant;
    expect(session).toEqual({
      ...{ id: session.id, extension: '1001', deviceLabel: 'Firefox', openedAt: clock.now() },
    });
    expect([sessions.open(session.id), sessions.isSignedIn('1001'), sessions.isSignedIn('1002')]).toEqual([
      ...[session, true, false],
    ]);
    expect([...sip.secrets]).toEqual([[`1001-${session.id}`, grant.sip]]);
    expect([[...store.online], done]).toEqual([[['1001', true]], ['1001 ONLINE']]);
    expect(grant.person).toBe(ada);
    expect(log.said('info')).toEqual(['signed in']);
  });

  it('[SE3] a second session leaves the intent as it is', async () => {
    const { signIn, done, sip } = bench();
    const [one, two] = [await signIn(), await signIn()];
    expect([done, sip.secrets.size]).toEqual([['1001 ONLINE'], 2]);
    expect(one.session.id).not.toBe(two.session.id);
  });

  it('[SE3] a store that fails half-way leaves nothing behind: the next sign-in brings ONLINE', async () => {
    const { signIn, deps, done, sip, sessions } = bench();
    const { step } = deps.changes;
    deps.changes.step = () => Promise.reject(new StoreError(new Error('disk full')));
    await expect(signIn()).rejects.toThrow('the store did not take it');
    expect([sip.secrets.size, sessions.isSignedIn('1001')]).toEqual([0, false]);
    deps.changes.step = step;
    done.length = 0;
    await signIn();
    expect(done).toEqual(['1001 ONLINE']);
  });

  it('[SE1] a wrong password and an unknown extension get the same answer after the same work', async () => {
    const { sessions, tried, store, sip } = bench();
    const refusal = { ok: false, code: 'wrong-credentials' };
    expect(await sessions.signIn({ ...right, password: 'wrong' })).toEqual(refusal);
    expect(await sessions.signIn({ ...right, extension: '9999' })).toEqual(refusal);
    expect(await sessions.signIn({ ...right, extension: '9999', password: 'nothing' })).toEqual(refusal);
    expect(tried).toEqual(['hash of right', 'hash of nothing', 'hash of nothing']);
    expect([store.tokens.size, sip.secrets.size]).toEqual([0, 0]);
  });

  it('[SE1] neither tokens nor secrets are in the log, and no token is in the store', async () => {
    const { signIn, log, store, sessions } = bench();
    const { refreshToken, sip, session } = await signIn();
    await sessions.signOut(session.id, false);
    const written = JSON.stringify([log.lines, [...store.tokens]]);
    for (const secret of [refreshToken, sip.ha1, 'right']) expect(written).not.toContain(secret);
  });
});

describe('refreshing', () => {
  it('[SE1] rotates; the chain goes on', async () => {
    const { signIn, refresh } = bench();
    const { refreshToken: first } = await signIn();
    const second = await refresh(first);
    const third = await refresh(second);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('[SE1] a lost answer is repeated, the very same, until its successor was used', async () => {
    const { signIn, refresh, ended, clock } = bench();
    const { refreshToken: first, session } = await signIn();
    const second = await refresh(first);
    clock.advance(PREDECESSOR_MS);
    expect(await refresh(first)).toBe(second);
    await refresh(second);
    expect(await refresh(first)).toBe('session-ended');
    expect(ended).toEqual([`${session.id} refresh token reused`]);
  });

  it('[SE1] an old one after 60 s closes the family: paused, secret and contacts gone, told', async () => {
    const { signIn, refresh, clock, done, sip, store, sessions, log } = bench();
    const { refreshToken: first, session } = await signIn();
    const second = await refresh(first);
    clock.advance(PREDECESSOR_MS + 1);
    expect(await refresh(first)).toBe('session-ended');
    expect(done).toEqual(['1001 ONLINE', '1001 OFFLINE', 'prune 1001']);
    expect([sip.secrets.size, sip.expired, sessions.open(session.id)]).toEqual([0, [session.id], null]);
    expect(store.closed).toEqual([
      { id: session.id, at: clock.now(), why: 'refresh token reused', offlineEntry: null },
    ]);
    expect(log.said('warn')).toEqual(['an old refresh token came back: session closed']);
    expect(await refresh(second)).toBe('session-ended');
  });

  it('[SE1] two tabs at once get the same token', async () => {
    const { signIn, refresh } = bench();
    const { refreshToken } = await signIn();
    const [one, two] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(one).toBe(two);
  });

  it('[SE1] made-up tokens are refused and close nothing', async () => {
    const { signIn, refresh, sessions } = bench();
    const { session } = await signIn();
    expect(await refresh('x')).toBe('unauthorised');
    expect(sessions.open(session.id)).toBe(session);
  });

  it('[SE1] one that nobody used for a shift ends its session', async () => {
    const { signIn, refresh, clock, ended, sessions } = bench();
    const { refreshToken, session } = await signIn();
    clock.advance(REFRESH_TOKEN_MS + 1);
    expect(await refresh(refreshToken)).toBe('session-ended');
    expect([ended, sessions.open(session.id)]).toEqual([[`${session.id} expired`], null]);
  });

  it('[SE1] the same secret comes with it: a reload registers as before', async () => {
    const { signIn, sessions } = bench();
    const { refreshToken, sip, session } = await signIn();
    expect(await sessions.refresh(refreshToken)).toMatchObject({
      ok: true,
      grant: { sip, session, person: ada },
    });
  });
});

describe('signing out', () => {
  it('[SE4] ends this session, contact and secret; OFFLINE comes with the last', async () => {
    const { signIn, sessions, done, sip, store, ended } = bench();
    const [one, two] = [await signIn(), await signIn()];
    await sessions.signOut(one.session.id, false);
    expect([done, [...sip.secrets.keys()], sip.expired, store.online.get('1001')]).toEqual([
      ...[['1001 ONLINE', 'prune 1001'], [`1001-${two.session.id}`], [one.session.id], true],
    ]);
    await sessions.signOut(two.session.id, false);
    expect(done).toEqual(['1001 ONLINE', 'prune 1001', '1001 signed out', 'prune 1001']);
    expect([sip.secrets.size, store.online.get('1001')]).toEqual([0, false]);
    expect(ended).toEqual([one, two].map(({ session }) => `${session.id} signed out`));
  });

  it('[SE4] everywhere ends all of them, with one OFFLINE', async () => {
    const { signIn, sessions, done, sip } = bench();
    const [one] = [await signIn(), await signIn(), await signIn()];
    await sessions.signOut(one.session.id, true);
    expect(done.filter((line) => line.endsWith('signed out'))).toEqual(['1001 signed out']);
    expect([sip.secrets.size, sessions.isSignedIn('1001')]).toEqual([0, false]);
  });

  it('[SE2] again, or of a session nobody knows, changes nothing', async () => {
    const { signIn, sessions, ended } = bench();
    const { session } = await signIn();
    await Promise.all([sessions.signOut(session.id, false), sessions.signOut(session.id, true)]);
    await sessions.signOut('s-nobody', true);
    expect(ended.length).toBe(1);
  });

  it('[SE4] every step is tried even if the one before failed, and each failure is told', async () => {
    const { signIn, sessions, deps, log, ended, sip } = bench();
    const { session } = await signIn();
    const away = () => Promise.reject(new StoreError(new Error('disk full')));
    deps.changes.signedOut = away;
    deps.store.close = away;
    deps.store.setOnline = away;
    deps.sip.expireContacts = away;
    deps.pruneContacts = () => Promise.reject(new Error('closed'));
    await sessions.signOut(session.id, false);
    expect(log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toEqual([
      ...['offline', 'close', 'online', 'expire'].map((step) => ({
        ...{ agent: '1001', step, code: 'store-unavailable' },
        ...{ error: 'the store did not take it', cause: 'disk full' },
      })),
      { agent: '1001', step: 'prune', error: 'closed' },
    ]);
    expect([sip.secrets.size, ended.length, sessions.open(session.id)]).toEqual([0, 1, null]);
  });

  it('[WR3] the socket hears of it though Asterisk does not answer', async () => {
    const { signIn, sessions, deps, ended } = bench();
    const { session } = await signIn();
    deps.pruneContacts = () => new Promise(() => undefined);
    void sessions.signOut(session.id, false);
    await settle();
    expect(ended).toEqual([`${session.id} signed out`]);
  });
});

it('[SE3] sessions that were open before a restart stay open', async () => {
  const { deps, store, signIn } = bench();
  const { session, refreshToken } = await signIn();
  const again = new Sessions(deps, await store.allOpen());
  expect(again.open(session.id)).toMatchObject(session);
  expect(await again.refresh(refreshToken)).toMatchObject({ ok: true });
});
