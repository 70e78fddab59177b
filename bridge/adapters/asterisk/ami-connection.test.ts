import { describe, expect, it, vi } from 'vitest';
import { useAmiBench, failure, plain } from './ami-test-bench.ts';

const bench = useAmiBench();

describe('opening', () => {
  it('[OP7] ami #6 #7 logs in, then asks for its event classes by EventMask', async () => {
    const server = await bench.serve();
    await bench.connect(server, {}, { eventMask: 'system,call' });
    expect(server.seen.map((action) => [action['action'], action['eventmask']])).toEqual([
      ['login', undefined],
      ['Events', 'system,call'],
    ]);
  });

  it('ami #6 a refused login is an error, says nothing of the secret and leaves no socket', async () => {
    const server = await bench.serve({ secret: 'another' });
    expect(await failure(bench.connect(server))).toEqual({ code: 'auth', retryable: false });
    const { peer } = await server.next('login');
    await peer.gone;
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #25 nobody listens: a connect error, no timer left', async () => {
    const server = await bench.serve();
    await server.stop();
    expect(await failure(bench.connect(server))).toEqual({ code: 'connect', retryable: true });
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #25 a login that is never answered ends at the connect timeout', async () => {
    const server = await bench.serve({ leave: ['login'] });
    const opening = failure(bench.connect(server, { connectTimeoutMs: 3_000 }));
    const { peer } = await server.next('login');
    bench.clock.advance(3_000);
    expect(await opening).toEqual({ code: 'timeout', retryable: true });
    await peer.gone;
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #25 a server that never greets is given up, and the secret is not sent', async () => {
    const server = await bench.serve({ greeting: '' });
    const opening = failure(bench.connect(server, { connectTimeoutMs: 3_000 }));
    await vi.waitUntil(() => server.open() === 1, { interval: 2 });
    bench.clock.advance(3_000);
    expect(await opening).toEqual({ code: 'timeout', retryable: true });
    expect(server.wire()).toBe('');
  });

  it('ami #8 something else than Asterisk is not told the secret', async () => {
    const server = await bench.serve({ greeting: 'SSH-2.0-OpenSSH_9.2p1 and more\r\n' });
    expect(await failure(bench.connect(server))).toEqual({ code: 'connect', retryable: true });
    expect(server.wire()).toBe('');
  });

  it('a greeting may come in pieces', async () => {
    const server = await bench.serve({ greeting: 'Aster' });
    const opening = bench.connect(server);
    await vi.waitUntil(() => server.open() === 1, { interval: 2 });
    server.peers()[0]?.raw('isk Call Manager/9.0.0\r\n');
    await opening;
    expect(server.seen.map((action) => action['action'])).toEqual(['login', 'Events']);
  });

  it('ami #26 given up while connecting: no socket, no timer, no secret', async () => {
    const server = await bench.serve();
    const abort = new AbortController();
    const opening = failure(bench.connect(server, { signal: abort.signal }));
    abort.abort();
    expect(await opening).toEqual({ code: 'closed', retryable: true });
    expect(server.wire()).toBe('');
    expect(bench.clock.pending()).toBe(0);
    expect(await failure(bench.connect(server, { signal: abort.signal }))).toEqual({
      code: 'closed',
      retryable: true,
    });
  });

  it.each([
    ['user', { user: 'watch\r\nAction: Command' }],
    ['secret', { secret: 'sesame\nX: y' }],
    ['event mask', { eventMask: 'call\0' }],
    ['port', { port: 70_000 }],
  ])('[WR4] ami #10 a bad %s is refused before anything is sent', async (_what, change) => {
    const server = await bench.serve();
    expect(await failure(bench.connect(server, {}, change))).toEqual({ code: 'invalid', retryable: false });
    expect(server.wire()).toBe('');
    expect(bench.clock.pending()).toBe(0);
  });
});

describe('ending', () => {
  it('ami #2 #13 a cut rejects what is pending and what comes later, and leaves no timer', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const pause = failure(connection.action('QueuePause', { Interface: 'PJSIP/1001', Paused: true }));
    const list = failure(connection.list('QueueStatus'));
    const { peer } = await server.next('QueueStatus');
    peer.cut();
    expect(await pause).toEqual({ code: 'closed', retryable: true });
    expect(await list).toEqual({ code: 'closed', retryable: true });
    expect((await connection.closed).code).toBe('closed');
    expect(await failure(connection.action('QueuePause'))).toEqual({ code: 'closed', retryable: true });
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #1 a connection cut inside an item does not spoil the next one', async () => {
    const server = await bench.serve();
    const one = await bench.connect(server);
    const { peer } = await server.next('Events');
    peer.raw('Response: Success\r\nActionID: 17\r\nMessage: half');
    peer.cut();
    await one.closed;
    const two = await bench.connect(server);
    const answer = two.action('CoreStatus');
    const asked = await server.next('CoreStatus');
    asked.peer.reply(asked.action, 'CoreCurrentCalls: 0');
    expect(plain(await answer)).toEqual({
      response: 'Success',
      actionid: asked.action['actionid'],
      corecurrentcalls: '0',
    });
  });

  it('ami #26 close says Logoff, rejects at once and leaves nothing', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const pending = failure(connection.action('CoreStatus'));
    connection.close();
    connection.close();
    expect(await failure(connection.action('CoreStatus'))).toEqual({ code: 'closed', retryable: true });
    expect(await pending).toEqual({ code: 'closed', retryable: true });
    const { peer } = await server.next('Logoff');
    await peer.gone;
    expect((await connection.closed).message).toBe('closed by us');
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #26 a peer that reads nothing cannot hold the socket after close', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const { peer } = await server.next('Events');
    peer.freeze();
    const sent = Array.from({ length: 3_000 }, () =>
      connection.action('UserEvent', { Note: 'x'.repeat(900) }),
    );
    void Promise.allSettled(sent);
    connection.close();
    bench.clock.advance(500);
    expect((await connection.closed).code).toBe('closed');
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #27 errors of the dead socket find a listener', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const { peer } = await server.next('Events');
    peer.cut();
    for (let i = 0; i < 50; i += 1) void failure(connection.action('UserEvent', { Note: 'x'.repeat(900) }));
    expect((await connection.closed).code).toBe('closed');
  });

  it('ami #25 a connection that no longer answers Ping is closed', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server, { pingEveryMs: 10_000, actionTimeoutMs: 4_000 });
    bench.clock.advance(10_000);
    const first = await server.next('Ping');
    await vi.waitUntil(() => bench.clock.pending() === 1, { interval: 2 }); // the pong came, the next Ping is planned
    first.peer.freeze();
    bench.clock.advance(10_000);
    bench.clock.advance(4_000);
    expect((await connection.closed).code).toBe('timeout');
    expect(bench.clock.pending()).toBe(0);
  });

  it('ami #21 a response that swallows all others is found by Ping', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const { peer } = await server.next('Events');
    peer.send('Response: Follows', 'Privilege: Command', 'text without its end mark');
    bench.clock.advance(10_000);
    await server.next('Ping');
    bench.clock.advance(5_000);
    expect((await connection.closed).code).toBe('timeout');
  });
});
