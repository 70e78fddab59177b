import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import { closedWith, connectionBench, deviceChange, NOW } from '../testing/connection-bench.ts';
import { SILENT_MS } from './connection.ts';

describe('requests', () => {
  it('[WR1] frames are numbered without a gap', async () => {
    const { greeted } = await connectionBench();
    const { say, all } = await greeted();
    for (const sequence of [1, 2, 3])
      await say({ type: 'status.set', id: `r${sequence}`, change: deviceChange(sequence) });
    expect(all.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it('[WR3] each gets exactly one answer: the change itself first, then its ack, when it is stored', async () => {
    const { greeted, store, roster } = await connectionBench();
    const { say, frames } = await greeted();
    await say({ type: 'status.set', id: 'r1', change: deviceChange(1) });
    expect(frames.map(({ type, id, rev }) => [type, id, rev])).toEqual([
      ['agent:status', undefined, roster.rev],
      ['ack', 'r1', roster.rev],
    ]);
    expect(store.entries.at(-1)).toMatchObject({ status: 'BREAK', agent: '1001', cause: 'agent' });
  });

  it.each<[string, object, string]>([
    ['an unknown status', { change: deviceChange(1, { status: 'LUNCH' }) }, 'unknown-status'],
    ['a long reason', { change: deviceChange(1, { reason: 'x'.repeat(500) }) }, 'reason-too-long'],
    [
      'a line end in the reason',
      { change: deviceChange(1, { reason: 'a\r\nb' }) },
      'reason-control-characters',
    ],
    ['an unknown agent', { agent: '9999', change: deviceChange(1) }, 'unknown-agent'],
    ['a colleague', { agent: '1002', change: deviceChange(1) }, 'forbidden'],
    ['half a change', { change: { sequence: 1 } }, 'bad-request'],
    ['an unknown request', { type: 'queue.pause' }, 'bad-request'],
  ])('[WR3] refused: %s', async (_name, given, code) => {
    const { greeted, store, log } = await connectionBench();
    const { say, frames, closed } = await greeted();
    const before = store.entries.length;
    await say({ type: 'status.set', id: 'r1', ...given });
    expect(frames.map(({ type, id, code: why }) => [type, id, why])).toEqual([['nack', 'r1', code]]);
    expect([store.entries.length, closed, log.said('error')]).toEqual([before, [], []]);
  });

  it('[OP2] with the store away it is refused, told as an error, and changes nothing', async () => {
    const { greeted, store, log, roster } = await connectionBench();
    const { say, frames } = await greeted();
    store.failing = true;
    const { rev } = roster;
    await say({ type: 'status.set', id: 'r1', change: deviceChange(1) });
    expect(frames).toEqual([{ n: 5, type: 'nack', id: 'r1', code: 'store-unavailable' }]);
    expect([roster.rev, log.said('error')]).toEqual([rev, ['status change failed']]);
  });

  it('[PS6] an outbox is stored in order, with one ack for all; sent again it changes nothing', async () => {
    const { greeted, store } = await connectionBench();
    const { say, frames } = await greeted();
    const before = store.entries.length;
    const flush = {
      ...{ type: 'outbox.flush', id: 'r1' },
      changes: [
        deviceChange(1),
        deviceChange(2, { status: 'MEETING' }),
        deviceChange(3, { status: 'ONLINE', made: NOW - 90_000 }),
      ],
    };
    await say(flush);
    await say({ ...flush, id: 'r2' });
    expect(store.entries.slice(before).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(frames.filter(({ type }) => type !== 'agent:status').map(({ type, id }) => [type, id])).toEqual([
      ['ack', 'r1'],
      ['ack', 'r2'],
    ]);
  });

  it('[PS6] an outbox stops at the first that is refused; what came before it stands', async () => {
    const { greeted, store } = await connectionBench();
    const { say, frames } = await greeted();
    const before = store.entries.length;
    await say({
      type: 'outbox.flush',
      id: 'r1',
      changes: [deviceChange(1), deviceChange(2, { status: 'X' }), deviceChange(3)],
    });
    expect(store.entries.slice(before).map(({ sequence }) => sequence)).toEqual([1]);
    expect(frames.at(-1)).toMatchObject({ type: 'nack', id: 'r1', code: 'unknown-status' });
    expect(frames.filter(({ id }) => id === 'r1').length).toBe(1);
  });

  it('[PS5] a sequence that was used for something else is told, with how far the device has counted', async () => {
    const { greeted } = await connectionBench();
    const { say, frames } = await greeted();
    await say({ type: 'status.set', id: 'r1', change: deviceChange(5) });
    await say({ type: 'status.set', id: 'r2', change: deviceChange(5, { status: 'MEETING' }) });
    expect(frames.at(-1)).toEqual({
      ...{ n: 8, type: 'nack', id: 'r2', code: 'sequence-taken', lastSequence: 5, sequence: 5 },
    });
  });

  it('[PS6] an outbox with a change that is refused: which one is told, those before it stand, none after it', async () => {
    const { greeted, store } = await connectionBench();
    const { say, frames } = await greeted();
    const before = store.entries.length;
    const changes = [deviceChange(1), deviceChange(2, { status: 'LUNCH' }), deviceChange(3)];
    await say({ type: 'outbox.flush', id: 'r1', changes });
    expect(frames.at(-1)).toMatchObject({ type: 'nack', id: 'r1', code: 'unknown-status', sequence: 2 });
    expect(store.entries.slice(before).map(({ sequence }) => sequence)).toEqual([1]);
  });

  it('[PS5] a device with a name of its own counts on across sessions, and within its person', async () => {
    const { open, mine, signIn, store } = await connectionBench();
    const device = 'd-0123456789abcdef';
    const first = open();
    await first.say({ type: 'hello', protocol: 1, token: mine.token, device });
    await first.say({ type: 'status.set', id: 'r1', change: deviceChange(7) });
    const [again, other] = [open(), open()];
    await again.say({ type: 'hello', protocol: 1, token: (await signIn('1001')).token, device });
    await other.say({ type: 'hello', protocol: 1, token: (await signIn('1002')).token, device });
    const self = [again, other].map(({ frames }) => frames[0]?.['self']);
    expect(self).toMatchObject([
      { device: `1001-${device}`, lastSequence: 7 },
      { device: `1002-${device}`, lastSequence: 0 },
    ]);
    expect(store.entries.some(({ id }) => id === `1001-${device}.0000000007`)).toBe(true);
  });

  it('[WR4] a hold is for those who oversee the agent, and has an answer of its own', async () => {
    const { greeted, store } = await connectionBench();
    const { say, frames } = await greeted();
    const before = store.entries.length;
    await say({ type: 'queue.pause', id: 'r1', agent: '1001', queue: 'support', reason: 'x' });
    await say({ type: 'queue.unpause', id: 'r2', agent: '1002', queue: 'support' });
    expect(frames.map(({ type, id, code }) => [type, id, code])).toEqual([
      ['nack', 'r1', 'forbidden'],
      ['nack', 'r2', 'forbidden'],
    ]);
    expect(store.entries.length).toBe(before);
  });

  it('[WR2] a ping tells the bridge’s time', async () => {
    const { greeted, clock, roster } = await connectionBench();
    const { say, frames } = await greeted();
    clock.advance(1_234);
    await say({ type: 'clock.ping', id: 'r1', sent: 5 });
    expect(frames).toEqual([{ n: 5, type: 'ack', id: 'r1', rev: roster.rev, serverTime: NOW + 1_234 }]);
  });

  it('[WR2] reauth takes a token of the same session only', async () => {
    const { greeted, signIn, mine, tokens, roster } = await connectionBench();
    const other = await signIn('1002');
    const { say, frames } = await greeted();
    frames.splice(0);
    await say({ type: 'reauth', id: 'r1', token: await tokens.issue(mine.session) });
    await say({ type: 'reauth', id: 'r2', token: other.token });
    await say({ type: 'reauth', id: 'r3', token: 'x' });
    expect(frames).toEqual([
      { n: 5, type: 'ack', id: 'r1', rev: roster.rev },
      { n: 6, type: 'nack', id: 'r2', code: 'unauthorised' },
      { n: 7, type: 'nack', id: 'r3', code: 'unauthorised' },
    ]);
  });
});

describe('the end of a socket', () => {
  it('[WR3] a frame that is not of the protocol, and cannot be answered, ends it', async () => {
    for (const frame of ['{', '{"type":"status.set"}', '[]']) {
      const { greeted } = await connectionBench();
      const { say, closed } = await greeted();
      await say(frame);
      expect(closed).toEqual([closedWith(CLOSE.badFrame)]);
    }
  });

  it('[WR1] so does a binary frame', async () => {
    const { greeted } = await connectionBench();
    const { connection, closed } = await greeted();
    connection.handleBinary();
    expect(closed).toEqual([closedWith(CLOSE.badFrame)]);
  });

  it('[WR4] a flood ends it', async () => {
    const { greeted } = await connectionBench();
    const { say, closed, frames } = await greeted();
    for (let count = 1; count <= 25; count += 1) await say({ type: 'clock.ping', id: `r${count}`, sent: 1 });
    expect([frames.length, closed]).toEqual([19, [closedWith(CLOSE.tooFast)]]);
  });

  it('[WR3] a page that says nothing for 35 s is taken for frozen; each frame begins the time anew', async () => {
    const { greeted, clock } = await connectionBench();
    const { say, closed } = await greeted();
    clock.advance(SILENT_MS - 1);
    await say({ type: 'clock.ping', id: 'r1', sent: 1 });
    clock.advance(SILENT_MS - 1);
    expect(closed).toEqual([]);
    clock.advance(1);
    expect(closed).toEqual([closedWith(CLOSE.silent)]);
  });

  it('[WR3] the session’s end is its end', async () => {
    const { greeted, sessions, mine } = await connectionBench();
    const { closed } = await greeted();
    await sessions.signOut(mine.session, false);
    expect(closed).toEqual([closedWith(CLOSE.sessionEnded)]);
  });

  it('[WR3] closed, it gets nothing more, answers nothing more, and leaves no timer', async () => {
    const { greeted, roster, clock, store, hub } = await connectionBench();
    const { say, connection, frames, closed } = await greeted();
    const before = store.entries.length;
    connection.handleClosed();
    connection.handleClosed();
    roster.apply('1002', { type: 'channel.up', uniqueId: '1.1', at: NOW });
    await say({ type: 'status.set', id: 'r1', change: deviceChange(1) });
    clock.advance(60_000);
    expect([frames, closed, store.entries.length]).toEqual([[], [], before]);
    hub.stop();
    expect(clock.pending()).toBe(0);
  });

  it('[WR3] closed while the hello is judged: no welcome', async () => {
    const { open, mine, clock } = await connectionBench();
    const { say, connection, frames } = open();
    const said = say({ type: 'hello', protocol: 1, token: mine.token });
    connection.handleClosed();
    await said;
    expect([frames, clock.pending()]).toEqual([[], 0]);
  });
});
