// A signed-in client of the bridge without a browser: HTTP sign-in and the socket, written from docs/protocol.md alone.
import { WebSocket } from 'ws';
import type { Ear } from './ear.ts';
import { deviceTime } from './wait.ts';

export interface Frame {
  readonly n: number;
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface DeskGrant {
  readonly accessToken: string;
  readonly session: string;
  readonly sip: Readonly<Record<'url' | 'aor' | 'contactName' | 'username' | 'realm' | 'ha1', string>>;
  readonly cookie: string;
}

export interface DeskClient {
  readonly grant: DeskGrant;
  /** All frames so far, in order. */
  readonly frames: readonly Frame[];
  /** Sends a status.set; resolves with its ack or nack. */
  setStatus(status: string, reason: string | null, agent?: string): Promise<Frame>;
  /** Sends anything; nothing is checked. */
  sendText(text: string): void;
  readonly closed: Promise<number>;
  close(): void;
}

export async function signIn(url: string, extension: string, password: string): Promise<DeskGrant> {
  const response = await fetch(`${url}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ extension, password, device: 'test client' }),
  });
  if (!response.ok) throw new Error(`sign-in of ${extension}: ${response.status} ${await response.text()}`);
  const cookie = (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  return { ...((await response.json()) as Omit<DeskGrant, 'cookie'>), cookie };
}

/** Signs in, says hello and resolves with the snapshot taken. */
export async function openDesk(url: string, extension: string, password: string): Promise<DeskClient> {
  return joinDesk(url, await signIn(url, extension, password));
}

/** `ear`: that of the session's phone; without one it never answers a question (RG12). */
export async function joinDesk(url: string, grant: DeskGrant, ear?: Ear): Promise<DeskClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`);
  const frames: Frame[] = [];
  const waiting = new Map<string, (frame: Frame) => void>();
  let sequence = 0;
  let extension = '';
  let lastReceived: string | null = null;
  let requests = 0;
  const tellSeen = (nonce: unknown): void => {
    requests += 1;
    socket.send(JSON.stringify({ type: 'probe.seen', id: `p${requests}`, nonce }));
  };
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      frames.push(frame);
      if (frame.type === 'welcome') {
        const self = frame['self'] as { extension: string; lastSequence: number };
        ({ extension, lastSequence: sequence } = self);
      }
      if (frame.type === 'agents:snapshot') resolve();
      if (frame.type === 'probe') ear?.ask(() => tellSeen(frame['nonce']));
      const agents = (frame['agents'] ?? []) as {
        readonly extension: string;
        readonly detail?: { readonly lastReceived: string | null };
      }[];
      const own = agents.find((agent) => agent.extension === extension);
      if (own?.detail) lastReceived = own.detail.lastReceived;
      const id = frame['id'];
      if (typeof id === 'string') waiting.get(id)?.(frame);
    });
    socket.once('close', (code) => reject(new Error(`socket closed with ${code}`)));
    socket.once('error', reject);
  });
  socket.once('open', () =>
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: grant.accessToken })),
  );
  await ready;

  return {
    grant,
    frames,
    closed,
    setStatus(status, reason, agent) {
      requests += 1;
      sequence += 1;
      const id = `r${requests}`;
      const change = {
        sequence,
        status,
        reason,
        made: deviceTime(),
        seen: lastReceived,
      };
      const answer = new Promise<Frame>((resolve) => waiting.set(id, resolve));
      socket.send(
        JSON.stringify({ type: 'status.set', id, ...(agent === undefined ? {} : { agent }), change }),
      );
      return answer;
    },
    sendText: (text) => socket.send(text),
    close: () => socket.terminate(),
  };
}
