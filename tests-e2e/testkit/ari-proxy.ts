// A proxy before ARI: breaks `GET /endpoints`, drops events of its WebSocket.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

export type AriFault =
  | { readonly type: 'refuse'; readonly status: number }
  /** Never answered. */
  | { readonly type: 'swallow' }
  | { readonly type: 'answer'; readonly body: string }
  | { readonly type: 'edit'; readonly edit: (body: string) => string };

export interface AriProxy {
  /** The ARI URL. */
  readonly url: string;
  /** What `GET /endpoints` meets from now on; null: it passes. */
  breakEndpoints(fault: AriFault | null): void;
  /** Events of which this says true are gone; null: all pass. */
  drop(isDropped: ((event: string) => boolean) | null): void;
  close(): Promise<void>;
}

interface Place {
  fault: AriFault | null;
  isDropped: ((event: string) => boolean) | null;
  readonly target: { readonly host: string; readonly port: number };
}

const authorizationOf = ({ headers }: IncomingMessage): Record<string, string> => ({
  authorization: headers.authorization ?? '',
});

async function pass(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
  const { host, port } = place.target;
  const fault = request.url?.endsWith('/endpoints') === true ? place.fault : null;
  if (fault?.type === 'swallow') return;
  if (fault?.type === 'refuse') return void response.writeHead(fault.status).end();
  if (fault?.type === 'answer') return void response.end(fault.body);
  const answer = await fetch(`http://${host}:${port}${request.url ?? ''}`, {
    headers: { ...authorizationOf(request), connection: 'close' },
  });
  const body = await answer.text();
  response.writeHead(answer.status).end(fault ? fault.edit(body) : body);
}

/** Opens Asterisk's side first: the bridge's handshake is answered as Asterisk answers ours. */
async function joinEvents(request: IncomingMessage, accept: () => Promise<WebSocket>, place: Place) {
  const { host, port } = place.target;
  const asterisk = new WebSocket(`ws://${host}:${port}${request.url ?? ''}`, {
    headers: authorizationOf(request),
  });
  asterisk.on('error', () => undefined);
  const early: string[] = [];
  let tell = (text: string): void => void early.push(text);
  asterisk.on('message', (data: Buffer) => {
    const text = data.toString();
    if (place.isDropped?.(text) !== true) tell(text);
  });
  await once(asterisk, 'open');
  const bridge = await accept();
  bridge.on('error', () => undefined);
  tell = (text) => bridge.send(text);
  for (const text of early) tell(text);
  bridge.once('close', () => asterisk.terminate());
  asterisk.once('close', () => bridge.terminate());
}

export async function openAriProxy(target: Place['target']): Promise<AriProxy> {
  const place: Place = { fault: null, isDropped: null, target };
  const connections = new Set<Duplex>();
  const upgrades = new WebSocketServer({ noServer: true });
  const server = http.createServer((request, response) => {
    pass(request, response, place).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, stream: Duplex, head: Buffer) => {
    const accept = (): Promise<WebSocket> =>
      new Promise((resolve) => upgrades.handleUpgrade(request, stream, head, resolve));
    joinEvents(request, accept, place).catch(() => stream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ari`,
    breakEndpoints: (fault) => void (place.fault = fault),
    drop: (isDropped) => void (place.isDropped = isDropped),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const connection of connections) connection.destroy();
      }),
  };
}
