// What the bridge does to phones and channels, on a real Asterisk.
import { expect, it, vi } from 'vitest';
import type { Phone } from '../../../asterisk/testing/phone.ts';
import { heard } from '../../../asterisk/testing/test-pbx.ts';
import { createFakeLog } from '../../testing/fake-log.ts';
import type { Pbx } from '../../reconcile/ports.ts';
import { clock, until, useAsterisk } from '../../testing/asterisk-bench.ts';
import { createPbx } from './pbx.ts';

const bench = useAsterisk();

async function openPbx(): Promise<Pbx> {
  const link = bench.ami();
  const pbx = createPbx({ link, clock, log: createFakeLog() });
  await until(() => pbx.state === 'ready');
  return pbx;
}

const count = (phone: Phone, method: string): number =>
  phone.received.filter((message) => message.first.startsWith(`${method} `)).length;

it('[RG12] qualify asks every contact of the extension, and nobody else', async () => {
  // Long enough for no turn of Asterisk's own to come in between.
  bench.test.rows.run('UPDATE ps_aors SET qualify_frequency = 60');
  const pbx = await openPbx();
  const phones = [
    await bench.phone('1001', 's-a'),
    await bench.phone('1001', 's-b'),
    await bench.phone('1002', 's-c'),
  ];
  for (const phone of phones) await phone.register();
  const asked = (): readonly number[] => phones.map((phone) => count(phone, 'OPTIONS'));
  // A second device makes Asterisk ask the first one again (measured).
  await until(() => asked().join() === '2,1,1');
  await pbx.qualify('1001');
  await until(() => asked().join() === '3,2,1');
  await pbx.qualify('1002');
  await until(() => asked().join() === '3,2,2');
  await expect(pbx.qualify('1999')).rejects.toMatchObject({ code: 'refused' });
});

it('[RG12] a phone that answers is listed with another round trip; one that is not asked keeps its own', async () => {
  bench.test.rows.run('UPDATE ps_aors SET qualify_frequency = 60');
  const pbx = await openPbx();
  expect(await pbx.roundTrips()).toEqual([]);
  const phones = [await bench.phone('1001', 's-a'), await bench.phone('1002', 's-c')];
  for (const phone of phones) await phone.register();
  const trips = async (): Promise<readonly number[]> => {
    const listed = [...(await pbx.roundTrips())].sort((a, b) => a.extension.localeCompare(b.extension));
    return listed.map(({ microseconds }) => microseconds);
  };
  await vi.waitUntil(async () => (await trips()).length === 2);
  const [asked, other] = await trips();
  // Sent one after the other: the list is of before the answer (Asterisk answers a connection in order).
  const [listed] = await Promise.all([trips(), pbx.qualify('1001')]);
  expect(listed).toEqual([asked, other]);
  await vi.waitUntil(async () => (await trips())[0] !== asked);
  expect((await trips())[1]).toBe(other);
});

it('[SE4] [RG11] hang-up ends exactly the channels named, by id', async () => {
  const pbx = await openPbx();
  const watch = await bench.test.login('watch');
  const act = await bench.test.login('act');
  bench.afterwards(() => [watch, act].map((ami) => ami.close()));
  const phones = [await bench.phone('1001', 's-a'), await bench.phone('1002', 's-b')];
  for (const phone of phones) await phone.register();
  const channels = async () => {
    const items = await watch.list({ Action: 'CoreShowChannels' });
    return items
      .filter((item) => item['Event'] === 'CoreShowChannel')
      .map((item) => ({ name: item['Channel'] ?? '', id: item['Uniqueid'] ?? '' }));
  };
  const rung = (): string => phones.map((phone) => count(phone, 'INVITE')).join();
  // One after the other: the phone answers a CANCEL for the last INVITE it had.
  for (const [extension, after] of [
    ['1001', '1,0'],
    ['1001', '2,0'],
    ['1002', '2,1'],
  ] as const) {
    await act.action({
      ...{ Action: 'Originate', Channel: `PJSIP/${extension}`, Async: 'true' },
      ...{ Application: 'Wait', Data: '60', Timeout: '60000' },
    });
    await until(() => rung() === after);
  }
  const [first, second, third] = (await channels()).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!first || !second || !third) throw new Error('not three channels');

  await pbx.hangUp([]);
  // A name is no id, nor is the beginning of one.
  await pbx.hangUp(['1.1', '', third.name, third.id.slice(0, -1), 'PJSIP/1001']);
  expect(await channels()).toHaveLength(3);
  await pbx.hangUp([second.id, 'desk-demo-1.1']);
  await heard(watch, 'Hangup', { Uniqueid: second.id });
  expect((await channels()).map(({ id }) => id).sort()).toEqual([first.id, third.id].sort());
  await until(() => count(phones[0] as Phone, 'CANCEL') === 1);

  await pbx.hangUp([first.id, second.id, third.id]);
  for (const { id } of [first, third]) await heard(watch, 'Hangup', { Uniqueid: id });
  expect(await channels()).toEqual([]);
  await pbx.hangUp([first.id]);
});
