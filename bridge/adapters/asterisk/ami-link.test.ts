import { expect, it, vi } from 'vitest';
import { createReconnectPolicy } from '../../../domain/connection/reconnect.ts';
import type { FakeAmi } from './ami-fake-server.ts';
import { createAmiLink, type AmiLink, type AmiLinkDeps } from './ami-link.ts';
import { failure, useAmiBench } from './ami-test-bench.ts';

const bench = useAmiBench();
const policy = createReconnectPolicy({
  baseMs: 100,
  earlyCapMs: 1_000,
  earlyForMs: 60_000,
  lateCapMs: 5_000,
  fatalDelayMs: 60_000,
});

function linkTo(server: FakeAmi, change: Partial<AmiLinkDeps> = {}): { link: AmiLink; told: string[] } {
  const link = createAmiLink(bench.addressOf(server), {
    clock: bench.clock,
    log: bench.log,
    policy,
    rng: { next: () => 0.5 },
    ...change,
  });
  const told: string[] = [];
  link.onState((state, reason) => told.push(reason === null ? state : `${state}: ${reason}`));
  bench.afterwards(() => link.stop());
  return { link, told };
}

const quick = { interval: 2 };
const until = (link: AmiLink, state: string): Promise<unknown> =>
  vi.waitUntil(() => link.state() === state, quick);
const levels = (level: string): string[] =>
  bench.logged.filter((line) => line.level === level).map((line) => line.message);

it('[PS2] is ready at FullyBooted, not at the login', async () => {
  const server = await bench.serve({ booted: false });
  const { link, told } = linkTo(server);
  const seen: string[] = [];
  link.onEvent((event) => seen.push(`${String(event['event'])} while ${link.state()}`));
  expect([link.state(), link.current()]).toEqual(['down', null]);
  link.start();
  link.start();
  await until(link, 'booting');
  expect(link.current()).toBeNull();
  const { peer } = await server.next('Events');
  peer.send('Event: PeerStatus');
  peer.send('Event: FullyBooted');
  await until(link, 'ready');
  expect(told).toEqual(['connecting', 'booting', 'ready']);
  await vi.waitUntil(() => seen.length === 2, quick);
  expect(seen).toEqual(['PeerStatus while booting', 'FullyBooted while ready']);
  expect(server.seen.filter((action) => action['action'] === 'login')).toHaveLength(1);
});

it('[OP7] a user that reads no events is ready after the login', async () => {
  const server = await bench.serve({ booted: false });
  const { link, told } = linkTo(server, { awaitBoot: false });
  link.start();
  await until(link, 'ready');
  expect(told).toEqual(['connecting', 'ready']);
});

it('[OP2] ami #3 #4 comes back after a loss, by its own policy, for ever', async () => {
  const server = await bench.serve();
  const { link, told } = linkTo(server);
  link.start();
  await until(link, 'ready');
  const lost = link.current()!;
  bench.clock.advance(5_000); // long enough to count as recovered
  (await server.next('login')).peer.cut();
  await until(link, 'down');
  expect(link.current()).toBeNull();
  expect(await failure(lost.action('QueuePause'))).toEqual({ code: 'closed', retryable: true });
  expect(bench.clock.pending()).toBe(1);
  bench.clock.advance(49);
  expect(link.state()).toBe('down');
  bench.clock.advance(1); // half of the first ceiling of 100 ms
  await until(link, 'ready');
  expect(told).toEqual(['connecting', 'booting', 'ready', 'down: closed', 'connecting', 'booting', 'ready']);
  expect(levels('warn')).toEqual(['AMI down']);
});

it('[OP2] keeps trying while nobody listens, with growing jittered delays and one warning', async () => {
  const server = await bench.serve();
  await server.stop();
  const delays: number[] = [];
  const spied = {
    nextDelayMs: (context: Parameters<typeof policy.nextDelayMs>[0]) => {
      delays.push(policy.nextDelayMs(context) ?? -1);
      return delays.at(-1) ?? null;
    },
  };
  const { link } = linkTo(server, { policy: spied });
  link.start();
  for (let i = 0; i < 6; i += 1) {
    await vi.waitUntil(() => link.state() === 'down' && delays.length === i + 1, quick);
    bench.clock.advance(delays[i]!);
  }
  expect(delays.slice(0, 6)).toEqual([100, 200, 400, 500, 500, 500]);
  expect(levels('warn')).toEqual(['AMI down']);
});

it('ami #5 a connection that dies right after each login is not retried at once for ever', async () => {
  const server = await bench.serve();
  const attempts: number[] = [];
  const spied = {
    nextDelayMs: ({ attempt }: { attempt: number }) => {
      attempts.push(attempt);
      return 10;
    },
  };
  const { link } = linkTo(server, { policy: spied });
  link.start();
  for (let i = 0; i < 3; i += 1) {
    await until(link, 'ready');
    (await server.next('login')).peer.cut();
    await until(link, 'down');
    bench.clock.advance(10);
  }
  expect(attempts).toEqual([1, 2, 3]);
});

