// A few lines of AMI for our own scripts and tests: log in, send an action, hear events. The bridge has its own.
import { connect, type Socket } from 'node:net';
import { randomName, within } from './wait.ts';

export type AmiMessage = Readonly<Record<string, string>>;

export interface Ami {
  /** The answer to one action. Rejects when Asterisk says Error, or says nothing for 5 s. */
  action(fields: Readonly<Record<string, string>>): Promise<AmiMessage>;
  /** An action answered by a list: every message of the list, the Complete event last. */
  list(fields: Readonly<Record<string, string>>): Promise<AmiMessage[]>;
  /** Every event from now on; returns how to stop hearing them. */
  onEvent(hear: (event: AmiMessage) => void): () => void;
  /** Every event since the login, in order, list entries excepted. */
  readonly events: readonly AmiMessage[];
  readonly closed: Promise<void>;
  close(): void;
}

export interface AmiLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
}

/** Rejects when nobody listens or the login is refused. */
export async function connectAmi(login: AmiLogin): Promise<Ami> {
  const socket = connect({ host: login.host, port: login.port });
  const ami = speak(socket);
  try {
    await ami.action({ Action: 'Login', Username: login.user, Secret: login.secret });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return ami;
}

/** Repeated headers are joined by line ends, as `Output` needs it. */
function parse(block: string): Record<string, string> {
  const message: Record<string, string> = {};
  for (const line of block.split('\r\n')) {
    const at = line.indexOf(':');
    if (at < 1) continue;
    const name = line.slice(0, at);
    const value = line.slice(at + 1).trim();
    message[name] = message[name] === undefined ? value : `${message[name]}\n${value}`;
  }
  return message;
}

function write(socket: Socket, fields: Readonly<Record<string, string>>): void {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new Error('a line end in an AMI value');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

function speak(socket: Socket): Ami {
  const answers = new Map<string, (message: AmiMessage) => void>();
  const hearers = new Set<(event: AmiMessage) => void>();
  const events: AmiMessage[] = [];
  const gone = new Promise<Error>((resolve) => {
    socket.on('error', resolve);
    socket.on('close', () => {
      resolve(new Error('AMI closed the connection'));
    });
  });

  const handle = (message: AmiMessage): void => {
    const answer = answers.get(message['ActionID'] ?? '');
    if (answer) answer(message);
    else if (message['Event'] !== undefined) {
      events.push(message);
      for (const hear of hearers) hear(message);
    }
  };
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    rest += chunk;
    if (rest.startsWith('Asterisk Call Manager')) rest = rest.slice(rest.indexOf('\n') + 1);
    const blocks = rest.split('\r\n\r\n');
    rest = blocks.pop() ?? '';
    blocks.forEach((block) => {
      handle(parse(block));
    });
  });

  const ask = async (fields: Readonly<Record<string, string>>, whole: boolean): Promise<AmiMessage[]> => {
    const id = randomName();
    const said: AmiMessage[] = [];
    const done = new Promise<AmiMessage[]>((resolve, reject) => {
      answers.set(id, (message) => {
        said.push(message);
        if (message['Response'] === 'Error')
          reject(new Error(`${fields['Action'] ?? ''}: ${message['Message'] ?? ''}`));
        else if (!whole || message['EventList'] === 'Complete') resolve(said);
      });
      void gone.then(reject);
    });
    write(socket, { ...fields, ActionID: id });
    return within(`the answer to ${fields['Action'] ?? ''}`, 5000, done).finally(() => answers.delete(id));
  };

  return {
    action: async (fields) => (await ask(fields, false))[0] ?? {},
    list: (fields) => ask(fields, true),
    onEvent: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    events,
    closed: gone.then(() => undefined),
    close: () => socket.destroy(),
  };
}
