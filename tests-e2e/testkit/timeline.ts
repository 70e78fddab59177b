// What Asterisk says of one agent and what a supervisor is shown, in one order of arrival, in words that can be compared.
import { WebSocket } from 'ws';
import type { Centre } from '../../tools/centre.ts';
import { signIn, type Frame } from './desk-client.ts';
import { connectRawAmi, type RawMessage } from './raw-ami.ts';
import { deviceTime, until } from './wait.ts';

/**
 * Asterisk's: `contact Reachable`, `paused: lunch`, `unpaused`, told once per queue. The supervisor's: `board: ONLINE`,
 * `board: ONLINE reconnecting`, `board: OFFLINE sip-not-registered`, and `probe: proven`.
 */
export interface Moment {
  /** ms. */
  readonly at: number;
  readonly what: string;
  /** WB2: whether the supervisor is shown that a call may come; null: not the supervisor's word. */
  readonly free: boolean | null;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  /** The supervisor's, as they came. */
  readonly frames: readonly Frame[];
  /** The first such moment that is `after` or later (ms); waits for it. */
  find(what: string | RegExp, after: number, timeoutMs?: number): Promise<Moment>;
  /** What was said from `after` (ms) on, without the words on probes. */
  story(after: number): readonly string[];
  close(): void;
}

interface SeenAgent {
  readonly extension: string;
  readonly status: string;
  readonly auto: string | null;
  readonly mark: string | null;
  readonly canTakeCall: boolean;
  readonly detail?: { readonly probe: string };
}

function asteriskWords(message: RawMessage, extension: string): string | null {
  const event = message.get('event');
  if (event === 'ContactStatus' && message.get('aor') === extension)
    return `contact ${message.get('contactstatus') ?? ''}`;
  if (event !== 'QueueMemberPause' || message.get('membername') !== extension) return null;
  return message.get('paused') === '1' ? `paused: ${message.get('pausedreason') ?? ''}` : 'unpaused';
}

const boardWords = ({ status, auto, mark }: SeenAgent): string =>
  ['board:', status, auto, mark].filter((word) => word !== null).join(' ');

/** A socket of the bridge with the snapshot taken; `told` hears of every frame. */
async function openSocket(url: string, token: string, told: (frame: Frame) => void): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`);
  socket.once('open', () => socket.send(JSON.stringify({ type: 'hello', protocol: 1, token })));
  await new Promise<void>((resolve, reject) => {
    socket.once('close', (code) => reject(new Error(`the supervisor’s socket closed with ${code}`)));
    socket.once('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      told(frame);
      if (frame.type === 'agents:snapshot') resolve();
    });
  });
  return socket;
}

/** Watches over 1100’s shoulder, for at most half a minute: it never says a word, and is then taken for frozen. */
export async function watchAgent(centre: Centre, extension: string): Promise<Timeline> {
  const { asterisk, url, logins } = centre;
  const moments: Moment[] = [];
  const frames: Frame[] = [];
  const last = new Map<string, string>();
  const note = (what: string, free: boolean | null = null): void =>
    void moments.push({ at: deviceTime(), what, free });
  /** A view comes whole whenever anything of it changed. */
  const noteChange = (kind: 'board' | 'probe', what: string, free: boolean): void => {
    if (last.get(kind) !== what) note(what, free);
    last.set(kind, what);
  };
  const handleFrame = (frame: Frame): void => {
    frames.push(frame);
    for (const agent of (frame['agents'] ?? []) as readonly SeenAgent[]) {
      if (agent.extension !== extension) continue;
      const { canTakeCall, detail } = agent;
      noteChange('board', boardWords(agent), canTakeCall);
      if (detail) noteChange('probe', `probe: ${detail.probe}`, canTakeCall);
    }
  };
  const ami = await connectRawAmi({ host: asterisk.host, port: asterisk.ports.ami, ...asterisk.ami.watch });
  ami.onMessage((message) => {
    const words = asteriskWords(message, extension);
    if (words !== null) note(words);
  });
  const password = logins.find((login) => login.extension === '1100')?.password ?? '';
  const { accessToken } = await signIn(url, '1100', password);
  const socket = await openSocket(url, accessToken, handleFrame);
  return {
    moments,
    frames,
    find(sought, after, timeoutMs) {
      const is = ({ what }: Moment): boolean =>
        typeof sought === 'string' ? what === sought : sought.test(what);
      return until(
        `${extension}: ${String(sought)}`,
        () => moments.find((one) => one.at >= after && is(one)),
        timeoutMs,
      );
    },
    story: (after) =>
      moments.filter(({ at, what }) => at >= after && !what.startsWith('probe:')).map(({ what }) => what),
    close() {
      ami.close();
      socket.terminate();
    },
  };
}
