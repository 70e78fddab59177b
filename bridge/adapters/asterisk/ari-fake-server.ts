// An HTTP server that speaks enough ARI for the tests of the client, and can misbehave on demand. Only for tests.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface FakeRequest {
  readonly path: string;
  readonly authorization: string | null;
}

export interface FakeAri {
  /** The ARI URL. */
  readonly url: string;
  readonly seen: readonly FakeRequest[];
  /** WebSockets that were opened, gone or not, in order. */
  readonly sockets: readonly WebSocket[];
  /** TCP connections open now. */
  open(): number;
  /** The path after `/ari` → what to answer; a number is a status, null is silence. Others are 404. */
  answers: Record<string, { status?: number; body: string } | number | null>;
  /** What a handshake meets: null is silence, a number a status. Default: open. */
  handshake: 'open' | number | null;
  /** False: takes pings and says nothing. */
  pongs: boolean;
  stop(): Promise<void>;
}

export async function startFakeAri(port = 0): Promise<FakeAri> {
  const seen: FakeRequest[] = [];
  const sockets: WebSocket[] = [];
  const connections = new Set<Socket>();
  const upgrades = new WebSocketServer({ noServer: true, autoPong: false });
  const server = http.createServer();

  const note = (request: http.IncomingMessage): string => {
    const path = (request.url ?? '').replace(/^\/ari/, '');
    seen.push({ path, authorization: request.headers.authorization ?? null });
    return path;
  };
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => {
    const answer = fake.answers[note(request)];
    if (answer === null) return;
    const { status = 200, body = '' } = typeof answer === 'object' ? answer : { status: answer ?? 404 };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    note(request);
    const { handshake } = fake;
    if (handshake === null) return;
    if (handshake !== 'open') {
      socket.end(`HTTP/1.1 ${handshake} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.push(webSocket);
      webSocket.on('ping', () => (fake.pongs ? webSocket.pong() : undefined));
      webSocket.on('error', () => undefined);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  const fake: FakeAri = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ari`,
    seen,
    sockets,
    open: () => connections.size,
    answers: {},
    handshake: 'open',
    pongs: true,
    async stop() {
      for (const connection of connections) connection.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
