import { describe, expect, it, vi } from 'vitest';
import type { AmiMessage } from './ami-message.ts';
import { useAmiBench, failure, names, plain } from './ami-test-bench.ts';

const bench = useAmiBench();

describe('messages', () => {
  const cases: readonly [string, string[], object][] = [
    [
      'ami #18 Variable stays text',
      ['Event: VarSet', 'Variable: FOO', 'Value: a=b'],
      { variable: 'FOO', value: 'a=b' },
    ],
    [
      'ami #18 ChanVariable',
      ['Event: X', 'ChanVariable: A=1', 'ChanVariable: B=2=3'],
      { chanvariable: ['A=1', 'B=2=3'] },
    ],
    ['ami #19 __proto__', ['Event: X', '__proto__: a', 'Length: 5', 'Push: b'], { length: '5', push: 'b' }],
    [
      'ami #19 constructor',
      ['Event: X', 'constructor: a', 'ToString: b'],
      { constructor: 'a', tostring: 'b' },
    ],
    [
      'ami #19 no space',
      ['Event: X', 'Empty:', 'Tight:1', 'Reason: '],
      { empty: '', tight: '1', reason: '' },
    ],
    ['repeated headers', ['Event: X', 'Output: a', 'Output: b: c'], { output: ['a', 'b: c'] }],
    [
      'ami #22 a forged Event',
      ['Event: X', 'Event: ContactStatus', 'Response: Success'],
      { response: 'Success' },
    ],
    ['Cyrillic and emoji', ['Event: X', 'Reason: Обед 🍲'], { reason: 'Обед 🍲' }],
  ];
  it.each(cases)('%s', async (_what, headers, expected) => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const { peer } = await server.next('Events');
    peer.send(...headers);
    await vi.waitUntil(() => events.length === 2, { interval: 2 });
    expect(plain(events[1]!)).toEqual({ event: headers[0]!.slice(7), ...expected });
    expect(Object.getPrototypeOf(events[1])).toBeNull();
  });

  it('ami #20 #23 blank lines, nameless items and events named like the emitter’s own do no harm', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const { peer } = await server.next('Events');
    peer.raw(
      '\r\n\r\n\r\nPrivilege: system\r\n\r\nResponse: Error\r\nMessage: Missing action in request\r\n\r\n',
    );
    for (const name of ['rawevent', 'error', 'close', 'connect', 'response']) peer.send(`Event: ${name}`);
    peer.send('Response: Success', 'ActionID: error', 'Message: not ours');
    peer.send('Event: Reload');
    await vi.waitUntil(() => events.length >= 7, { interval: 2 });
    expect(names(events)).toEqual([
      'FullyBooted',
      'rawevent',
      'error',
      'close',
      'connect',
      'response',
      'Reload',
    ]);
  });

  it('ami #28 a line without end closes the connection', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const { peer } = await server.next('Events');
    peer.send('Event: X', `Long: ${'x'.repeat(100_000)}`);
    expect((await connection.closed).code).toBe('overflow');
    await peer.gone;
  });

  it('ami #28 #29 a message without end closes the connection', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server, { maxLineBytes: 1_000 });
    const { peer } = await server.next('Events');
    for (let i = 0; i < 40; i += 1) peer.raw(`Line: ${'x'.repeat(900)}\r\n`);
    expect((await connection.closed).code).toBe('overflow');
  });

  it('ami #28 many whole messages are no message without end', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server, { maxLineBytes: 1_000 });
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const { peer } = await server.next('Events');
    for (let i = 0; i < 200; i += 1) peer.send('Event: X', `Note: ${'x'.repeat(900)}`);
    await vi.waitUntil(() => events.length === 201, { interval: 2 });
    expect(events.at(-1)?.['note']).toHaveLength(900);
  });

  it('ami #24 a listener that throws harms no other', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const heard: unknown[] = [];
    connection.onEvent(() => {
      throw new Error('mine');
    });
    const off = connection.onEvent((event) => heard.push(event['event']));
    const { peer } = await server.next('Events');
    peer.send('Event: One');
    peer.send('Event: Two');
    await vi.waitUntil(() => heard.length === 2, { interval: 2 });
    off();
    const answer = connection.action('CoreStatus');
    const asked = await server.next('CoreStatus');
    peer.send('Event: Three');
    peer.reply(asked.action);
    await answer;
    expect(heard).toEqual(['One', 'Two']);
    expect(bench.logged.filter(({ level }) => level === 'error')).toHaveLength(4); // FullyBooted, One, Two, Three
  });

  it('[PS4] responses and events are seen in the order Asterisk sent them, even from one packet', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const order: string[] = [];
    connection.onEvent((event) => order.push(String(event['event'])));
    const pause = async (): Promise<void> => {
      // Some awaits deep, as it would be in the reconciler.
      const inner = async (): Promise<AmiMessage> => await connection.action('QueuePause');
      await inner();
      await Promise.resolve();
      order.push('response');
    };
    const done = [pause(), pause()];
    const [a, b] = [await server.next('QueuePause'), await server.next('QueuePause')];
    const response = (id: string | undefined): string => `Response: Success\r\nActionID: ${id ?? ''}\r\n\r\n`;
    a.peer.raw(
      `Event: Before\r\n\r\n${response(a.action['actionid'])}Event: Between\r\n\r\n${response(b.action['actionid'])}` +
        'Event: Behind\r\n\r\nEvent: Last\r\n\r\n',
    );
    await Promise.all(done);
    await vi.waitUntil(() => order.includes('Last'), { interval: 2 });
    expect(order).toEqual(['FullyBooted', 'Before', 'response', 'Between', 'response', 'Behind', 'Last']);
  });
});

