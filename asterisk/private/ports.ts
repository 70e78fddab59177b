// Free ports on loopback, so that several centres run side by side.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { randomBetween } from './wait.ts';

const host = '127.0.0.1';

/** `wanted` if it is free now (0: any the kernel gives), else null. */
function tryTcp(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(wanted, host, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : null);
      });
    });
  });
}

function tryUdp(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind({ port: wanted, address: host, exclusive: true }, () => {
      const { port } = socket.address();
      socket.close(() => {
        resolve(port);
      });
    });
  });
}

/** The port wanted, if free; the kernel's choice if none is wanted. Throws when a port wanted by name is taken. */
export async function freePort(kind: 'tcp' | 'udp', wanted: number | undefined): Promise<number> {
  const found = await (kind === 'tcp' ? tryTcp : tryUdp)(wanted ?? 0);
  if (found === null) throw new Error(`${kind} port ${wanted ?? 0} on ${host} is in use`);
  return found;
}

/** As freePort, but falls back to another port. */
export async function freePortLike(kind: 'tcp' | 'udp', before: number | undefined): Promise<number> {
  return (
    (before === undefined ? null : await (kind === 'tcp' ? tryTcp : tryUdp)(before)) ??
    freePort(kind, undefined)
  );
}

const rtpBlock = 400; // 100 calls with two legs, each an RTP and an RTCP port

/**
 * A block of UDP ports for RTP, below the ports the kernel hands out by itself. All are tried, but Asterisk takes
 * them only when a call comes: so the block is drawn by chance too (of 50), or two centres started together would
 * agree on the first. Should they meet all the same, Asterisk itself passes over a port in use.
 */
export async function freeRtpBlock(): Promise<{ start: number; end: number }> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const start = 12_000 + rtpBlock * randomBetween(0, 50);
    const ports = Array.from({ length: rtpBlock }, (_, offset) => start + offset);
    const tried = await Promise.all(ports.map(tryUdp));
    if (!tried.includes(null)) return { start, end: start + rtpBlock - 1 };
  }
  throw new Error('no block of free UDP ports for RTP between 12000 and 32000');
}
