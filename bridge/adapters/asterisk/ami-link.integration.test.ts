// The AMI wrapper against a real Asterisk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { prepareAsterisk, type PrivateAsterisk } from '../../../asterisk/private/index.ts';
import { amiPolicy } from '../../../domain/connection/reconnect.ts';
import { createSystemClock, createSystemRng } from '../clock.ts';
import { openAmi, type AmiAddress } from './ami-connection.ts';
import { createAmiLink, type AmiLink, type AmiLinkState } from './ami-link.ts';
import { first, type AmiMessage } from './ami-message.ts';

const clock = createSystemClock();
const logged: { level: string; message: string; fields: object }[] = [];
const to = (level: string) => (fields: object, message: string) =>
  void logged.push({ level, message, fields });
const log = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
const deps = { clock, log, policy: amiPolicy, rng: createSystemRng() };
const runDir = mkdtempSync(join(tmpdir(), 'ami-'));
const links: AmiLink[] = [];
let asterisk: PrivateAsterisk;

const watch = (change: Partial<AmiAddress> = {}): AmiAddress => ({
  host: asterisk.host,
  port: asterisk.ports.ami,
  user: asterisk.ami.watch.user,
  secret: asterisk.ami.watch.secret,
  eventMask: 'system,agent,call',
  ...change,
});

function startLink(address: AmiAddress): { link: AmiLink; told: string[]; events: AmiMessage[] } {
  const link = createAmiLink(address, deps);
  const told: string[] = [];
  const events: AmiMessage[] = [];
  link.onState((state, reason) => told.push(reason === null ? state : `${state}: ${reason}`));
  link.onEvent((event) => events.push(event));
  links.push(link);
  link.start();
  return { link, told, events };
}

const become = (link: AmiLink, state: AmiLinkState, timeout = 20_000): Promise<unknown> =>
  vi.waitUntil(() => link.state() === state, { timeout, interval: 2 });

beforeAll(async () => {
  const queues = [
    { name: 'sales', members: ['1001', '1002', '1003'] },
    { name: 'support', members: ['1001'] },
  ];
  asterisk = await prepareAsterisk({ runDir, queues });
  await asterisk.start();
});
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.stop()));
  logged.length = 0;
});
afterAll(async () => {
  await asterisk.stop();
  rmSync(runDir, { recursive: true, force: true });
});

it('[OP7] both users log in, each with its own rights', async () => {
  const act = { user: asterisk.ami.act.user, secret: asterisk.ami.act.secret, eventMask: 'off' };
  const [watching, acting] = await Promise.all([openAmi(watch(), deps), openAmi(watch(act), deps)]);
  await expect(
    watching.action('Originate', { Channel: 'Local/1@callers', Application: 'Wait' }),
  ).rejects.toMatchObject({
    code: 'refused',
    message: 'Originate: Permission denied',
  });
  await expect(acting.list('CoreShowChannels')).rejects.toMatchObject({ code: 'refused' });
  await expect(watching.action('NoSuchAction')).rejects.toMatchObject({ code: 'unsupported' });
  for (const connection of [watching, acting]) {
    connection.close();
    expect((await connection.closed).message).toBe('closed by us');
  }
});

it('[RG2] lists: parallel, apart from each other, an empty one is an answer', async () => {
  const connection = await openAmi(watch(), deps);
  const [all, sales, devices] = await Promise.all([
    connection.list('QueueStatus'),
    connection.list('QueueStatus', { Queue: 'sales' }),
    connection.list('DeviceStateList'),
  ]);
  const members = (items: readonly AmiMessage[]): string[] =>
    items
      .filter((item) => item['event'] === 'QueueMember')
      .map((item) => `${first(item, 'queue')} ${first(item, 'name')}`);
  expect(members(all).sort()).toEqual(['sales 1001', 'sales 1002', 'sales 1003', 'support 1001']);
  expect(members(sales).sort()).toEqual(['sales 1001', 'sales 1002', 'sales 1003']);
  expect(devices.every((item) => item['event'] === 'DeviceStateChange')).toBe(true);
  connection.close();
  await connection.closed;
});

it('[PS4] the response to a pause is seen before its events, and its reason arrives as written', async () => {
  const connection = await openAmi(watch(), deps);
  const order: string[] = [];
  connection.onEvent((event) => {
    if (event['event'] === 'QueueMemberPause')
      order.push(`${first(event, 'queue')}: ${first(event, 'pausedreason')}`);
  });
  for (let i = 0; i < 50; i += 1) {
    order.length = 0;
    const pause = { Interface: 'Local/1001@agents-all', Paused: i % 2 === 0, Reason: `Обед ${i}: a=b` };
    await connection.action('QueuePause', pause);
    order.push('response');
    await vi.waitUntil(() => order.length === 3, { interval: 1 });
    const [response, ...events] = order;
    expect(response).toBe('response');
    expect(events.sort()).toEqual([`sales: Обед ${i}: a=b`, `support: Обед ${i}: a=b`]);
  }
  connection.close();
  await connection.closed;
});

it('[OP2] a wrong secret is one clear error without the secret, and does not hammer', async () => {
  const { told } = startLink(watch({ secret: 'wrong-secret' }));
  await vi.waitUntil(() => told.includes('down: auth'), { timeout: 10_000 });
  expect(logged.filter((line) => line.level === 'error')).toHaveLength(1);
  expect(logged.find((line) => line.level === 'error')?.fields).toMatchObject({
    user: 'watch',
    port: asterisk.ports.ami,
    cause: 'Authentication failed',
  });
  expect(JSON.stringify(logged)).not.toContain('wrong-secret');
  expect(told).toEqual(['connecting', 'down: auth']);
});

it('[OP2] kill -9: down at once; after the next start ready within 1 s of FullyBooted, on both links', async () => {
  const watching = startLink(watch());
  const acting = startLink(watch({ ...asterisk.ami.act, eventMask: 'system' }));
  const both = [watching, acting];
  await Promise.all(both.map(({ link }) => become(link, 'ready')));
  const lost = watching.link.current();
  await asterisk.kill();
  await Promise.all(both.map(({ link }) => vi.waitUntil(() => link.state() !== 'ready', { timeout: 500 })));
  await expect(lost?.action('QueueStatus')).rejects.toMatchObject({ code: 'closed' });
  await asterisk.start();
  const booted = clock.now();
  await Promise.all(both.map(({ link }) => become(link, 'ready', 2_000)));
  expect(clock.now() - booted).toBeLessThan(1_000);
  // Nothing before FullyBooted: at 'ready' the queues are there.
  expect(await watching.link.current()?.list('QueueStatus', { Queue: 'support' })).toHaveLength(2);
  expect(watching.told.slice(0, 4)).toEqual(['connecting', 'booting', 'ready', 'down: closed']);
  expect(watching.told.at(-1)).toBe('ready');
});

it('[OP2] an orderly stop is told as shutdown', async () => {
  const { link, told } = startLink(watch());
  await become(link, 'ready');
  await asterisk.stop();
  await vi.waitUntil(() => told.length > 3, { timeout: 2_000, interval: 2 });
  expect(told.slice(0, 4)).toEqual(['connecting', 'booting', 'ready', 'down: shutdown']);
  await asterisk.start();
  await become(link, 'ready', 1_000);
  expect(logged.filter((line) => line.level === 'error')).toEqual([]);
});
