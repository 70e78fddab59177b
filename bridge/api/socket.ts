// The WebSocket server: accepts upgrades at `/socket` from our own pages only, and hands each socket to a connection.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { CLOSE } from '../../domain/protocol/close-codes.ts';
import { MAX_FRAME_BYTES } from '../../domain/protocol/client.ts';
import type { Log } from '../log.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import { createRateLimit } from './rate-limit.ts';

interface SocketDeps extends Omit<ConnectionDeps, 'frames'> {
  isOwnOrigin(origin: string | undefined, host: string | undefined): boolean;
}

/** Frames one page may send at once, and ms per further frame: 200 a second in the long run. */
const FRAME_LIMIT = { burst: 200, refillMs: 5 };

/** ms for the other side to agree to a close; then the line is cut, or a flood would be read on for half a minute. */
const CLOSE_TIMEOUT_MS = 2_000;

function serve(socket: WebSocket, deps: SocketDeps, log: Log): void {
  const frames = createRateLimit(deps.clock, FRAME_LIMIT);
  const connection = new Connection(
    {
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      backlog: () => socket.bufferedAmount,
    },
    { ...deps, frames },
  );
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary || !Buffer.isBuffer(data)) return connection.handleBinary();
    connection.handleFrame(data.toString('utf8'), data.length);
  });
  // Pongs go out by themselves; pings are not of the protocol, and must not be the way around its limit.
  socket.on('ping', () => {
    if (!frames.take('frames')) socket.close(CLOSE.tooFast.code, CLOSE.tooFast.text);
  });
  socket.on('close', () => connection.handleClosed());
  // An oversized or malformed frame: ws closes the socket itself with the fitting code.
  socket.on('error', (error) => log.debug({ error: error.message }, 'socket error'));
}

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

export interface SocketServer {
  close(): Promise<void>;
}

export function serveSockets(server: Server, deps: SocketDeps): SocketServer {
  // `closeTimeout` is missing in the types of ws.
  const limits = { maxPayload: MAX_FRAME_BYTES, closeTimeout: CLOSE_TIMEOUT_MS };
  const sockets = new WebSocketServer({ ...limits, noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const path = (request.url ?? '').split('?', 1)[0];
    if (!path?.endsWith('/socket')) return refuseUpgrade(stream, '404 Not Found');
    if (!deps.isOwnOrigin(request.headers.origin, request.headers.host))
      return refuseUpgrade(stream, '403 Forbidden');
    sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, deps, deps.log));
  });
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close(() => resolve());
      }),
  };
}