describe('lists', () => {
  const item = (id: string | undefined, ...headers: string[]): string[] => [
    'Event: QueueMember',
    `ActionID: ${id ?? ''}`,
    ...headers,
  ];

  it('[RG2] ami #17 two parallel lists and events between them are kept apart', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const lists = [
      connection.list('QueueStatus', { Queue: 'a' }),
      connection.list('QueueStatus', { Queue: 'b' }),
    ];
    const [a, b] = [await server.next('QueueStatus'), await server.next('QueueStatus')];
    const [idA, idB] = [a.action['actionid'], b.action['actionid']];
    a.peer.reply(a.action, 'EventList: start', 'Message: Queue status will follow');
    a.peer.send(...item(idA, 'Name: 1'));
    b.peer.reply(b.action, 'EventList: start', 'Message: Queue status will follow');
    a.peer.send(...item(idB, 'Name: 2'));
    a.peer.send('Event: QueueMemberPause', 'Name: 3');
    a.peer.send(...item(idA, 'Name: 4'));
    a.peer.send(
      'Event: QueueStatusComplete',
      `ActionID: ${idB ?? ''}`,
      'EventList: Complete',
      'ListItems: 1',
    );
    a.peer.send(
      'Event: QueueStatusComplete',
      `ActionID: ${idA ?? ''}`,
      'EventList: Complete',
      'ListItems: 2',
    );
    const [itemsA, itemsB] = await Promise.all(lists);
    expect(itemsA?.map(plain)).toEqual([
      { event: 'QueueMember', actionid: idA, name: '1' },
      { event: 'QueueMember', actionid: idA, name: '4' },
    ]);
    expect(itemsB?.map(plain)).toEqual([{ event: 'QueueMember', actionid: idB, name: '2' }]);
    expect(names(events)).toEqual(['FullyBooted', 'QueueMemberPause']);
  });

  it.each([
    ['refused', ['Response: Error', 'Message: No such queue'], 'refused'],
    ['not known', ['Response: Error', 'Message: Invalid/unknown command: QueueStatus.'], 'unsupported'],
  ])('[RG3] ami #17 a list that is %s', async (_what, headers, code) => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const list = connection.list('QueueStatus');
    const { action, peer } = await server.next('QueueStatus');
    peer.reply(action, ...headers);
    await expect(list).rejects.toMatchObject({ code });
  });

  it('[RG3] ami #17 a cancelled list, a list over its cap, a list that never ends', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const cancelled = failure(connection.list('QueueStatus'));
    const capped = failure(connection.list('QueueStatus', {}, { maxItems: 2 }));
    const endless = failure(connection.list('QueueStatus', {}, { timeoutMs: 700 }));
    const [one, two, three] = [
      await server.next('QueueStatus'),
      await server.next('QueueStatus'),
      await server.next('QueueStatus'),
    ];
    one.peer.send(
      'Event: QueueStatusComplete',
      `ActionID: ${one.action['actionid'] ?? ''}`,
      'EventList: cancelled',
    );
    expect(await cancelled).toEqual({ code: 'refused', retryable: false });
    for (let i = 0; i < 4; i += 1) two.peer.send(...item(two.action['actionid']));
    expect(await capped).toEqual({ code: 'overflow', retryable: true });
    three.peer.send(...item(three.action['actionid']));
    bench.clock.advance(700);
    expect(await endless).toEqual({ code: 'timeout', retryable: true });
    // What still comes of them is nobody's event.
    for (const { action, peer } of [two, three]) {
      peer.send(...item(action['actionid']));
      peer.send('Event: QueueStatusComplete', `ActionID: ${action['actionid'] ?? ''}`, 'EventList: Complete');
    }
    one.peer.send('Event: Reload');
    await vi.waitUntil(() => names(events).includes('Reload'), { interval: 2 });
    expect(names(events)).toEqual(['FullyBooted', 'Reload']);
  });

  it('ami #17 the items of a list asked for by action() are nobody’s events', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const answer = connection.action('QueueStatus');
    const { action, peer } = await server.next('QueueStatus');
    peer.reply(action, 'EventList: start', 'Message: Queue status will follow');
    peer.send(...item(action['actionid'], 'Name: 1'));
    peer.send('Event: QueueStatusComplete', `ActionID: ${action['actionid'] ?? ''}`, 'EventList: Complete');
    peer.send('Event: Reload');
    expect((await answer)['message']).toBe('Queue status will follow');
    await vi.waitUntil(() => names(events).includes('Reload'), { interval: 2 });
    expect(names(events)).toEqual(['FullyBooted', 'Reload']);
  });

  it('ami #22 OriginateResponse is an event although it has Response and our ActionID', async () => {
    const server = await bench.serve();
    const connection = await bench.connect(server);
    const events: AmiMessage[] = [];
    connection.onEvent((event) => events.push(event));
    const answer = connection.action('Originate', { Channel: 'Local/1@x', Async: true });
    const { action, peer } = await server.next('Originate');
    peer.send('Event: OriginateResponse', `ActionID: ${action['actionid'] ?? ''}`, 'Response: Failure');
    peer.reply(action, 'Message: Originate successfully queued');
    expect((await answer)['message']).toBe('Originate successfully queued');
    expect(names(events)).toEqual(['FullyBooted', 'OriginateResponse']);
  });
});
