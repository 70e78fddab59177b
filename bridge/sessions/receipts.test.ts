import { describe, expect, it } from 'vitest';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { Receipt } from '../../domain/protocol/http.ts';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, MINUTE, sessionBench } from '../testing/session-bench.ts';

const ada = makePerson();
const DEVICE = 'd-0123456789abcdef';

const change = (sequence: number, status: string, minute: number, given: object = {}): DeviceChange => ({
  ...{ sequence, status, reason: null, made: T0 + minute * MINUTE, seen: null },
  ...given,
});

const sealed = (minute: number, changes: readonly DeviceChange[] = [], given: object = {}): Receipt => ({
  ...{ receipt: 'checked before', device: DEVICE, changes: [...changes] },
  signedOut: { made: T0 + minute * MINUTE, everywhere: false, ...given },
});

async function bench() {
  const life = await sessionBench();
  const grant = await life.signIn();
  const { entries } = life.world;
  return {
    ...{ ...life, id: grant.session.id, token: grant.refreshToken },
    take: (receipt: Receipt, id = grant.session.id) => life.rooms.receipts.take(id, receipt),
    /** Changes in the order of the fold: device, status, minute. */
    history: () =>
      [...entries.entries]
        .filter((entry) => entry.kind === 'choice' || entry.kind === 'step')
        .sort((a, b) => a.made - b.made || (a.id < b.id ? -1 : 1))
        .map(({ device, status, made }) => `${device} ${status} ${Math.round((made - T0) / MINUTE)}`),
    entries,
  };
}

