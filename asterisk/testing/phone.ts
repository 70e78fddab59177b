// A phone on SIP over WebSocket, without media: registers, answers OPTIONS, collects calls. For tests.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { elapsed, randomName, within } from '../private/wait.ts';
import {
  authorization,
  header,
  parseSip,
  sipReply,
  sipText,
  statusOf,
  type Credential,
  type SipMessage,
} from './sip-message.ts';

export interface PhoneOptions {
  readonly url: string;
  readonly extension: string;
  /** User part of the contact, so that each contact names its session (RG9). */
  readonly session: string;
  /** Null: answers no challenge. */
  readonly credential: Credential | null;
  /** What to say to an INVITE; default 180, then nothing. */
  readonly onInvite?: (invite: SipMessage, phone: Phone) => void;
  /** Told of every request, before it is answered. */
  readonly onRequest?: (request: SipMessage) => void;
}

export interface Phone {
  /** Final status of a REGISTER, the challenge answered once. 0 seconds un-registers. */
  register(expiresS?: number): Promise<number>;
  /** Final status of any out-of-dialog request to `target`, the challenge answered once. */
  request(method: string, target: string): Promise<number>;
  reply(to: SipMessage, status: string, more?: readonly string[], body?: string): void;
  /** The WWW-Authenticate headers of the last 401. */
  readonly challenges: readonly string[];
  readonly received: readonly SipMessage[];
  /** Closes the connection as a page does that goes away. */
  close(): Promise<void>;
  /** The network is gone without a word. */
  destroy(): void;
}

export async function openPhone(options: PhoneOptions): Promise<Phone> {
  const socket = new WebSocket(options.url, 'sip');
  await once(socket, 'open');
  return speak(socket, options);
}

function speak(socket: WebSocket, options: PhoneOptions): Phone {
  const host = `${options.session}.invalid`;
  const waiting = new Map<string, (message: SipMessage) => void>();
  const received: SipMessage[] = [];
  const callId = randomName();
  let challenges: readonly string[] = [];
  let cseq = 0;

  const send = async (method: string, target: string, lines: readonly string[]): Promise<SipMessage> => {
    cseq += 1;
    const branch = `z9hG4bK${randomName()}`;
    const answered = new Promise<SipMessage>((resolve) => waiting.set(branch, resolve));
    const to = method === 'REGISTER' ? `sip:${options.extension}@127.0.0.1` : target;
    socket.send(
      sipText(`${method} ${target} SIP/2.0`, [
        `via: SIP/2.0/WS ${host};branch=${branch};rport`,
        `from: <sip:${options.extension}@127.0.0.1>;tag=${callId}`,
        `to: <${to}>`,
        `call-id: ${callId}${method}`,
        `cseq: ${cseq} ${method}`,
        'max-forwards: 70',
        `contact: <sip:${options.session}@${host};transport=ws>`,
        'user-agent: test phone',
        ...lines,
      ]),
    );
    return within(`the answer to ${method}`, 5000, answered).finally(() => waiting.delete(branch));
  };

  const ask = async (method: string, target: string, lines: readonly string[] = []): Promise<number> => {
    const first = await send(method, target, lines);
    if (statusOf(first) !== 401) return statusOf(first);
    challenges = first.headers.get('www-authenticate') ?? [];
    if (!options.credential) return 401;
    const proof = authorization(challenges[0] ?? '', method, target, options.credential);
    return statusOf(await send(method, target, [...lines, proof]));
  };

  const phone: Phone = {
    register: (expiresS = 3600) => ask('REGISTER', 'sip:127.0.0.1', [`expires: ${expiresS}`]),
    request: ask,
    reply: (to, status, more, body) => {
      socket.send(sipReply(to, status, more, body));
    },
    get challenges() {
      return challenges;
    },
    received,
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      // With a call pending Asterisk holds its end open until the transaction times out; a page would not wait.
      await Promise.race([closed, elapsed(200)]);
      socket.terminate();
      await closed;
    },
    destroy: () => socket.terminate(),
  };

  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const message = parseSip(data.toString());
    const status = statusOf(message);
    if (status >= 200) waiting.get(/branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? '')?.(message);
    if (status > 0) return;
    received.push(message);
    options.onRequest?.(message);
    if (message.first.startsWith('OPTIONS ')) phone.reply(message, '200 OK');
    else if (message.first.startsWith('INVITE ')) (options.onInvite ?? ring)(message, phone);
    else if (!message.first.startsWith('ACK ')) phone.reply(message, '200 OK');
    if (message.first.startsWith('CANCEL ')) {
      const invite = received.findLast((earlier) => earlier.first.startsWith('INVITE '));
      if (invite) phone.reply(invite, '487 Request Terminated');
    }
  });
  return phone;
}

function ring(invite: SipMessage, phone: Phone): void {
  phone.reply(invite, '180 Ringing');
}
