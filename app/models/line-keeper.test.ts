import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import { AppError } from './app-error.ts';
import { LineKeeper } from './line-keeper.ts';
import type { PhoneLine } from './ports.ts';
import { createFakeClock, fixedRng } from './testing.ts';

type Reply = 'ok' | 'silent' | AppError;

const refused = new AppError('sip-refused', { retryable: true });
const gone = new AppError('sip-transport', { retryable: true });

function setUp() {
  const clock = createFakeClock();
  const states: string[] = [];
  const did: string[] = [];
  const contacts = { taken: 0 };
  const replies: { connect: Reply; register: Reply } = { connect: 'ok', register: 'ok' };
  const act = (name: 'connect' | 'register') => (): Promise<void> => {
    did.push(name);
    const reply = replies[name];
    if (reply === 'silent') return new Promise(() => undefined);
    return reply === 'ok' ? Promise.resolve() : Promise.reject(reply);
  };
  const line: PhoneLine = {
    contactUri: 'sip:s-1@a.invalid',
    connect: act('connect'),
    register: act('register'),
    disconnect: () => {
      did.push('disconnect');
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  const keeper = new LineKeeper({
    clock,
    rng: fixedRng(0.5),
    policy: deskPolicy,
    onState: (state, problem) => states.push(problem ? `${state} ${problem.code}` : state),
    onNewContact: () => (contacts.taken += 1),
  });
  return { clock, keeper, line, states, did, replies, contacts };
}

describe('line keeper', () => {
  it('[SE3] connects, then registers', async () => {
    const { clock, keeper, line, states, did } = setUp();
    keeper.start(line);
    await clock.advance(0);
    expect([did, states]).toEqual([
      ['connect', 'register'],
      ['connecting', 'registered'],
    ]);
  });

  it('[AP5] registers again after every loss of the transport', async () => {
    const { clock, keeper, line, states, did } = setUp();
    keeper.start(line);
    await clock.advance(0);
    keeper.handleDown(gone);
    await clock.advance(250);
    expect(did).toEqual(['connect', 'register', 'connect', 'register']);
    expect(states.slice(2)).toEqual(['waiting sip-transport', 'connecting', 'registered']);
  });

  it('[AP5] never gives up, and is back at once when nudged', async () => {
    const { clock, keeper, line, did, replies } = setUp();
    replies.connect = gone;
    keeper.start(line);
    await clock.advance(20 * 60_000);
    const tries = did.filter((one) => one === 'connect').length;
    expect(tries).toBeGreaterThan(60);
    replies.connect = 'ok';
    keeper.nudge();
    await clock.advance(0);
    expect(keeper.state).toBe('registered');
  });

  it('[AP5] a REGISTER without an answer for 3 s takes the transport down and tries anew', async () => {
    const { clock, keeper, line, states, did, replies } = setUp();
    replies.register = 'silent';
    keeper.start(line);
    await clock.advance(2_999);
    expect(did).toEqual(['connect', 'register']);
    await clock.advance(1);
    expect([did.at(-1), states.at(-1)]).toEqual(['disconnect', 'waiting sip-timeout']);
    replies.register = 'ok';
    await clock.advance(250);
    expect(keeper.state).toBe('registered');
  });

  it('[AP5] a refusal is tried again without taking the transport down', async () => {
    const { clock, keeper, line, states, did, replies } = setUp();
    replies.register = refused;
    keeper.start(line);
    await clock.advance(0);
    expect([did, states.at(-1)]).toEqual([['connect', 'register'], 'waiting sip-refused']);
  });

  it('[AP5] doubt while registered sends one REGISTER at once; answered, nothing else happens', async () => {
    const { clock, keeper, line, states, did } = setUp();
    keeper.start(line);
    await clock.advance(0);
    void keeper.check();
    void keeper.check();
    await clock.advance(3_000);
    expect([did, states]).toEqual([
      ['connect', 'register', 'register'],
      ['connecting', 'registered'],
    ]);
  });

  it('[AP5] doubt that meets silence reconnects', async () => {
    const { clock, keeper, line, did, replies } = setUp();
    keeper.start(line);
    await clock.advance(0);
    replies.register = 'silent';
    void keeper.check();
    await clock.advance(3_000);
    replies.register = 'ok';
    await clock.advance(250);
    expect(did).toEqual(['connect', 'register', 'register', 'disconnect', 'connect', 'register']);
    expect(keeper.state).toBe('registered');
  });

  it('[AP5] an Asterisk that is back is asked at once, registered or waiting', async () => {
    const { clock, keeper, line, did, replies } = setUp();
    replies.connect = gone;
    keeper.start(line);
    await clock.advance(10_000);
    replies.connect = 'ok';
    keeper.wake();
    await clock.advance(0);
    expect([keeper.state, did.at(-1)]).toEqual(['registered', 'register']);
    const before = did.length;
    keeper.wake();
    expect(did.slice(before)).toEqual(['register']);
  });

  it('[AP5] waking events in a flock ask once', async () => {
    const { clock, keeper, line, did } = setUp();
    keeper.start(line);
    await clock.advance(6_000);
    for (let event = 0; event < 5; event += 1) keeper.nudge();
    await clock.advance(0);
    keeper.nudge();
    expect(did).toEqual(['connect', 'register', 'register']);
  });

  it('[SE2] a new contact is told of after every registration, not when an old one is only asked about', async () => {
    const { clock, keeper, line, replies, contacts } = setUp();
    replies.register = refused;
    keeper.start(line);
    await clock.advance(0);
    expect(contacts.taken).toBe(0);
    replies.register = 'ok';
    await clock.advance(250);
    expect(contacts.taken).toBe(1);
    await clock.advance(6_000);
    keeper.nudge();
    await clock.advance(0);
    expect(contacts.taken).toBe(1);
    void keeper.check();
    await clock.advance(0);
    expect(contacts.taken).toBe(2);
    keeper.handleDown(gone);
    await clock.advance(250);
    expect(contacts.taken).toBe(3);
  });

  it('[SE4] a released line is left alone, whatever still arrives', async () => {
    const { clock, keeper, line, states, did } = setUp();
    keeper.start(line);
    await clock.advance(0);
    keeper.release();
    keeper.handleDown(gone);
    keeper.nudge();
    await clock.advance(60_000);
    expect([did, states.at(-1)]).toEqual([['connect', 'register'], 'off']);
  });
});