it('[OP2] ami #5 a wrong secret: one error line with host, port and user, and a minute of rest', async () => {
  const server = await bench.serve({ secret: 'another' });
  const { link, told } = linkTo(server);
  link.start();
  await vi.waitUntil(() => told.length === 2, quick);
  bench.clock.advance(59_999);
  expect(told).toEqual(['connecting', 'down: auth']);
  bench.clock.advance(15_001);
  await vi.waitUntil(() => told.length === 4, quick);
  expect(told.slice(2)).toEqual(['connecting', 'down: auth']);
  const errors = bench.logged.filter((line) => line.level === 'error');
  expect(errors.map((line) => line.message)).toEqual([
    'AMI login refused: check user, secret and permit lines in manager.conf',
  ]);
  expect(errors[0]?.fields).toMatchObject({
    host: '127.0.0.1',
    port: server.port,
    user: 'watch',
    reason: 'auth',
  });
});

it('ami #10 an address that can never work is not hammered either', async () => {
  const server = await bench.serve();
  const link = createAmiLink(bench.addressOf(server, { user: 'watch\n' }), {
    ...bench,
    policy,
    rng: { next: () => 0 },
  });
  bench.afterwards(() => link.stop());
  link.start();
  await until(link, 'down');
  await vi.waitUntil(() => bench.clock.pending() === 1, quick);
  bench.clock.advance(59_999);
  expect(link.state()).toBe('down');
  expect(server.open()).toBe(0);
});

it('[OP2] Shutdown takes it down at once; it comes back only after Asterisk has closed the socket', async () => {
  const server = await bench.serve();
  const { link, told } = linkTo(server);
  const events: string[] = [];
  link.onEvent((event) => events.push(`${String(event['event'])} while ${link.state()}`));
  link.start();
  await until(link, 'ready');
  bench.clock.advance(5_000);
  const { peer } = await server.next('login');
  peer.send('Event: Shutdown', 'Shutdown: Cleanly', 'Restart: False');
  await until(link, 'down');
  expect(link.current()).toBeNull();
  expect(told).toEqual(['connecting', 'booting', 'ready', 'down: shutdown']);
  expect(events).toEqual(['FullyBooted while ready', 'Shutdown while ready']);
  expect(server.open()).toBe(1);
  peer.cut();
  await vi.waitUntil(() => levels('debug').includes('AMI next try'), quick);
  bench.clock.advance(50); // the first ceiling: a shutdown is one loss, not two
  await until(link, 'ready');
  expect(told.slice(4)).toEqual(['connecting', 'booting', 'ready']);
  expect(server.seen.map((action) => action['action'])).not.toContain('Logoff');
  expect(levels('warn')).toEqual(['AMI down']);
});

it('[OP2] stop() after Shutdown says no Logoff: Asterisk would log it as an error', async () => {
  const server = await bench.serve();
  const { link } = linkTo(server);
  link.start();
  await until(link, 'ready');
  const { peer } = await server.next('login');
  peer.send('Event: Shutdown');
  await until(link, 'down');
  await link.stop();
  await peer.gone;
  expect(server.wire()).not.toContain('Logoff');
});

it('[OP2] "Asterisk is shutting down" at the login is not a wrong secret: tried again soon', async () => {
  const server = await bench.serve({ leave: ['login'] });
  const { link, told } = linkTo(server);
  link.start();
  const { action, peer } = await server.next('login');
  peer.reply(action, 'Response: Error', 'Message: Asterisk is shutting down');
  await until(link, 'down');
  expect(told).toEqual(['connecting', 'down: connect']);
  expect(levels('error')).toEqual([]);
  bench.clock.advance(100);
  expect(link.state()).toBe('connecting');
});

it.each(['down', 'connecting', 'booting', 'ready'])(
  'ami #4 #26 stop() while %s leaves no socket and no timer',
  async (state) => {
    const server = await bench.serve({ booted: state !== 'booting' });
    if (state === 'down') await server.stop();
    const { link, told } = linkTo(server);
    link.start();
    if (state === 'down') await vi.waitUntil(() => told.includes('down: connect'), quick);
    else await until(link, state);
    await link.stop();
    await link.stop();
    expect([link.state(), link.current(), bench.clock.pending()]).toEqual(['down', null, 0]);
    bench.clock.advance(600_000);
    expect(link.state()).toBe('down');
    await vi.waitUntil(() => server.open() === 0, quick);
  },
);

it('can be started again after stop, and a listener may stop it', async () => {
  const server = await bench.serve();
  const { link, told } = linkTo(server);
  link.start();
  await until(link, 'ready');
  await link.stop();
  const off = link.onState((state) => {
    if (state === 'connecting') void link.stop();
  });
  link.start();
  expect(link.state()).toBe('down');
  off();
  link.start();
  await until(link, 'ready');
  expect(told.slice(3)).toEqual([
    'down: stopped',
    'connecting',
    'down: stopped',
    'connecting',
    'booting',
    'ready',
  ]);
});

it('ami #24 a throwing listener is logged and harms nobody', async () => {
  const server = await bench.serve();
  const { link } = linkTo(server);
  const heard: unknown[] = [];
  link.onState(() => {
    throw new Error('mine');
  });
  link.onEvent(() => {
    throw new Error('mine too');
  });
  link.onEvent((event) => heard.push(event['event']));
  link.start();
  await until(link, 'ready');
  await vi.waitUntil(() => heard.length === 1, quick);
  expect(levels('error')).toEqual(Array.from({ length: 4 }, () => 'AMI link listener failed'));
});

it('says so when FullyBooted does not come: the user may lack read = system', async () => {
  const server = await bench.serve({ booted: false });
  const { link } = linkTo(server, { pingEveryMs: 100_000 });
  link.start();
  await until(link, 'booting');
  bench.clock.advance(30_000);
  expect(levels('warn')).toEqual(['AMI: no FullyBooted yet; may this user read system events?']);
});
