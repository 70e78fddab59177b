import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import type { ServerMessage } from '../../domain/protocol/server.ts';
import { Link } from './link.ts';
import { createFakeBridge, createFakeClock, fixedRng, welcome, type FakeSocket } from './testing.ts';

function setUp() {
  const clock = createFakeClock();
  const bridge = createFakeBridge();
  const heard: string[] = [];
  const asked: boolean[] = [];
  const offsets: number[] = [];
  let tokens = 0;
  const link = new Link({
    bridge,
    clock,
    rng: fixedRng(0.5),
    policy: deskPolicy,
    device: () => 'd-0123456789abcdef',
    token: (fresh) => {
      asked.push(fresh);
      tokens += 1;
      return Promise.resolve(`token-${tokens}`);
    },
    listener: {
      handleState: (live) => heard.push(live ? 'live' : 'gone'),
      handleWelcome: ({ self }) => heard.push(`welcome ${self.lastSequence}`),
      handleEvent: (event) => heard.push(event.type),
      handleOffset: (offsetMs) => offsets.push(offsetMs),
      handleEnded: (code) => heard.push(`ended ${code}`),
    },
  });
  const socket = (index = -1): FakeSocket => {
    const found = bridge.sockets.at(index);
    if (!found) throw new Error('no socket');
    return found;
  };
  const say = (n: number, body: ServerMessage): void => socket().listener.handleFrame(n, body);
  const greet = async (): Promise<void> => {
    await clock.advance(0);
    socket().listener.handleOpen();
    say(1, welcome());
  };
  const pings = (): number =>
    bridge.sockets.flatMap(({ sent }) => sent).filter(({ type }) => type === 'clock.ping').length;
  return { clock, bridge, link, heard, asked, offsets, socket, say, greet, pings };
}

const snapshot: ServerMessage = { type: 'agents:snapshot', rev: 7, agents: [] };