describe('a receipt', () => {
  it('[SE8] of a sign-out an hour ago: its changes in order, then OFFLINE, each where it was made', async () => {
    const { take, pass, history, sessions, store, intent, id, entries } = await bench();
    await pass(10);
    const outbox = [change(1, 'BREAK', 3), change(2, 'TRAINING', 4, { reason: 'new phones' })];
    expect(await take(sealed(5, outbox))).toEqual({ ok: true, refused: [] });
    expect(history()).toEqual([
      'bridge ONLINE 0',
      `1001-${DEVICE} BREAK 3`,
      `1001-${DEVICE} TRAINING 4`,
      `${id} OFFLINE 5`,
    ]);
    expect(entries.entries.at(-1)).toMatchObject({
      ...{ kind: 'choice', cause: 'session', actor: '1001', made: T0 + 5 * MINUTE, uncertain: false },
    });
    expect([intent()?.status, sessions.isSignedIn('1001')]).toEqual(['OFFLINE', false]);
    expect(store.closed).toEqual([{ id, at: T0 + 5 * MINUTE, why: 'signed out', offlineEntry: null }]);
  });

  it('[SE8] [PS5] told again changes nothing, in parts or whole', async () => {
    const { take, pass, history, store } = await bench();
    await pass(10);
    const [one, two] = [change(1, 'BREAK', 3), change(2, 'TRAINING', 4)];
    // A long outbox comes in parts; the first ends the session.
    await take(sealed(5, [one]));
    await take(sealed(5, [two]));
    const once = history();
    expect(once.slice(1).map((line) => line.split(' ')[1])).toEqual(['BREAK', 'TRAINING', 'OFFLINE']);
    for (const part of [[one, two], [two], []]) await take(sealed(5, part));
    expect([history(), store.closed.length]).toEqual([once, 1]);
  });

  it('[SE8] of a session that is over takes the outbox all the same', async () => {
    const { take, pass, history, sessions, id } = await bench();
    await pass(10);
    await sessions.signOut(id, false);
    await take(sealed(5, [change(1, 'BREAK', 3)]));
    expect(history().map((line) => line.split(' ')[1])).toEqual(['ONLINE', 'BREAK', 'OFFLINE', 'OFFLINE']);
  });

  it('[SE8] [ST10] later choices of other devices stand', async () => {
    const { take, pass, signIn, changes, intent, ended, id, clock } = await bench();
    const other = await signIn();
    await pass(10);
    const later = { sequence: 1, status: 'MEETING', reason: null, made: clock.now(), seen: null };
    await changes.setStatus({ actor: ada, target: '1001', device: other.session.id, change: later });
    await pass(1);
    await take(sealed(5, [change(1, 'BREAK', 3)]));
    expect([intent()?.status, ended]).toEqual(['MEETING', [`${id} signed out`]]);
  });

  it('[SE8] [SE4] with another session open there is no OFFLINE', async () => {
    const { take, signIn, pass, history, intent, pages } = await bench();
    pages.connect((await signIn()).session.id);
    await pass(1);
    await take(sealed(0.5));
    expect([history(), intent()?.status]).toEqual([['bridge ONLINE 0'], 'ONLINE']);
  });

  it('[SE8] [SE3] what a later sign-in elsewhere brought stands, though its ground is gone', async () => {
    const { take, signIn, pass, intent, ended, id, history, pages } = await bench();
    // Cut off at once; nobody is seen, and the session is closed as an orphan.
    await pass(17);
    expect(ended).toEqual([`${id} orphan`]);
    pages.connect((await signIn()).session.id);
    expect(intent()?.status).toBe('ONLINE');
    await pass(5);
    await take(sealed(3, [change(1, 'BREAK', 2)]));
    expect(intent()).toMatchObject({ status: 'ONLINE', cause: 'session' });
    const before = history();
    await take(sealed(3, [change(1, 'BREAK', 2)]));
    expect(history()).toEqual(before);
  });

  it('[SE8] everywhere: sessions opened before it end, those opened after it do not', async () => {
    const { take, pass, signIn, sessions, ended, id } = await bench();
    const before = await signIn();
    await pass(10);
    const after = await signIn();
    await take(sealed(5, [], { everywhere: true }));
    expect(ended.map((line) => line.split(' ')[0]).sort()).toEqual([id, before.session.id].sort());
    expect(sessions.open(after.session.id)).not.toBeNull();
  });

  it('[SE8] [PS5] by a clock that goes wrong: with its offset, and never later than now', async () => {
    const { take, pass, history, id } = await bench();
    await pass(10);
    const offset = -60 * MINUTE;
    const receipt = sealed(65, [change(1, 'BREAK', 63, { offset }), change(2, 'PAUSE', 99, { offset })], {
      offset,
    });
    await take(receipt);
    // The last change was made before the sign-out, whatever its clock says.
    expect(history().slice(1)).toEqual([
      `1001-${DEVICE} BREAK 3`,
      `1001-${DEVICE} PAUSE 5`,
      `${id} OFFLINE 5`,
    ]);
    await take(sealed(500), 's-nobody');
  });

  it('[SE8] a change that may not be is left out; the others are taken', async () => {
    const { take, pass, history, log } = await bench();
    await pass(10);
    const outbox = [change(1, 'BREAK', 2), change(2, 'ON_CALL', 3), change(3, 'PAUSE', 4)];
    expect(await take(sealed(5, outbox))).toEqual({ ok: true, refused: [2] });
    expect(history().map((line) => line.split(' ')[1])).toEqual(['ONLINE', 'BREAK', 'PAUSE', 'OFFLINE']);
    expect(log.said('warn')).toEqual(['a receipt held changes that may not be']);
  });

  it('[SE8] [PS6] an ONLINE that comes so late is declined', async () => {
    const { take, pass, intent } = await bench();
    await pass(10);
    await take(sealed(5, [change(1, 'ONLINE', 3)]));
    expect(intent()?.status).toBe('OFFLINE');
  });

  it('[SE8] who signed out so does not come back without a password', async () => {
    const { take, pass, refresh, token, ended, id } = await bench();
    await pass(17);
    expect(ended).toEqual([`${id} orphan`]);
    await take(sealed(1));
    expect(await refresh(token)).toBe('session-ended');
  });

  it('[SE8] of a session nobody ever had is refused', async () => {
    const { take } = await bench();
    expect(await take(sealed(1), 's-nobody')).toEqual({ ok: false, code: 'unauthorised' });
  });

  it('[SE2] without the store it is refused, and can be repeated', async () => {
    const { take, pass, world, history, store, sessions } = await bench();
    await pass(10);
    world.entries.failing = true;
    await expect(take(sealed(5, [change(1, 'BREAK', 3)]))).rejects.toThrow('the store did not take it');
    expect(sessions.isSignedIn('1001')).toBe(true);
    world.entries.failing = false;
    const { close } = store;
    store.close = () => Promise.reject(new StoreError(new Error('disk full')));
    expect(await take(sealed(5, [change(1, 'BREAK', 3)]))).toEqual({ ok: false, code: 'store-unavailable' });
    store.close = close;
    expect(await take(sealed(5, [change(1, 'BREAK', 3)]))).toEqual({ ok: true, refused: [] });
    expect(history().length).toBe(3);
  });
});

/** An agent who signed out in the ordinary way; the receipt of that session is still somewhere. */
async function signedOut() {
  const life = await bench();
  await life.pass(10);
  await life.sessions.signOut(life.id, false);
  await life.pass(5);
  const now = () => (life.clock.now() - T0) / MINUTE;
  return {
    ...{ ...life, now },
    /** With what was made just now. */
    takeNow: (sequence: number, status: string, given: object = {}) =>
      life.take(sealed(now(), [change(sequence, status, now())], given)),
    lastMade: () =>
      Math.max(
        ...life.entries.entries.filter(({ device }) => device.endsWith(DEVICE)).map(({ made }) => made),
      ),
  };
}

