import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headerOf, openMethodProxy, type MethodProxy } from './method-proxy.ts';
import { until } from './wait.ts';

/** Stands in for AMI: greets, and answers every action with a list of one item. */
let asterisk: Server;
let proxy: MethodProxy;
const servings: Socket[] = [];
const clients: Socket[] = [];

const answerTo = (id: string): string =>
  [
    `Response: Success\r\nActionID: ${id}\r\nEventList: start`,
    `Event: Item\r\nActionID: ${id}\r\nName: Müller`,
    `Event: ItemsComplete\r\nActionID: ${id}\r\nEventList: Complete\r\nListItems: 1`,
    '',
  ].join('\r\n\r\n');
const ours = (response: string): string => `${response}\r\n\r\n`;
const GREETING = 'Asterisk Call Manager/9.0\r\n';

beforeEach(async () => {
  asterisk = createServer((socket) => {
    servings.push(socket);
    socket.on('error', () => undefined).write(GREETING);
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const action of text.split('\r\n\r\n').slice(0, -1))
        socket.write(answerTo(headerOf(action, 'ActionID')));
    });
  });
  await new Promise<void>((resolve) => asterisk.listen(0, '127.0.0.1', resolve));
  proxy = await openMethodProxy({ host: '127.0.0.1', port: (asterisk.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const socket of [...clients.splice(0), ...servings.splice(0)]) socket.destroy();
  await proxy.close();
  asterisk.close();
});

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await until('the greeting', () => heard === GREETING);
  heard = '';
  return {
    socket,
    ask: (action: string, id: string) => socket.write(`Action: ${action}\r\nActionID: ${id}\r\n\r\n`),
    /** All that came since it was asked last, once it ends so. */
    async hears(text: string): Promise<void> {
      await until(`heard ${JSON.stringify(text)}, not ${JSON.stringify(heard)}`, () => heard.endsWith(text));
      expect(heard).toBe(text);
      heard = '';
    },
  };
}

describe('the AMI proxy that knows actions', () => {
  it('passes everything byte by byte, and counts what was asked', async () => {
    const { ask, hears } = await dial();
    ask('Agents', '1');
    await hears(answerTo('1'));
    expect([proxy.asked('Agents'), proxy.asked('QueueStatus')]).toEqual([1, 0]);
  });

  it('refuses, swallows, and answers itself, that action alone', async () => {
    const { ask, hears } = await dial();
    proxy.breakDown('Agents', { type: 'refuse', message: 'No' });
    ask('Agents', '1');
    await hears(ours('Response: Error\r\nActionID: 1\r\nMessage: No'));
    proxy.breakDown('Agents', { type: 'swallow' });
    ask('Agents', '2');
    ask('QueueStatus', '3');
    await hears(answerTo('3'));
    proxy.breakDown('Agents', { type: 'answer', items: ['Event: Agents\r\nAgent: 1001'] });
    ask('Agents', '4');
    const list = [
      'Response: Success\r\nActionID: 4\r\nEventList: start\r\nMessage: Following',
      'Event: Agents\r\nAgent: 1001\r\nActionID: 4',
      'Event: AgentsComplete\r\nActionID: 4\r\nEventList: Complete\r\nListItems: 1',
    ];
    await hears(list.map(ours).join(''));
    proxy.mend();
    ask('Agents', '5');
    await hears(answerTo('5'));
  });

  it('edits items, and only the answer to that action', async () => {
    const { ask, hears } = await dial();
    proxy.breakDown('Agents', { type: 'edit', edit: (item) => item.replace('Name: ', 'Name: not ') });
    ask('QueueStatus', '1');
    await hears(answerTo('1'));
    ask('Agents', '2');
    await hears(answerTo('2').replace('Name: ', 'Name: not '));
  });

  it('holds an answer while others and events pass, until it is mended', async () => {
    const { ask, hears } = await dial();
    proxy.breakDown('Agents', { type: 'hold' });
    ask('Agents', '1');
    await until('the answer is held', () => proxy.held() === 1);
    ask('QueueStatus', '2');
    await hears(answerTo('2'));
    servings[0]?.write(ours('Event: Reload'));
    await hears(ours('Event: Reload'));
    proxy.mend('Agents');
    await hears(answerTo('1'));
    expect(proxy.held()).toBe(0);
  });

  it('drops events, and no items of the same name', async () => {
    const { ask, hears } = await dial();
    proxy.drop((event) => headerOf(event, 'Event') === 'Item');
    servings[0]?.write(ours('Event: Item\r\nName: gone') + ours('Event: Other'));
    await hears(ours('Event: Other'));
    ask('Agents', '1');
    await hears(answerTo('1'));
  });

  it('ends both sides together', async () => {
    const [first, second] = [await dial(), await dial()];
    const closed = once(first.socket, 'close');
    servings[0]?.destroy();
    await closed;
    const gone = once(servings[1] as Socket, 'close');
    second.socket.destroy();
    await gone;
  });
});
