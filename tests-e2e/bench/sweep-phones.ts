// Thousands of phones behind one UDP socket: they register and un-register, and that is all. Nobody rings them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { endpointRows } from '../../asterisk/reference/endpoint.ts';
import { header, parseSip, sipText, statusOf } from '../../asterisk/testing/sip-message.ts';
import { pause } from './stopwatch.ts';

/** REGISTERs without an answer at one time; loopback loses none of so few. */
const AT_ONCE = 20;

type Row = Readonly<Record<string, string | number>>;

function put(database: DatabaseSync, table: string, row: Row): void {
  const names = Object.keys(row);
  const marks = names.map(() => '?').join(', ');
  database.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...Object.values(row));
}

/**
 * Before Asterisk starts: endpoints that ask for no secret, on loopback and for the time of the benchmark. They are not
 * qualified: thousands of OPTIONS would only be answered by this same process.
 */
export function provisionOpen(dbFile: string, extensions: readonly string[]): void {
  const database = new DatabaseSync(dbFile);
  database.exec('BEGIN');
  for (const extension of extensions) {
    const { endpoint, aor } = endpointRows(extension, `Agent ${extension}`, '', 0);
    put(database, 'ps_aors', aor);
    put(database, 'ps_endpoints', { ...endpoint, auth: '' });
  }
  database.exec('COMMIT');
  database.close();
}

export interface Phones {
  /** Resolves when all of them are registered (or not); throws naming the first that was refused. */
  register(extensions: readonly string[], registered: boolean): Promise<void>;
  close(): void;
}

export async function openPhones(sipPort: number): Promise<Phones> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const waiting = new Map<string, (status: number) => void>();
  let cseq = 0;
  socket.on('message', (data) => {
    const message = parseSip(data.toString());
    const status = statusOf(message);
    const branch = /branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? '';
    if (status >= 200) waiting.get(branch)?.(status);
  });

  async function one(extension: string, expiresS: number): Promise<void> {
    cseq += 1;
    const branch = `z9hG4bK${extension}x${cseq}`;
    const answered = new Promise<number>((resolve) => waiting.set(branch, resolve));
    const request = sipText('REGISTER sip:127.0.0.1 SIP/2.0', [
      `via: SIP/2.0/UDP 127.0.0.1:${port};branch=${branch};rport`,
      `from: <sip:${extension}@127.0.0.1>;tag=${extension}`,
      `to: <sip:${extension}@127.0.0.1>`,
      `call-id: bench-${extension}`,
      `cseq: ${cseq} REGISTER`,
      'max-forwards: 70',
      `contact: <sip:s-${extension}@127.0.0.1:${port}>`,
      `expires: ${expiresS}`,
      'user-agent: bench phone',
    ]);
    socket.send(request, sipPort, '127.0.0.1');
    const status = await Promise.race([answered, pause(10_000).then(() => 0)]);
    waiting.delete(branch);
    if (status !== 200) throw new Error(`REGISTER of ${extension} was answered with ${status || 'nothing'}`);
  }

  return {
    async register(extensions, registered) {
      const rest = [...extensions];
      const work = async (): Promise<void> => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift())
          await one(next, registered ? 3_600 : 0);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    },
    close: () => socket.close(),
  };
}
