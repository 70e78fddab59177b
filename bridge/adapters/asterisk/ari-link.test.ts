import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { amiPolicy } from '../../../domain/connection/reconnect.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { createFakeLog, type FakeLog } from '../../testing/fake-log.ts';
import { startFakeAri, type FakeAri } from './ari-fake-server.ts';
import { AriError } from './ari-error.ts';
import type { AriEvent } from './ari-events.ts';
import { createAriLink, type AriLink, type AriLinkDeps } from './ari-link.ts';

const password = 'sesame: ключ';
const basic = `Basic ${Buffer.from(`desk:${password}`).toString('base64')}`;
const T0 = 1_000_000;
let clock: FakeClock;
let log: FakeLog;
let steps: (() => Promise<void>)[];

beforeEach(() => {
  [clock, log, steps] = [createFakeClock(T0), createFakeLog(), []];
});
afterEach(async () => {
  for (const step of steps.reverse()) await step();
  expect(clock.pending()).toBe(0);
  expect(JSON.stringify(log.lines)).not.toContain('sesame');
  expect(JSON.stringify(log.lines)).not.toContain(basic.slice(6));
});

async function serve(port?: number): Promise<FakeAri> {
  const server = await startFakeAri(port);
  steps.push(() => server.stop());
  return server;
}

function linkTo(server: Pick<FakeAri, 'url'>, more: Partial<AriLinkDeps> = {}) {
  const deps = { clock, log, policy: amiPolicy, rng: { next: () => 0.5 }, ...more };
  const link = createAriLink({ url: server.url, user: 'desk', password }, deps);
  const told: string[] = [];
  const events: AriEvent[] = [];
  link.onState((state, reason) => told.push(reason === null ? state : `${state}: ${reason}`));
  link.onEvent((event) => events.push(event));
  steps.push(() => link.stop());
  return { link, told, events };
}

const until = (what: () => boolean): Promise<unknown> => vi.waitUntil(what, { timeout: 5_000, interval: 1 });
const become = (link: AriLink, state: AriLink['state']) => until(() => link.state === state);
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => (error instanceof AriError ? [error.code, error.retryable] : error),
  );

describe('the events of ARI', () => {
  it('[RG1] [OP7] one WebSocket, the password in a header only, under a name of its own', async () => {
    const server = await serve();
    const [one, two] = [linkTo({ url: `${server.url}/` }), linkTo(server)];
    one.link.start();
    one.link.start();
    two.link.start();
    await Promise.all([become(one.link, 'ready'), become(two.link, 'ready')]);
    const path = expect.stringMatching(/^\/events\?app=desk-[0-9a-f]{12}&subscribeAll=true$/) as string;
    expect(server.seen).toEqual(Array(2).fill({ path, authorization: basic }));
    expect(new Set(server.seen.map((request) => request.path)).size).toBe(2);
    expect(one.told).toEqual(['connecting', 'ready']);
  });

  it('[RG1] what is about registrations is told in order, the rest is not even parsed', async () => {
    const server = await serve();
    const { link, events } = linkTo(server);
    link.start();
    await become(link, 'ready');
    const [socket] = server.sockets;
    const device = (state: string) => ({
      type: 'DeviceStateChanged',
      device_state: { name: 'PJSIP/1001', state },
    });
    socket?.send('{"type":"ChannelVarset", this is not JSON');
    socket?.send(Buffer.from(JSON.stringify(device('BUSY')))); // a binary frame
    socket?.send('{"type":"DeviceStateChanged", broken');
    socket?.send(JSON.stringify({ type: 'PeerStatusChange' }));
    socket?.send(JSON.stringify(device('NOT_INUSE')));
    socket?.send(JSON.stringify(device('UNAVAILABLE')));
    await until(() => events.length === 2);
    expect(events).toEqual([device('NOT_INUSE'), device('UNAVAILABLE')]);
    expect(log.said('warn')).toEqual(['ARI event not understood', 'ARI event not understood']);
  });

  it('[OP2] a listener that throws is logged and harms no other', async () => {
    const server = await serve();
    const { link, told } = linkTo(server);
    const off = link.onState(() => {
      throw new Error('listener');
    });
    link.onState((state) => told.push(`second ${state}`));
    link.start();
    await become(link, 'ready');
    off();
    await link.stop();
    expect(told).toEqual([
      ...['connecting', 'second connecting', 'ready', 'second ready'],
      ...['down: stopped', 'second down'],
    ]);
    expect(log.said('error')).toEqual(['ARI link listener failed', 'ARI link listener failed']);
  });

  it('[OP2] lost: told once, tried again by the policy, back when the other side is', async () => {
    const server = await serve();
    const { link, told } = linkTo(server);
    link.start();
    await become(link, 'ready');
    expect(link.since).toBe(T0);
    clock.advance(5_000);
    const port = Number(new URL(server.url).port);
    await server.stop();
    await become(link, 'down');
    expect([link.state, link.since]).toEqual(['down', T0 + 5_000]);
    // A refused connection after another, never further apart than a second.
    for (let tries = 2; tries < 9; tries += 1) {
      clock.advance(1_000);
      await until(() => told.length === 2 * tries + 1);
    }
    expect(link.since).toBe(T0 + 5_000);
    await serve(port);
    clock.advance(1_000);
    await become(link, 'ready');
    expect(link.since).toBe(clock.now());
    expect(log.said('warn')).toEqual(['ARI down']);
    expect(log.lines.filter((line) => line.level === 'info')).toEqual([
      { level: 'info', message: 'ARI ready', fields: expect.objectContaining({ failures: 0 }) as object },
      {
        ...{ level: 'info', message: 'ARI ready' },
        fields: { url: server.url, user: 'desk', downForMs: 8_000, failures: 7 },
      },
    ]);
  });

  it('[OP2] a hung Asterisk is found by its silence, and any word is a sign of life', async () => {
    const server = await serve();
    const { link, told, events } = linkTo(server);
    link.start();
    await become(link, 'ready');
    const [socket] = server.sockets;
    let pings = 0;
    socket?.on('ping', () => (pings += 1));
    clock.advance(2_000);
    await until(() => pings === 1);
    // The pong is on its way back: wait for what Asterisk says behind it.
    socket?.send(JSON.stringify({ type: 'DeviceStateChanged', device_state: { name: 'x', state: 'y' } }));
    await until(() => events.length === 1);
    clock.advance(2_000);
    server.pongs = false;
    clock.advance(2_000);
    await until(() => pings === 2);
    expect(told).toEqual(['connecting', 'ready']);
    clock.advance(2_000);
    await become(link, 'down');
    expect(told).toEqual(['connecting', 'ready', 'down: timeout']);
  });

  it('[OP2] a handshake without an answer ends after its deadline', async () => {
    const server = await serve();
    server.handshake = null;
    const { link, told } = linkTo(server);
    link.start();
    await until(() => server.seen.length === 1);
    clock.advance(2_000);
    await become(link, 'down');
    expect(told).toEqual(['connecting', 'down: timeout']);
  });

  it('[OP2] a wrong password is one error, tried once a minute; set right, it is back', async () => {
    const server = await serve();
    server.handshake = 401;
    const { link, told } = linkTo(server);
    link.start();
    await become(link, 'down');
    clock.advance(59_000);
    expect(server.seen).toHaveLength(1);
    clock.advance(16_000); // 60 s and a quarter of them
    await until(() => told.length === 4);
    expect(log.said('error')).toEqual(['ARI login refused: check user and password in ari.conf']);
    expect(log.said('warn')).toEqual([]);
    server.handshake = 'open';
    clock.advance(75_000);
    await become(link, 'ready');
    expect(told).toEqual([
      ...['connecting', 'down: refused', 'connecting', 'down: refused', 'connecting', 'ready'],
    ]);
  });

  it.each([
    [404, 'unsupported'],
    [503, 'closed'],
  ])('[OP2] an Asterisk that still loads (%i) is tried again within a second', async (status, reason) => {
    const server = await serve();
    server.handshake = status;
    const { link, told } = linkTo(server);
    link.start();
    await become(link, 'down');
    server.handshake = 'open';
    clock.advance(1_000);
    await become(link, 'ready');
    expect(told).toEqual(['connecting', `down: ${reason}`, 'connecting', 'ready']);
  });

  it('[OP3] stop leaves nothing behind, whenever it comes; it may be started again', async () => {
    const server = await serve();
    const { link, told } = linkTo(server);
    await link.stop();
    link.start();
    await link.stop(); // in the middle of the handshake
    link.onState((state) => (state === 'connecting' && told.length === 3 ? void link.stop() : undefined));
    link.start(); // stopped by its own listener
    await link.stop();
    link.start();
    await become(link, 'ready');
    await link.stop();
    await until(() => server.open() === 0);
    expect(clock.pending()).toBe(0);
    expect(told).toEqual([
      ...['connecting', 'down: stopped', 'connecting', 'down: stopped'],
      ...['connecting', 'ready', 'down: stopped'],
    ]);
  });
});

