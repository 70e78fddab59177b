// A TCP proxy before an AMI port: passes, delays both ways, or cuts. What goes through keeps its order.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { pass } from './wait.ts';

export interface AmiProxy {
  readonly port: number;
  /** Everything goes through at once again; what was held back goes first. */
  clear(): void;
  /** What comes from now on arrives that much later, in both directions. */
  delay(ms: number): void;
  /** All connections break; new ones are refused until `clear`. */
  cut(): void;
  close(): Promise<void>;
}

export async function openAmiProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<AmiProxy> {
  const sockets = new Set<Socket>();
  let refusing = false;
  let delayMs = 0;
  let release = Promise.withResolvers<void>();

  /** Bytes of one direction, each after its own delay and never before what came earlier. */
  function pipe(from: Socket, to: Socket): void {
    let waiting = 0;
    let tail: Promise<unknown> = Promise.resolve();
    const inTurn = (act: () => void): void => {
      if (waiting === 0 && delayMs === 0) return act();
      const due = Promise.race([pass(delayMs), release.promise]);
      waiting += 1;
      tail = tail
        .then(() => due)
        .then(() => {
          waiting -= 1;
          act();
        });
    };
    from.on('data', (data: Buffer) => inTurn(() => void to.write(data)));
    from.once('close', () => {
      sockets.delete(from);
      inTurn(() => void to.destroy());
    });
    from.on('error', () => undefined);
    from.setNoDelay(true);
    sockets.add(from);
  }

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const asterisk = connect(target.port, target.host);
    pipe(client, asterisk);
    pipe(asterisk, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function releaseHeld(): void {
    release.resolve();
    release = Promise.withResolvers();
  }
  function breakAll(): void {
    for (const socket of sockets) socket.destroy();
  }
  return {
    port: (server.address() as AddressInfo).port,
    clear() {
      refusing = false;
      delayMs = 0;
      releaseHeld();
    },
    delay(ms) {
      delayMs = ms;
    },
    cut() {
      refusing = true;
      breakAll();
      releaseHeld();
    },
    close: () =>
      new Promise((done) => {
        refusing = true;
        server.close(() => done());
        breakAll();
        releaseHeld();
      }),
  };
}
