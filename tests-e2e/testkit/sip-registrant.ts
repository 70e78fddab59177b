// A phone on SIP over WebSocket as a desk's is, without media: registers with its session's HA1, answers OPTIONS, rings.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  authorization,
  header,
  parseSip,
  sipReply,
  sipText,
  statusOf,
  type SipMessage,
} from '../../asterisk/testing/sip-message.ts';

/** What the bridge hands a desk at sign-in (SE1). */
export interface SipAccount {
  readonly url: string;
  readonly aor: string;
  readonly contactName: string;
  readonly username: string;
  readonly ha1: string;
}

export interface Ring {
  /** Asterisk's Linkedid, as the dialplan gives it in X-Linkedid (ST6). */
  readonly linkedId: string;
  readonly queue: string;
  /** False once the caller left or another device took the call. */
  readonly ringing: boolean;
}

export interface SipRegistrant {
  /** Rejects with the status of the refusal. */
  readonly registered: Promise<void>;
  readonly rings: () => readonly Ring[];
  /** Final status of a REGISTER of that many seconds; 0 un-registers. */
  readonly register: (expiresS?: number) => Promise<number>;
  readonly unregister: () => Promise<void>;
  /** The network is gone without a word. */
  readonly destroySocket: () => void;
}

interface Ringing {
  readonly invite: SipMessage;
  ringing: boolean;
}

export function registerPhone(account: SipAccount): SipRegistrant {
  const { aor, contactName, username, ha1 } = account;
  const domain = aor.replace(/^sips?:[^@]+@/, 'sip:');
  const host = `${contactName}.invalid`;
  const socket = new WebSocket(account.url, 'sip');
  const opened = once(socket, 'open');
  const waiting = new Map<string, (message: SipMessage) => void>();
  const calls: Ringing[] = [];
  let cseq = 0;

  function ask(expiresS: number, lines: readonly string[]): Promise<SipMessage> {
    cseq += 1;
    const branch = `z9hG4bK-${contactName}-${cseq}`;
    return new Promise((resolve, reject) => {
      waiting.set(branch, resolve);
      socket.once('close', () => reject(new Error('the socket closed before the answer')));
      socket.send(
        sipText(`REGISTER ${domain} SIP/2.0`, [
          `via: SIP/2.0/WS ${host};branch=${branch};rport`,
          `from: <${aor}>;tag=${contactName}`,
          `to: <${aor}>`,
          `call-id: ${contactName}`,
          `cseq: ${cseq} REGISTER`,
          'max-forwards: 70',
          `contact: <sip:${contactName}@${host};transport=ws>`,
          `expires: ${expiresS}`,
          'user-agent: test registrant',
          ...lines,
        ]),
      );
    });
  }

  async function register(expiresS = 600): Promise<number> {
    await opened;
    const first = await ask(expiresS, []);
    if (statusOf(first) !== 401) return statusOf(first);
    const challenge = header(first, 'www-authenticate');
    const proof = authorization(challenge, 'REGISTER', domain, { user: username, ha1 });
    return statusOf(await ask(expiresS, [proof]));
  }

  async function registerNow(): Promise<void> {
    const status = await register();
    if (status !== 200) throw new Error(`REGISTER was answered with ${status}`);
  }

  function handleRequest(message: SipMessage): void {
    const reply = (status: string): void => socket.send(sipReply(message, status));
    const [method] = message.first.split(' ');
    if (method === 'ACK') return;
    if (method === 'INVITE') {
      calls.push({ invite: message, ringing: true });
      return reply('180 Ringing');
    }
    reply('200 OK');
    if (method !== 'CANCEL') return;
    const call = calls.find(({ invite }) => header(invite, 'call-id') === header(message, 'call-id'));
    if (!call) return;
    call.ringing = false;
    socket.send(sipReply(call.invite, '487 Request Terminated'));
  }

  socket.on('message', (data: Buffer) => {
    const message = parseSip(data.toString());
    const status = statusOf(message);
    if (status === 0) handleRequest(message);
    else if (status >= 200)
      waiting.get(/branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? '')?.(message);
  });
  socket.on('error', () => undefined);

  const registered = registerNow();
  // Whoever does not ask must not be told of it by a crash.
  registered.catch(() => undefined);
  return {
    registered,
    register,
    rings: () =>
      calls.map(({ invite, ringing }) => {
        return { linkedId: header(invite, 'x-linkedid'), queue: header(invite, 'x-queue'), ringing };
      }),
    async unregister() {
      await register(0);
      socket.terminate();
    },
    destroySocket: () => socket.terminate(),
  };
}