describe('questions to ARI', () => {
  it('[RG2] the answer as JSON, asked with the password in a header', async () => {
    const server = await serve();
    server.answers['/endpoints'] = { body: '[{"technology":"PJSIP"}]' };
    const { link } = linkTo(server);
    link.start();
    expect(await link.get('/endpoints')).toEqual([{ technology: 'PJSIP' }]);
    expect(server.seen.find((request) => request.path === '/endpoints')).toEqual({
      ...{ path: '/endpoints', authorization: basic },
    });
  });

  it.each([
    ['wrong password', 401, ['refused', false]],
    ['not allowed', 403, ['refused', false]],
    ['no such resource', 404, ['unsupported', false]],
    ['has not booted', 503, ['closed', true]],
    ['no JSON', { body: '<html>' }, ['unsupported', false]],
    ['sent elsewhere', { status: 302, body: '' }, ['refused', false]],
  ])('[RG2] %s: one kind of error', async (_name, answer, expected) => {
    const server = await serve();
    server.answers['/endpoints'] = answer;
    const { link } = linkTo(server);
    link.start();
    expect(await failure(link.get('/endpoints'))).toEqual(expected);
  });

  it('[RG2] no answer in time, and nobody there', async () => {
    const server = await serve();
    server.answers['/endpoints'] = null;
    const { link } = linkTo(server);
    link.start();
    await become(link, 'ready');
    const late = failure(link.get('/endpoints'));
    await until(() => server.seen.length === 2);
    // In steps: pings and pongs go on meanwhile.
    for (let ms = 0; ms < 5_000; ms += 500) {
      clock.advance(500);
      await until(() => link.state === 'ready');
    }
    expect(await late).toEqual(['timeout', true]);
    await server.stop();
    expect(await failure(link.get('/endpoints'))).toEqual(['closed', true]);
  });

  it('[OP3] stopped: what is under way is rejected, and nothing more is asked', async () => {
    const server = await serve();
    server.answers['/endpoints'] = null;
    const { link } = linkTo(server);
    expect(await failure(link.get('/endpoints'))).toEqual(['closed', true]);
    link.start();
    const asked = failure(link.get('/endpoints'));
    await until(() => server.seen.some((request) => request.path === '/endpoints'));
    await link.stop();
    expect(await asked).toEqual(['closed', true]);
    await until(() => server.open() === 0);
  });
});
