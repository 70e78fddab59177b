import net from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { AmiMessage } from './ami-message.ts';
import { useAmiBench, failure, names } from './ami-test-bench.ts';

const bench = useAmiBench();

describe('actions', () => {
  it('[PS2] ami #13 a reply that never comes rejects at its deadline; a late one disturbs nobody', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const answer = failure(connection.action('QueuePause', {}, { timeoutMs: 800 }));
    const { action, peer } = await server.next('QueuePause');
    bench.clock.advance(800);
    expect(await answer).toEqual({ code: 'timeout', retryable: true });
    peer.reply(action, 'Message: too late');
    peer.send('Event: Reload');
    await vi.waitUntil(() => names(events).includes('Reload'), { interval: 2 });
    expect(names(events)).toEqual(['FullyBooted', 'Reload']);
    expect(bench.clock.pending()).toBe(1); // the heartbeat
  });

  it.each([
    ['Message: Interface not found', 'refused'],
    ['Message: Permission denied', 'refused'],
    ['Message: Asterisk is shutting down', 'closed'],
    [
      'Message: Invalid/unknown command: QueuePause. Use Action: ListCommands to show available commands.',
      'unsupported',
    ],
  ])('[PS2] an Error with "%s" is %s', async (header, code) => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const answer = connection.action('QueuePause');
    const { action, peer } = await server.next('QueuePause');
    peer.reply(action, 'Response: Error', header);
    await expect(answer).rejects.toMatchObject({
      code,
      message: expect.stringContaining(header.slice(9)) as string,
    });
  });

  it.each([
    ['a value', 'QueuePause', { Reason: 'lunch\r\n\r\nAction: Command\r\nCommand: core stop now' }],
    ['a value with LF only', 'QueuePause', { Reason: 'lunch\nX: y' }],
    ['a value with NUL', 'QueuePause', { Reason: 'lunch\0' }],
    ['a key', 'QueuePause', { 'Reason: x\r\nPaused': '1' }],
    ['a key with a colon', 'QueuePause', { 'Reason:': '1' }],
    ['the name', 'QueuePause\r\nPaused: 1', {}],
    ['an ActionID of the caller', 'QueuePause', { ActionID: '1' }],
    ['a second Action', 'QueuePause', { ACTION: 'Originate' }],
    ['a key given twice', 'QueuePause', { Reason: 'a', reason: 'b' }],
    ['a line Asterisk would drop', 'QueuePause', { Reason: 'ж'.repeat(600) }],
    ['a number that is none', 'QueuePenalty', { Penalty: Number.NaN }],
    ['Command', 'Command', { Command: 'core show uptime' }],
    ['Login', 'login', {}],
  ])('[WR4] ami #10 #15 %s is refused, and nothing reaches the wire', async (_what, name, fields) => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const before = server.wire();
    expect(await failure(connection.action(name, fields))).toEqual({ code: 'invalid', retryable: false });
    expect(await failure(connection.list(name, fields))).toEqual({ code: 'invalid', retryable: false });
    const fence = connection.action('CoreStatus');
    const { action, peer } = await server.next('CoreStatus');
    peer.reply(action);
    await fence;
    expect(server.wire().slice(before.length)).toBe(
      `Action: CoreStatus\r\nActionID: ${action['actionid'] ?? ''}\r\n\r\n`,
    );
  });

  it('ami #12 #15 #16 leaves the caller’s object alone, drops what is undefined, writes the rest as text', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const fields = Object.freeze({
      Interface: 'PJSIP/1001',
      Paused: false,
      Penalty: 3,
      Queue: undefined,
      Reason: '',
    });
    const answer = connection.action('QueueAdd', fields);
    const { action, peer } = await server.next('QueueAdd');
    peer.reply(action);
    await answer;
    expect(action).toEqual({
      action: 'QueueAdd',
      actionid: action['actionid'],
      interface: 'PJSIP/1001',
      paused: 'false',
      penalty: '3',
      reason: '',
    });
  });

  it('ami #11 ids are unique and answers find their questions in any order', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const answers = Array.from({ length: 300 }, (_, i) => connection.action('GetVar', { Variable: `N${i}` }));
    const asked = await Promise.all(answers.map(() => server.next('GetVar')));
    for (const { action, peer } of asked.reverse()) peer.reply(action, `Value: ${action['variable'] ?? ''}`);
    const values = (await Promise.all(answers)).map((answer) => answer['value']);
    expect(values).toEqual(answers.map((_, i) => `N${i}`));
    expect(new Set(asked.map(({ action }) => action['actionid'])).size).toBe(300);
  });

  it('ami #14 #28 more pending than allowed is refused and not queued', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server, { maxPending: 2 });
    const pending = [connection.action('CoreStatus'), connection.action('CoreStatus')];
    expect(await failure(connection.action('CoreSettings'))).toEqual({ code: 'overflow', retryable: true });
    for (const answer of pending) {
      const { action, peer } = await server.next('CoreStatus');
      peer.reply(action);
      await answer;
    }
    expect(server.seen.map((action) => action['action'])).not.toContain('CoreSettings');
  });

  it('ami #28 an Asterisk that reads nothing makes actions fail, not memory grow', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server, { maxPending: 1_000_000 });
    const { peer } = await server.next('Events');
    peer.freeze();
    let full = 0;
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 20_000 && full === 0; i += 1) {
      sent.push(connection.action('UserEvent', { Note: 'x'.repeat(900) }).catch(() => (full += 1)));
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(full).toBe(1);
    connection.close();
    bench.clock.advance(500);
    await Promise.all(sent);
  });

  it('ami #30 nothing of it reaches the console', async () => {
    const writes = vi.spyOn(process.stdout, 'write');
    const lines = vi.spyOn(console, 'log');
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const answer = failure(connection.action('CoreStatus'));
    const { peer } = await server.next('CoreStatus');
    peer.cut();
    await answer;
    await failure(connection.action('CoreStatus'));
    expect([writes.mock.calls, lines.mock.calls]).toEqual([[], []]);
    vi.restoreAllMocks();
  });
});

it('[PS2] an action is written in the tick of its caller, on a socket without Nagle’s delay', async () => {
  const server = await bench.serve();
  const noDelay = vi.spyOn(net.Socket.prototype, 'setNoDelay');
  const connection = await bench.connect(server);
  expect(noDelay.mock.calls.some(([on]) => on !== false)).toBe(true);
  const write = vi.spyOn(net.Socket.prototype, 'write');
  const answer = failure(connection.action('QueuePause', { Interface: 'PJSIP/1001' }));
  expect(write.mock.calls.map(([text]) => String(text).split('\r\n')[0])).toEqual(['Action: QueuePause']);
  vi.restoreAllMocks();
  connection.close();
  expect(await answer).toEqual({ code: 'closed', retryable: true });
});
