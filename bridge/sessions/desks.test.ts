import { expect, it } from 'vitest';
import { devicesOf } from '../../domain/roster/devices.ts';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { createWorld, MINUTE, sessionBench } from '../testing/session-bench.ts';

it('[RG9] the record lists open sessions in order, with their pages; one that is over is gone', async () => {
  const { signIn, roster, pages, clock, sessions, pass } = await sessionBench();
  const [one, two] = [
    (await signIn('1001', 'Laptop')).session.id,
    (await signIn('1001', 'Tablet')).session.id,
  ];
  const desks = () => [...(roster.get('1001')?.desks ?? [])].sort((a, b) => (a.label < b.label ? -1 : 1));
  const laptop = { session: one, label: 'Laptop', openedAt: T0, connectedSince: null, endsAfterCall: false };
  const tablet = { session: two, label: 'Tablet', openedAt: T0, connectedSince: null, endsAfterCall: false };
  expect(desks()).toEqual([laptop, tablet]);
  clock.advance(5);
  pages.connect(one);
  clock.advance(5);
  // A second tab of the same browser.
  pages.connect(one);
  expect(desks()).toEqual([{ ...laptop, connectedSince: T0 + 5 }, tablet]);
  pages.disconnect(one);
  expect(desks()).toEqual([laptop, tablet]);
  pages.connect('s-nobody');
  await pass(1);
  pages.connect(two);
  await sessions.signOut(one, false);
  expect(desks()).toEqual([{ ...tablet, connectedSince: T0 + 10 + MINUTE }]);
});

it('[RG9] devices: each session with its contact, and a desk phone beside them', async () => {
  const { signIn, roster, contact, pages } = await sessionBench();
  const { id } = (await signIn()).session;
  pages.connect(id);
  contact(id, 'reachable');
  contact('deskphone', 'unreachable');
  const record = roster.get('1001');
  expect(record && devicesOf(record).map((one) => [one.id, one.phone, one.connected])).toEqual([
    [id, 'reachable', true],
    ['sip:deskphone@host;x-ast-orig-host=page', 'unreachable', false],
  ]);
});

it('[RG9] after a restart they are there before anybody comes back', async () => {
  const world = createWorld();
  const before = await sessionBench(world);
  const { id } = (await before.signIn()).session;
  before.pages.connect(id);
  before.stop();
  const { roster } = await sessionBench(world);
  expect(roster.get('1001')?.desks).toEqual([
    { session: id, label: 'Firefox', openedAt: T0, connectedSince: null, endsAfterCall: false },
  ]);
});

it('[RG9] a person the bridge did not know until the sign-in has them too', async () => {
  const world = createWorld([makePerson()]);
  const { sessions, roster } = await sessionBench({ ...world, people: [] });
  const result = await sessions.signIn({ extension: '1001', password: 'right', device: 'Firefox' });
  expect(result.ok && roster.get('1001')?.desks.map(({ session }) => session)).toEqual([
    result.ok && result.grant.session.id,
  ]);
});