describe('link', () => {
  it('[WR1] says hello with the token in its first frame and is live from the welcome on', async () => {
    const { link, heard, socket, greet } = setUp();
    link.start();
    await greet();
    expect(socket().sent[0]).toEqual({
      ...{ type: 'hello', protocol: 1, token: 'token-1', device: 'd-0123456789abcdef' },
    });
    expect(heard).toEqual(['welcome 0', 'live']);
    expect(link.live).toBe(true);
  });

  it('[WR1] resumes from the last rev after a loss, and from nothing after a gap', async () => {
    const { link, clock, socket, say, greet } = setUp();
    link.start();
    await greet();
    say(2, snapshot);
    socket().listener.handleClose(1006);
    await clock.advance(500);
    socket().listener.handleOpen();
    expect(socket().sent[0]).toMatchObject({ resume: { epoch: 'e1', rev: 7, scope: 'all' } });
    say(1, welcome());
    say(3, snapshot);
    expect(socket().dropped).toBe(true);
    await clock.advance(1_000);
    socket().listener.handleOpen();
    expect(socket().sent[0]).toEqual({
      ...{ type: 'hello', protocol: 1, token: 'token-3', device: 'd-0123456789abcdef' },
    });
  });

  it('[WR1] a frame that cannot be read is a gap', async () => {
    const { link, heard, socket, greet } = setUp();
    link.start();
    await greet();
    socket().listener.handleBadFrame('not JSON');
    expect([link.live, socket().dropped, heard.at(-1)]).toEqual([false, true, 'gone']);
  });

  it('[WR3] a request is answered once, by its own answer', async () => {
    const { link, socket, say, greet } = setUp();
    link.start();
    await greet();
    const answer = link.request({ type: 'reauth', token: 'new' });
    const sent = socket().sent.at(-1);
    expect(sent).toMatchObject({ type: 'reauth', token: 'new' });
    say(2, { type: 'ack', id: 'unknown', rev: 8 });
    say(3, { type: 'nack', id: sent && 'id' in sent ? sent.id : '', code: 'forbidden' });
    await expect(answer).resolves.toEqual({
      ...{ ok: false, code: 'forbidden', lastSequence: null, sequence: null },
    });
  });

  it('[WR3] what waits for an answer is told when the connection is lost, and what is asked without one too', async () => {
    const { link, socket, greet } = setUp();
    link.start();
    await greet();
    const lost = { ok: false, code: 'connection-lost', lastSequence: null, sequence: null };
    const answer = link.request({ type: 'reauth', token: 'new' });
    socket().listener.handleClose(1001);
    await expect(answer).resolves.toEqual(lost);
    await expect(link.request({ type: 'reauth', token: 'new' })).resolves.toEqual(lost);
  });

  it('[AP5] a silent socket is dead 5 s after a heartbeat, whatever it looks like', async () => {
    const { link, clock, heard, socket, say, greet, pings } = setUp();
    link.start();
    await greet();
    await clock.advance(0);
    say(2, { type: 'ack', id: 'r1', rev: 5, serverTime: clock.now() });
    await clock.advance(9_999);
    expect(pings()).toBe(1);
    await clock.advance(1);
    expect(pings()).toBe(2);
    await clock.advance(4_999);
    expect(link.live).toBe(true);
    await clock.advance(1);
    expect([link.live, socket().dropped, heard.at(-1)]).toEqual([false, true, 'gone']);
  });

  it('[AP5] never gives up, waits by the policy, and comes back at once when nudged', async () => {
    const { link, clock, bridge, socket } = setUp();
    link.start();
    for (let attempt = 0; attempt < 50; attempt += 1) {
      await clock.advance(0);
      socket().listener.handleClose(1006);
      await clock.advance(30_000);
    }
    expect(bridge.sockets.length).toBeGreaterThan(50);
    socket().listener.handleClose(1006);
    const before = bridge.sockets.length;
    link.nudge();
    await clock.advance(0);
    expect(bridge.sockets.length).toBe(before + 1);
  });

  it('[AP5] a live link that is nudged asks at once whether it still lives', async () => {
    const { link, clock, say, greet, pings } = setUp();
    link.start();
    await greet();
    await clock.advance(0);
    say(2, { type: 'ack', id: 'r1', rev: 5, serverTime: clock.now() });
    await clock.advance(1_000);
    link.nudge();
    expect(pings()).toBe(2);
  });

  it('[PS5] measures the offset by half the round trip, also when the clock is set meanwhile', async () => {
    const { link, clock, offsets, say, greet } = setUp();
    link.start();
    await greet();
    await clock.advance(100);
    clock.step(60_000);
    await clock.advance(100);
    say(2, { type: 'ack', id: 'r1', rev: 5, serverTime: 5_000_000 });
    await clock.advance(0);
    expect(offsets.at(-1)).toBe(5_000_000 + 100 - clock.now());
  });

  it('[WR3] a refused token is renewed at once, a second time by the policy', async () => {
    const { link, clock, bridge, asked, socket } = setUp();
    link.start();
    await clock.advance(0);
    socket().listener.handleClose(CLOSE.unauthorised.code);
    await clock.advance(0);
    expect([asked, bridge.sockets.length]).toEqual([[false, true], 2]);
    socket().listener.handleClose(CLOSE.unauthorised.code);
    await clock.advance(0);
    expect(bridge.sockets.length).toBe(2);
    await clock.advance(250);
    expect([asked, bridge.sockets.length]).toEqual([[false, true, true], 3]);
  });

  it.each([CLOSE.sessionEnded.code, CLOSE.protocol.code])('[WR3] close code %i ends it', async (code) => {
    const { link, clock, bridge, heard, socket, greet } = setUp();
    link.start();
    await greet();
    socket().listener.handleClose(code);
    await clock.advance(120_000);
    expect(heard.slice(-2)).toEqual(['gone', `ended ${code}`]);
    expect(bridge.sockets.length).toBe(1);
  });

  it('[AP5] a socket that never says welcome is tried anew, and its late word is not heard', async () => {
    const { link, clock, bridge, heard, socket } = setUp();
    link.start();
    await clock.advance(0);
    const first = socket();
    await clock.advance(5_500);
    expect([first.dropped, bridge.sockets.length]).toEqual([true, 2]);
    first.listener.handleFrame(1, welcome());
    expect([heard, link.live]).toEqual([[], false]);
  });

  it('[SE4] a stopped link stays silent and can start again', async () => {
    const { link, clock, bridge, greet } = setUp();
    link.start();
    await greet();
    link.stop();
    await clock.advance(120_000);
    expect(bridge.sockets.length).toBe(1);
    link.start();
    await greet();
    expect(link.live).toBe(true);
  });
});
