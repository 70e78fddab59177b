// An AMI connection of the tests' own, sharing no code with the product: what it sees is independent evidence.
import { connect, type Socket } from 'node:net';

export type RawMessage = ReadonlyMap<string, string>;

export interface RawAmi {
  /** Writes an action without waiting for its response. */
  send(action: string, fields: Readonly<Record<string, string>>): void;
  /** Every message, responses included, in order of arrival. Returns the way to stop. */
  onMessage(listener: (message: RawMessage) => void): () => void;
  /** Sends an action and collects what answers it: the response, and the items of a list until it is complete. */
  ask(action: string, fields?: Readonly<Record<string, string>>): Promise<readonly RawMessage[]>;
  close(): void;
}

function parse(block: string): RawMessage {
  const pairs = block.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trimStart()];
  });
  return new Map(pairs);
}

function write(socket: Socket, action: string, fields: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ Action: action, ...fields }).map(([key, value]) => `${key}: ${value}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

export async function connectRawAmi(address: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
}): Promise<RawAmi> {
  const socket = connect(address.port, address.host);
  socket.setNoDelay(true).setEncoding('utf8');
  const listeners = new Set<(message: RawMessage) => void>();
  let rest = '';
  let asked = 0;
  socket.on('data', (data: string) => {
    rest += data;
    const blocks = rest.split('\r\n\r\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = parse(block.replace(/^Asterisk Call Manager[^\r]*\r\n/, ''));
      for (const listener of [...listeners]) listener(message);
    }
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);

  function ask(
    action: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<readonly RawMessage[]> {
    asked += 1;
    const id = `ask-${asked}`;
    return new Promise((resolve, reject) => {
      const collected: RawMessage[] = [];
      const stop = onMessage((message) => {
        if (message.get('actionid') !== id) return;
        collected.push(message);
        const listStarts = message.get('eventlist') === 'start';
        const done = message.has('response') ? !listStarts : message.get('eventlist') === 'Complete';
        if (!done) return;
        stop();
        resolve(collected);
      });
      socket.once('close', () => reject(new Error('AMI closed')));
      write(socket, action, { ...fields, ActionID: id });
    });
  }
  function onMessage(listener: (message: RawMessage) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }
  const [login] = await ask('Login', { Username: address.user, Secret: address.secret });
  if (login?.get('response') !== 'Success') throw new Error('AMI login refused');
  return {
    send: (action, fields) => write(socket, action, fields),
    onMessage,
    ask,
    close: () => void socket.destroy(),
  };
}
