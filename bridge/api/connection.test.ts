import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import { MAX_HELLO_BYTES } from '../../domain/protocol/client.ts';
import { closedWith, connectionBench, deviceChange, NOW, type Said } from '../testing/connection-bench.ts';
import { HELLO_MS } from './connection.ts';

describe('hello', () => {
  it('[WR1] is answered by a welcome, everybody, and what works', async () => {
    const { greeted, mine, roster } = await connectionBench();
    const { greeting, closed } = await greeted();
    expect(greeting).toEqual([
      {
        ...{
          n: 1,
          type: 'welcome',
          protocol: 1,
          epoch: 'e1',
          rev: roster.rev,
          serverTime: NOW,
          scope: 'colleagues',
        },
        self: {
          ...{
            extension: '1001',
            name: 'Ada Berg',
            role: 'agent',
            session: mine.session,
            device: mine.session,
          },
          lastSequence: 0,
        },
      },
      expect.objectContaining({ n: 2, type: 'agents:snapshot', rev: roster.rev }),
      expect.objectContaining({ n: 4, type: 'system:health' }),
    ]);
    expect(closed).toEqual([]);
  });

  it('[WR1] [PS5] the welcome says how far this device has counted', async () => {
    const { greeted } = await connectionBench();
    const { say } = await greeted();
    await say({ type: 'status.set', id: 'r1', change: deviceChange(7) });
    const { greeting } = await greeted();
    expect(greeting[0]).toMatchObject({ self: { lastSequence: 7 } });
  });

  it('[WR1] that does not come within 5 s ends it', async () => {
    const { open, clock } = await connectionBench();
    const { closed } = open();
    clock.advance(HELLO_MS - 1);
    expect([closed, HELLO_MS]).toEqual([[], 5_000]);
    clock.advance(1);
    expect(closed).toEqual([closedWith(CLOSE.helloTimeout)]);
    expect(clock.pending()).toBe(0);
  });

  it.each<[string, object | string, { code: number; text: string }]>([
    [
      'over 4 KB',
      { type: 'hello', protocol: 1, token: 'x', pad: 'x'.repeat(MAX_HELLO_BYTES) },
      CLOSE.tooLarge,
    ],
    ['that is no hello', { type: 'clock.ping', id: 'r1', sent: 1 }, CLOSE.badFrame],
    ['that is no JSON', 'hello', CLOSE.badFrame],
    ['without a token', { type: 'hello', protocol: 1 }, CLOSE.badFrame],
    ['of a protocol not spoken', { type: 'hello', protocol: 99, token: 'x' }, CLOSE.protocol],
    ['with a made-up token', { type: 'hello', protocol: 1, token: 'x.y.z' }, CLOSE.unauthorised],
  ])('[WR1] %s ends it', async (_name, hello, close) => {
    const { open, clock } = await connectionBench();
    const { say, frames, closed } = open();
    await say(hello);
    expect([frames, closed, clock.pending()]).toEqual([[], [closedWith(close)], 0]);
  });

  it('[WR3] of a session that is over ends it for good', async () => {
    const { open, sessions, mine } = await connectionBench();
    await sessions.signOut(mine.session, false);
    const { say, closed } = open();
    await say({ type: 'hello', protocol: 1, token: mine.token });
    expect(closed).toEqual([closedWith(CLOSE.sessionEnded)]);
  });

  it('[WR1] a second one, or a request before the welcome, ends it', async () => {
    const { greeted, open, mine } = await connectionBench();
    const hello = { type: 'hello', protocol: 1, token: mine.token };
    const first = await greeted();
    await first.say(hello);
    expect(first.closed).toEqual([closedWith(CLOSE.badFrame)]);
    const hasty = open();
    void hasty.say(hello);
    await hasty.say({ type: 'clock.ping', id: 'r1', sent: 1 });
    expect([hasty.closed, hasty.frames]).toEqual([[closedWith(CLOSE.badFrame)], []]);
  });
});

describe('resuming', () => {
  const kinds = (frames: readonly Said[]) =>
    frames.map(({ type, agents }) => [
      type,
      (agents as { extension: string }[] | undefined)?.map((one) => one.extension),
    ]);

  it('[WR1] with the same epoch, rev and scope: only what changed', async () => {
    const { open, roster, mine } = await connectionBench();
    const { rev } = roster;
    roster.apply('1002', { type: 'channel.up', uniqueId: '1.1', at: NOW });
    const { say, frames } = open();
    await say({
      type: 'hello',
      protocol: 1,
      token: mine.token,
      resume: { epoch: 'e1', rev, scope: 'colleagues' },
    });
    expect(kinds(frames)).toEqual([
      ['welcome', undefined],
      ['agent:status', ['1002']],
      ['system:health', undefined],
    ]);
  });

  it.each([
    ['another epoch', { epoch: 'e0' }],
    ['another scope', { scope: 'supervisor:support' }],
    ['a rev of the future', { rev: 1_000 }],
  ])('[WR1] with %s: everybody', async (_name, wrong) => {
    const { open, mine } = await connectionBench();
    const { say, frames } = open();
    const resume = { epoch: 'e1', rev: 0, scope: 'colleagues', ...wrong };
    await say({ type: 'hello', protocol: 1, token: mine.token, resume });
    expect(kinds(frames)[1]).toEqual(['agents:snapshot', ['1001', '1002']]);
  });
});