describe('a receipt of a session that is over can post that session’s outbox alone', () => {
  it('[SE8] with nobody signed in it brings nobody back, not when it is used again either', async () => {
    const { take, takeNow, pass, intent, now, lastMade } = await signedOut();
    await take(sealed(now()));
    await pass(1);
    expect(await takeNow(7, 'ONLINE')).toEqual({ ok: true, refused: [] });
    expect(await takeNow(8, 'BREAK')).toEqual({ ok: true, refused: [] });
    expect([intent()?.status, lastMade()]).toEqual(['OFFLINE', T0 + 10 * MINUTE]);
  });

  it('[SE8] of a session opened since it changes nothing', async () => {
    const { takeNow, pass, signIn, intent, pages, sessions } = await signedOut();
    const { session } = await signIn();
    pages.connect(session.id);
    await pass(20);
    await takeNow(8, 'BREAK');
    expect(intent()?.status).toBe('ONLINE');
    await takeNow(9, 'PAUSE', { everywhere: true });
    expect([intent()?.status, sessions.open(session.id)?.id]).toEqual(['ONLINE', session.id]);
  });

  it('[SE8] [PS5] what comes after later changes of the same device is of another outbox', async () => {
    const { take, takeNow, pass, signIn, intent, pages, changes, clock } = await signedOut();
    pages.connect((await signIn()).session.id);
    await pass(20);
    const later = { sequence: 5, status: 'MEETING', reason: null, made: clock.now(), seen: null };
    await changes.setStatus({ actor: ada, target: '1001', device: `1001-${DEVICE}`, change: later });
    await pass(1);
    expect(await takeNow(6, 'BREAK')).toEqual({ ok: true, refused: [6] });
    expect(await take(sealed(9, [change(4, 'BREAK', 8)]))).toEqual({ ok: true, refused: [] });
    expect(intent()?.status).toBe('MEETING');
  });

  it('[SE8] everywhere: an orphan opened after it can come back', async () => {
    const { takeNow, pass, signIn, refresh, intent, sessions } = await signedOut();
    const { refreshToken } = await signIn();
    await pass(17);
    expect([intent()?.status, sessions.isSignedIn('1001')]).toEqual(['OFFLINE', false]);
    await takeNow(9, 'PAUSE', { everywhere: true });
    expect(await refresh(refreshToken)).not.toBe('session-ended');
    expect(intent()?.status).toBe('ONLINE');
  });

  it('[SE8] [SE5] of an orphan for as long as the session could have lasted', async () => {
    const { take, pass, signIn, sessions, ended, id, history } = await bench();
    await pass(17);
    expect(ended).toEqual([`${id} orphan`]);
    await pass(14 * 60);
    const { session } = await signIn();
    await take(sealed(15 * 60, [change(1, 'BREAK', 15 * 60)], { everywhere: true }));
    expect(sessions.open(session.id)?.id).toBe(session.id);
    expect(history()).toContain(`1001-${DEVICE} BREAK ${14 * 60}`);
  });

  it('[SE8] [SE5] of one that a call keeps open for longer than it should last: up to now', async () => {
    const { take, pass, pages, call, history, id } = await bench();
    pages.connect(id);
    call('u1', 'up');
    await pass(14 * 60 + 20);
    await take(sealed(14 * 60 + 15, [change(1, 'BREAK', 14 * 60 + 10)]));
    expect(history().slice(1)).toEqual([`1001-${DEVICE} BREAK 850`, `${id} OFFLINE 855`]);
  });

  it('[SE8] [PS5] of an orphan, in parts, another device there: each change where it was made', async () => {
    const { take, pass, signIn, pages, history, id, store } = await bench();
    pages.connect((await signIn()).session.id);
    await pass(17);
    await pass(20);
    await take(sealed(30, [change(1, 'BREAK', 20)]));
    await take(sealed(30, [change(2, 'TRAINING', 25)]));
    expect(history().slice(-2)).toEqual([`1001-${DEVICE} BREAK 20`, `1001-${DEVICE} TRAINING 25`]);
    expect(await store.find(id)).toMatchObject({ closedWhy: 'signed out', closedAt: T0 + 30 * MINUTE });
  });
});

it('[SE8] a person who is gone has no receipts', async () => {
  const world = createWorld([ada]);
  const before = await sessionBench(world);
  const { session } = await before.signIn();
  before.stop();
  const after = await sessionBench({ ...world, people: [] });
  expect(await after.rooms.receipts.take(session.id, sealed(1))).toEqual({ ok: false, code: 'unauthorised' });
});
