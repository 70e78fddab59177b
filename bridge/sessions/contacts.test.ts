import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, sessionBench } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';
import { ONLINE_WITHIN_MS, REMOVED_WITHIN_MS } from './contacts.ts';
import { RETRY_MS } from './endings.ts';

const uri = (session: string): string => `sip:${session}@abc.invalid;transport=ws`;
const asAsterisk = (session: string): string => `sip:${session}@host;x-ast-orig-host=page`;

const OLD = `s-${'0'.repeat(20)}`;

async function bench() {
  const life = await sessionBench();
  const { session, refreshToken: token } = await life.signIn();
  const { contacts } = life.rooms;
  return {
    ...{ ...life, id: session.id, token, contacts, flags: life.world.flags },
    online: (contactUri = uri(session.id)) => contacts.setContactOnline('1001', session.id, contactUri),
  };
}

describe('a contact comes', () => {
  it('[RG7] [OP5] that Asterisk holds: marked as Asterisk calls it, and the person’s flags are set', async () => {
    const { online, contact, id, sip, flags, store, log } = await bench();
    contact(id, 'reachable');
    await store.setOnline('1001', false);
    expect([await online(), await online()]).toEqual([{ ok: true }, { ok: true }]);
    expect(sip.marked).toEqual(Array(2).fill(`1001 ${asAsterisk(id)}`));
    expect([[...store.online], [...flags.registered]]).toEqual([[['1001', true]], [['1001', true]]]);
    expect(log.lines.filter(({ message }) => message === 'contact online')).toEqual(
      Array(2).fill({ level: 'info', message: 'contact online', fields: { agent: '1001', session: id } }),
    );
  });

  it('[RG7] before Asterisk told of it: it waits for that, and no longer', async () => {
    const { online, contact, id, clock } = await bench();
    const asked = online();
    clock.advance(300);
    contact(id, 'reachable');
    expect(await asked).toEqual({ ok: true });
  });

  it('[RG7] that Asterisk did not tell of: it is asked for all of them, once for all who wait', async () => {
    const { online, contact, id, clock, inStep } = await bench();
    const asked = [online(), online()];
    clock.advance(500);
    await settle();
    clock.advance(200);
    expect(inStep.looks).toBe(1);
    contact(id, 'reachable');
    expect(await Promise.all(asked)).toEqual([{ ok: true }, { ok: true }]);
  });

  it.each<[string, (bench: Awaited<ReturnType<typeof sessionBench>>, id: string) => void]>([
    ['nothing', () => undefined],
    ['another session’s', ({ contact }) => contact('s-other', 'reachable')],
    ['one it cannot reach', ({ contact }, id) => contact(id, 'unreachable')],
  ])(
    '[RG7] when Asterisk holds %s it is `not-registered` after a second, and nothing is made up',
    async (_name, given) => {
      const life = await bench();
      given(life, life.id);
      const { online, clock, sip, flags } = life;
      const asked = online();
      for (let step = 0; step < 10; step += 1) {
        clock.advance(ONLINE_WITHIN_MS / 10);
        await settle();
      }
      expect(await asked).toEqual({ ok: false, code: 'not-registered' });
      expect([sip.marked, [...flags.registered]]).toEqual([[], []]);
    },
  );

  it('[RG7] that names another session is not this one’s', async () => {
    const { online, contact, id } = await bench();
    contact(id, 'reachable');
    expect(await online(uri('s-other'))).toEqual({ ok: false, code: 'not-registered' });
    expect(await online('tel:1001')).toEqual({ ok: false, code: 'not-registered' });
  });

  it('[RG7] [RG4] while nobody can know it says so at once', async () => {
    const { online, contact, id, setReady } = await bench();
    contact(id, 'reachable');
    setReady(false);
    expect(await online()).toEqual({ ok: false, code: 'asterisk-unavailable' });
  });

  it('[SE2] [OP1] without the store it is refused, told, and right when repeated', async () => {
    const { online, contact, id, store, log } = await bench();
    contact(id, 'reachable');
    const { setOnline } = store;
    store.setOnline = () => Promise.reject(new StoreError(new Error('disk full')));
    await expect(online()).rejects.toThrow('the store did not take it');
    expect(log.said('error')).toEqual(['failed to set agent online']);
    store.setOnline = setOnline;
    expect(await online()).toEqual({ ok: true });
  });
});

