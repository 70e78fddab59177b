import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAmiProxy, type AmiProxy } from './ami-proxy.ts';
import { deviceTime, until } from './wait.ts';

/** Stands in for AMI: says back what it is told. */
let echo: Server;
let proxy: AmiProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await openAmiProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  let heard = '';
  socket.on('data', (data: Buffer) => (heard += data.toString())).on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, heard: () => heard };
}

describe('the AMI proxy', () => {
  it('passes', async () => {
    const { socket, heard } = await dial();
    socket.write('one');
    await until('the echo', () => heard() === 'one');
  });

  it('delays both ways, in order, also across the end of the delay', async () => {
    const { socket, heard } = await dial();
    const since = deviceTime();
    proxy.delay(100);
    socket.write('one ');
    await until('the echo', () => heard() === 'one ');
    expect(deviceTime() - since).toBeGreaterThanOrEqual(195);
    proxy.delay(60_000);
    socket.write('two ');
    proxy.clear();
    socket.write('three');
    await until('both at once', () => heard() === 'one two three');
  });

  it('cuts what is there, refuses what comes, and passes again', async () => {
    const { socket } = await dial();
    const closed = once(socket, 'close');
    proxy.cut();
    await closed;
    const refused = await dial();
    await once(refused.socket, 'close');
    proxy.clear();
    const { socket: third, heard } = await dial();
    third.write('again');
    await until('the echo', () => heard() === 'again');
  });
});
