// A WebSocket client that keeps no rule (RFC 6455 by hand): any bytes at all, and it need not close, read or answer.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './desk-client.ts';
import { until } from './wait.ts';

export interface Intruder {
  /** Text goes as a text frame, bytes as they are. */
  send(...what: readonly (string | Buffer)[]): void;
  /** What the bridge said, in order. */
  readonly frames: readonly Frame[];
  answer(id: string): Promise<Frame>;
  /** Code and words of the bridge's close frame, e.g. `4002 a frame that is not of the protocol`. */
  closed(): Promise<string>;
  /** The bridge has cut the line. */
  isGone(): boolean;
  /** Bytes the bridge has not taken yet. */
  backlog(): number;
  stopReading(): void;
  destroy(): void;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, reserved: 3, close: 8, ping: 9 } as const;

interface FrameOptions {
  readonly opcode?: number;
  /** RSV1: "compressed", which was never agreed upon. */
  readonly compressed?: boolean;
  readonly unmasked?: boolean;
  readonly unfinished?: boolean;
  /** What the header says when it lies. */
  readonly length?: number;
}

/** A client's frame (RFC 6455 §5.2); the mask is zero, which changes nothing. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODE.text, compressed, unmasked, unfinished } = options;
  const data = Buffer.from(payload as string);
  const length = options.length ?? data.length;
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + size + (unmasked ? 0 : 4));
  header[0] = (unfinished ? 0 : 0x80) | (compressed ? 0x40 : 0) | opcode;
  header[1] = (unmasked ? 0 : 0x80) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) header.writeUInt16BE(length, 2);
  if (size === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, data]);
}

/** Takes whole frames of a server off the front of `bytes`. */
function read(bytes: Buffer, take: (opcode: number, payload: Buffer) => void): Buffer {
  let rest = bytes;
  while (rest.length >= 2) {
    const short = (rest[1] ?? 0) & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (rest.length < start) break;
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < start + length) break;
    take((rest[0] ?? 0) & 0x0f, rest.subarray(start, start + length));
    rest = rest.subarray(start + length);
  }
  return rest;
}

function upgrade(url: string, headers: Readonly<Record<string, string>>): Promise<Socket> {
  const key = randomBytes(16).toString('base64');
  const asking = request(`${url}/socket`, {
    headers: {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': key },
      ...{ 'sec-websocket-version': '13', ...headers },
    },
  });
  asking.end();
  return new Promise((resolve, reject) => {
    asking.once('upgrade', (_answer, socket: Socket) => resolve(socket));
    asking.once('response', (answer) => reject(new Error(`no upgrade: ${answer.statusCode}`)));
    asking.once('error', reject);
  });
}

/** `url`: of the bridge. With a token the hello has been answered when this resolves. */
export async function intrude(
  url: string,
  options: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Intruder> {
  const socket = await upgrade(url, options.headers ?? {});
  const frames: Frame[] = [];
  let closing: string | null = null;
  let gone = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.once('close', () => (gone = true));
  socket.on('data', (data: Buffer) => {
    rest = read(Buffer.concat([rest, data]), (opcode, payload) => {
      if (opcode === OPCODE.text) frames.push(JSON.parse(payload.toString()) as Frame);
      if (opcode !== OPCODE.close) return;
      closing = `${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`.trim();
    });
  });
  const intruder: Intruder = {
    frames,
    send(...what) {
      for (const one of what) if (!gone) socket.write(typeof one === 'string' ? frame(one) : one);
    },
    answer: (id) => until(`an answer to ${id}`, () => frames.find((one) => one['id'] === id)),
    closed: () => until('the bridge closes the socket', () => closing),
    isGone: () => gone,
    backlog: () => socket.writableLength,
    stopReading: () => void socket.pause(),
    destroy: () => void socket.destroy(),
  };
  if (options.token !== undefined) {
    intruder.send(JSON.stringify({ type: 'hello', protocol: 1, token: options.token }));
    await until('the welcome and the picture', () => frames.length >= 3);
  }
  return intruder;
}