describe('a contact goes', () => {
  it('[RG8] secret, row, Asterisk’s memory, in this order; done when Asterisk says so', async () => {
    const { contacts, contact, id, sip, pbx } = await bench();
    contact(id, 'reachable');
    let over = false;
    const going = contacts.setContactOffline('1001', id).then((done) => ((over = true), done));
    await settle();
    expect([sip.secrets.size, sip.expired, pbx.pruned, over]).toEqual([0, [id], ['1001'], false]);
    contact(id, 'removed');
    expect(await going).toBe(true);
  });

  it('[RG8] that stays is a warning after a second', async () => {
    const { contacts, contact, id, clock, log } = await bench();
    contact(id, 'reachable');
    const going = contacts.setContactOffline('1001', id);
    await settle();
    clock.advance(REMOVED_WITHIN_MS);
    expect(await going).toBe(true);
    expect(log.said('warn')).toEqual(['a contact that expired is still there']);
  });

  it('[RG8] [SE4] each step is tried though the one before failed, and it says that not all was done', async () => {
    const { contacts, contact, id, sip, pbx } = await bench();
    contact(id, 'reachable');
    sip.revoke = () => Promise.reject(new StoreError(new Error('locked')));
    pbx.pruneContacts = () => Promise.reject(new Error('closed'));
    expect(await contacts.setContactOffline('1001', id)).toBe(false);
    expect(sip.expired).toEqual([id]);
  });

  it('[RG8] without a session: those of all of the extension’s sessions', async () => {
    const { contacts, contact, id, sip, signIn, rooms } = await bench();
    const two = (await signIn()).session.id;
    for (const user of [id, two, 'deskphone']) contact(user, 'reachable');
    const going = contacts.setContactOffline('1001');
    for (const user of [id, two]) {
      contact(user, 'removed');
      await settle();
    }
    expect(await going).toBe(true);
    expect([[...sip.expired].sort(), sip.secrets.size]).toEqual([[id, two].sort(), 0]);
    // Their pages are another matter.
    expect(rooms.sessions.isSignedIn('1001')).toBe(true);
  });
});

describe('a contact of a session that is over', () => {
  it('[RG6] [RG8] is taken away, once, whenever it turns up', async () => {
    const { contact, sip, pbx, sessions, id, setReady } = await bench();
    await sessions.signOut(id, false);
    const before = pbx.pruned.length;
    // A REGISTER that was under way.
    contact(id, 'reachable');
    contact(id, 'unreachable');
    await settle();
    expect([sip.expired, pbx.pruned.length - before]).toEqual([[id, id], 1]);
    contact(id, 'removed');
    for (const user of ['deskphone', 's-phone-of-anna']) contact(user, 'reachable');
    await settle();
    expect(sip.expired.length).toBe(2);
    // One of a bridge that ended before it could.
    setReady(false);
    contact(OLD, 'reachable');
    await settle();
    expect(sip.expired.length).toBe(2);
    setReady(true);
    await settle();
    expect(sip.expired).toEqual([id, id, OLD]);
  });

  it('[RG8] [SE4] that could not be taken away is tried again as long as it is there', async () => {
    const { contact, sip, sessions, id, clock } = await bench();
    await sessions.signOut(id, false);
    const { revoke } = sip;
    sip.revoke = () => Promise.reject(new StoreError(new Error('locked')));
    contact(id, 'reachable');
    await settle();
    clock.advance(REMOVED_WITHIN_MS);
    await settle();
    sip.revoke = revoke;
    const before = sip.expired.length;
    clock.advance(RETRY_MS);
    await settle();
    expect(sip.expired.length - before).toBe(1);
    clock.advance(10 * RETRY_MS);
    await settle();
    expect(sip.expired.length - before).toBe(1);
  });

  it('[RG8] [SE5] whose device opens it again meanwhile is left alone', async () => {
    const { contact, sip, refresh, token, sessions, id, pass } = await bench();
    await pass(17);
    const before = sip.expired.length;
    const { grant } = sip;
    sip.grant = async (...given) => {
      await grant(...given);
      contact(id, 'reachable');
      await settle();
    };
    await refresh(token);
    await settle();
    expect([sessions.open(id)?.id, sip.secrets.size, sip.expired.length - before]).toEqual([id, 1, 0]);
  });

  it('[RG9] [RG8] that is another agent’s, and open, is taken away by its URI; that session keeps all it has', async () => {
    const life = await sessionBench(createWorld([makePerson(), makePerson({ extension: '1002' })]));
    const { session } = await life.signIn('1002');
    life.contact(session.id, 'reachable', '1002');
    for (const state of ['reachable', 'unreachable'] as const) life.contact(session.id, state, '1001');
    await settle();
    expect([life.sip.expired, life.pbx.pruned]).toEqual([[asAsterisk(session.id)], ['1001']]);
    expect([life.sip.secrets.size, life.sessions.isSignedIn('1002')]).toEqual([1, true]);
  });
});
