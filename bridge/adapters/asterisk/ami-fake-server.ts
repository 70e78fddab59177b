// A TCP server that speaks enough AMI for the tests of the wrapper, and can misbehave on demand. Only for tests.
import net from 'node:net';
import tls from 'node:tls';

export type FakeAction = Readonly<Record<string, string>>;

export interface FakePeer {
  /** Bytes as they are. */
  raw(text: string): void;
  /** One message; headers in order, a blank line behind. */
  send(...headers: string[]): void;
  /** A response to `action`, Success unless the headers say otherwise. */
  reply(action: FakeAction, ...headers: string[]): void;
  /** Ends this side without reading on (FIN or RST, as the kernel likes). */
  cut(): void;
  /** Stops reading and answering: a half-open connection. */
  freeze(): void;
  /** Resolves when the client's side is gone. */
  readonly gone: Promise<void>;
}

export interface FakeAmi {
  readonly port: number;
  /** Every action received so far, Login among them, lower-case keys. */
  readonly seen: readonly FakeAction[];
  /** All bytes received. */
  wire(): string;
  /** The next action of this name not yet taken by `next`, with its peer. */
  next(name: string): Promise<{ action: FakeAction; peer: FakePeer }>;
  /** Everybody who connected, gone or not, in order. */
  peers(): readonly FakePeer[];
  /** Sockets open now. */
  open(): number;
  stop(): Promise<void>;
}

export interface FakeAmiOptions {
  readonly secret?: string;
  readonly greeting?: string;
  /** Port to listen on; default: any free one. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** False: still loading, no FullyBooted behind the login. Default true. */
  readonly booted?: boolean;
  /** Names of actions the server leaves to the test instead of answering. */
  readonly leave?: readonly string[];
}

function parse(block: string): FakeAction {
  const action: Record<string, string> = {};
  for (const line of block.split('\r\n')) {
    const colon = line.indexOf(': ');
    action[line.slice(0, colon).toLowerCase()] = line.slice(colon + 2);
  }
  return action;
}

function createPeer(socket: net.Socket): FakePeer {
  const peer: FakePeer = {
    raw: (text) => void socket.write(text),
    send: (...headers) => void socket.write(`${headers.join('\r\n')}\r\n\r\n`),
    reply(action, ...headers) {
      const own = headers.some((header) => header.startsWith('Response:'))
        ? headers
        : ['Response: Success', ...headers];
      peer.send(own[0] ?? '', `ActionID: ${action['actionid'] ?? ''}`, ...own.slice(1));
    },
    cut: () => socket.destroy(),
    freeze: () => void socket.pause(),
    gone: new Promise((resolve) => socket.once('close', () => resolve())),
  };
  return peer;
}

function answer(action: FakeAction, peer: FakePeer, options: FakeAmiOptions): void {
  const name = action['action']?.toLowerCase() ?? '';
  if (options.leave?.some((left) => left.toLowerCase() === name) === true) return;
  if (name === 'login' && action['secret'] !== (options.secret ?? 'sesame')) {
    peer.reply(action, 'Response: Error', 'Message: Authentication failed');
  } else if (name === 'login') {
    peer.reply(action, 'Message: Authentication accepted');
    if (options.booted !== false) peer.send('Event: FullyBooted', 'Status: Fully Booted');
  } else if (name === 'events') {
    peer.reply(action, `Events: ${action['eventmask'] === 'off' ? 'Off' : 'On'}`);
  } else if (name === 'ping') {
    peer.reply(action, 'Ping: Pong');
  } else if (name === 'logoff') {
    peer.reply(action, 'Response: Goodbye', 'Message: Thanks for all the fish.');
    peer.cut();
  }
}

/** Starts listening on loopback. */
export async function startFakeAmi(options: FakeAmiOptions = {}): Promise<FakeAmi> {
  const seen: FakeAction[] = [];
  const untaken: { action: FakeAction; peer: FakePeer }[] = [];
  const waiting: { name: string; resolve: (found: { action: FakeAction; peer: FakePeer }) => void }[] = [];
  const peers: FakePeer[] = [];
  const sockets = new Set<net.Socket>();
  let wire = '';

  const match = (): void => {
    for (const waiter of [...waiting]) {
      const index = untaken.findIndex(
        ({ action }) => action['action']?.toLowerCase() === waiter.name.toLowerCase(),
      );
      const found = untaken[index];
      if (!found) continue;
      untaken.splice(index, 1);
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.resolve(found);
    }
  };

  const accept = (socket: net.Socket): void => {
    const peer = createPeer(socket);
    peers.push(peer);
    let buffer = '';
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    peer.raw(options.greeting ?? 'Asterisk Call Manager/9.0.0\r\n');
    socket.on('data', (chunk) => {
      wire += String(chunk);
      const blocks = (buffer + String(chunk)).split('\r\n\r\n');
      buffer = blocks.pop() ?? '';
      for (const block of blocks) {
        const action = parse(block);
        seen.push(action);
        untaken.push({ action, peer });
        answer(action, peer, options);
      }
      match();
    });
  };

  const server = options.tls ? tls.createServer(options.tls, accept) : net.createServer(accept);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    seen,
    wire: () => wire,
    peers: () => peers,
    open: () => sockets.size,
    next: (name) =>
      new Promise((resolve) => {
        waiting.push({ name, resolve });
        match();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
