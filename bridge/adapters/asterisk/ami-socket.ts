// The socket under the library. The library opens it itself and keeps it to itself, which leaves no TLS, no limits
// and no way to destroy it (defects 9, 26, 28); so it is made here and handed over.
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import type { AsteriskManager } from 'asterisk-manager';
import { AmiError } from './ami-error.ts';

export interface AmiTls {
  /** PEM of the authority that signed Asterisk's certificate; without it the system's authorities. */
  readonly ca?: string;
  /** Name the certificate must carry; default: the host. */
  readonly serverName?: string;
}

export interface AmiEndpoint {
  readonly host: string;
  readonly port: number;
  /** Always verified: there is no switch to accept any certificate. */
  readonly tls?: AmiTls;
}

function open({ host, port, tls: secure }: AmiEndpoint, plain: typeof net.createConnection): net.Socket {
  if (secure === undefined) return plain({ host, port });
  const servername = secure.serverName ?? host;
  return tls.connect({
    host,
    port,
    rejectUnauthorized: true,
    ...(secure.ca === undefined ? {} : { ca: secure.ca }),
    // An address is no server name (RFC 6066); the certificate is then matched against the host.
    ...(net.isIP(servername) === 0 ? { servername } : {}),
  });
}

/**
 * Lets the library connect, but with our socket. `net.createConnection` is replaced for this one synchronous call
 * only, so nothing else can meet the replacement. `prepare` runs before the library puts its own listeners on.
 */
export function openSocket(
  manager: AsteriskManager,
  endpoint: AmiEndpoint,
  prepare: (socket: net.Socket) => void,
): net.Socket {
  const plain = net.createConnection;
  let made: net.Socket | undefined;
  const ours = (): net.Socket => {
    made = open(endpoint, plain);
    prepare(made);
    return made;
  };
  Object.assign(net, { createConnection: ours });
  try {
    manager.connect(endpoint.port, endpoint.host);
  } catch (cause) {
    throw new AmiError('invalid', 'no socket can be made for this address', cause);
  } finally {
    Object.assign(net, { createConnection: plain });
  }
  if (made === undefined) throw new AmiError('connect', 'asterisk-manager opened no socket');
  return made;
}

/**
 * One chunk (64 KiB at most), then everybody else. libuv reads up to 32 of them in a row, and parsing the megabyte of
 * 2,000 contacts took the event loop for 60 ms (measured); a click must not wait for that.
 */
export function readInTurns(socket: net.Socket): void {
  socket.on('data', () => {
    socket.pause();
    void setImmediate().then(() => socket.resume());
  });
}

export interface ByteGuard {
  /** The library finished an item. */
  itemDone(): void;
  /** The library has read what has come so far. */
  chunkRead(): void;
}

/**
 * Calls `onOverflow` when a line, or an item, grows beyond what Asterisk ever sends: the library would collect it
 * without end (defect 28) and swallow every event behind an unclosed "follows" response (defect 21).
 * Counted in UTF-16 units, which for AMI's nearly pure ASCII is bytes.
 */
export function guardBytes(
  socket: net.Socket,
  limits: { readonly lineBytes: number; readonly itemBytes: number },
  onOverflow: (what: string) => void,
): ByteGuard {
  let line = 0;
  let item = 0;
  socket.on('data', (chunk: Buffer | string) => {
    const text = String(chunk);
    const firstEnd = text.indexOf('\n');
    item += text.length;
    const longest = line + (firstEnd < 0 ? text.length : firstEnd);
    line = firstEnd < 0 ? longest : text.length - text.lastIndexOf('\n') - 1;
    if (Math.max(longest, line) > limits.lineBytes) onOverflow('a line without end');
  });
  return {
    itemDone: () => void (item = 0),
    chunkRead() {
      if (item > limits.itemBytes) onOverflow('a message without end');
    },
  };
}
