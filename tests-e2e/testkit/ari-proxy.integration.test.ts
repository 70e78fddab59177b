import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openAriProxy, type AriProxy } from './ari-proxy.ts';
import { pass, until } from './wait.ts';

/** Stands in for ARI: says back who asked for what, and speaks events when told to. */
let server: http.Server;
let events: WebSocketServer;
let proxy: AriProxy;
const sockets: WebSocket[] = [];
const headers = { authorization: 'Basic abc' };

beforeEach(async () => {
  server = http.createServer((request, response) => {
    const { url, headers: given } = request;
    response.writeHead(url === '/ari/none' ? 404 : 200).end(JSON.stringify([url, given.authorization]));
  });
  events = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await openAriProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const socket of [...sockets.splice(0), ...events.clients]) socket.terminate();
  await proxy.close();
  events.close();
  server.close();
});

const get = async (path: string, signal?: AbortSignal) => {
  const response = await fetch(proxy.url + path, { headers, ...(signal ? { signal } : {}) });
  return [response.status, await response.text()];
};
const ENDPOINTS = JSON.stringify(['/ari/endpoints', 'Basic abc']);

describe('the ARI proxy', () => {
  it('passes questions with who asks them, and the status of the answer', async () => {
    expect(await get('/endpoints')).toEqual([200, ENDPOINTS]);
    expect((await get('/none'))[0]).toBe(404);
  });

  it('refuses, swallows, answers or edits the list of endpoints, and nothing else', async () => {
    proxy.breakEndpoints({ type: 'refuse', status: 503 });
    expect(await get('/endpoints')).toEqual([503, '']);
    expect((await get('/other'))[0]).toBe(200);
    proxy.breakEndpoints({ type: 'answer', body: '[]' });
    expect(await get('/endpoints')).toEqual([200, '[]']);
    proxy.breakEndpoints({ type: 'edit', edit: (body) => `not ${body}` });
    expect(await get('/endpoints')).toEqual([200, `not ${ENDPOINTS}`]);
    proxy.breakEndpoints({ type: 'swallow' });
    const giveUp = new AbortController();
    const swallowed = get('/endpoints', giveUp.signal);
    expect(await Promise.race([swallowed, pass(100)])).toBe(undefined);
    giveUp.abort();
    await expect(swallowed).rejects.toThrow();
    proxy.breakEndpoints(null);
    expect(await get('/endpoints')).toEqual([200, ENDPOINTS]);
  });

  it('passes events but those that are dropped, and ends both sides together', async () => {
    const socket = new WebSocket(`${proxy.url.replace(/^http/, 'ws')}/events?app=a`, { headers });
    sockets.push(socket);
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    await once(socket, 'open');
    const tell = (text: string): void => events.clients.forEach((client) => client.send(text));
    proxy.drop((event) => event.includes('b'));
    for (const text of ['a', 'b', 'c']) tell(text);
    await until('what is not dropped', () => heard.join() === 'a,c');
    const closed = once(socket, 'close');
    for (const client of events.clients) client.terminate();
    await closed;
  });
});
