// ARI, and the WebSocket browsers use. Only questions: the one request that could change something must be refused,
// and names something that is not there.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Clock } from '../../../domain/clock.ts';
import { authorizationOf, resourceUrl, type AriAddress } from '../../adapters/asterisk/ari-address.ts';
import { AriError } from '../../adapters/asterisk/ari-error.ts';
import { ariGet } from '../../adapters/asterisk/ari-http.ts';
import type { AriFacts, CertificateFacts, SipFacts } from './facts.ts';

const DEADLINE_MS = 5_000;
const GOODBYE_MS = 500;
const DAY_MS = 86_400_000;

/** Rejects after the deadline; whoever is still at work then is left to end by itself. */
async function within<Result>(clock: Clock, what: string, work: Promise<Result>): Promise<Result> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(DEADLINE_MS, () => reject(new Error(`${what}: no answer in ${DEADLINE_MS} ms`)));
  });
  return Promise.race([work, late]).finally(() => cancel());
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
};

/** A user that may only read is refused before Asterisk looks for the channel. */
async function mayWrite(address: AriAddress, clock: Clock): Promise<'refused' | 'allowed' | 'unknown'> {
  const late = new AbortController();
  const stopTimer = clock.after(DEADLINE_MS, () => late.abort());
  try {
    const { status } = await fetch(resourceUrl(address, '/channels/desk-doctor-no-such-channel'), {
      method: 'DELETE',
      redirect: 'manual',
      headers: { ...authorizationOf(address), connection: 'close' },
      signal: late.signal,
    });
    if (status === 403) return 'refused';
    return status < 300 || status === 404 ? 'allowed' : 'unknown';
  } catch {
    return 'unknown';
  } finally {
    stopTimer();
  }
}

export async function readAri(address: AriAddress | null, clock: Clock): Promise<AriFacts> {
  if (!address) return { kind: 'not-configured' };
  try {
    const signal = new AbortController().signal;
    await ariGet(address, '/endpoints', { clock, timeoutMs: DEADLINE_MS, signal });
    return { kind: 'answers', write: await mayWrite(address, clock) };
  } catch (error) {
    if (!(error instanceof AriError)) throw error;
    const refused = `Asterisk refuses the ARI user ${address.user} or its password`;
    return { kind: 'failed', words: error.code === 'refused' ? refused : error.message };
  }
}

const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not one that browsers know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of its authority does not come with it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not one that browsers know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

/** Null when nothing that speaks TLS answers. */
async function readCertificate(url: URL, clock: Clock): Promise<CertificateFacts | null> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  const port = Number(url.port || 443);
  // Not to trust it but to say what is wrong with it: nothing is sent.
  const socket = tls.connect({ host, port, rejectUnauthorized: false, ...name });
  try {
    await within(clock, 'TLS', once(socket, 'secureConnect'));
    const { valid_to: end } = socket.getPeerCertificate();
    const fault: unknown = socket.authorized ? null : socket.authorizationError;
    const code =
      fault instanceof Error ? ((fault as NodeJS.ErrnoException).code ?? fault.message) : String(fault);
    return {
      problem: fault === null ? null : (CERTIFICATE_WORDS[code] ?? code),
      daysLeft: (Date.parse(end) - clock.now()) / DAY_MS,
    };
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

/** Says goodbye, so that Asterisk's log has no warning of it, but does not wait for long. */
async function hangUp(socket: WebSocket, clock: Clock): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  // An error is an end as well: a socket that never opened has no other.
  const closed = once(socket, 'close').catch(() => undefined);
  socket.on(
    'close',
    clock.after(GOODBYE_MS, () => socket.terminate()),
  );
  socket.close();
  await closed;
}

/** A REGISTER that asks which contacts there are (RFC 3261 §10.2.3) and adds none, without a secret. */
function question(extension: string, domain: string, secure: boolean): string {
  const [branch, tag, call] = [randomBytes(8), randomBytes(8), randomBytes(8)].map((it) =>
    it.toString('hex'),
  );
  return [
    `REGISTER sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/${secure ? 'WSS' : 'WS'} doctor.invalid;branch=z9hG4bK${branch ?? ''};rport`,
    'Max-Forwards: 70',
    `From: <sip:${extension}@${domain}>;tag=${tag ?? ''}`,
    `To: <sip:${extension}@${domain}>`,
    `Call-ID: ${call ?? ''}`,
    'CSeq: 1 REGISTER',
    'User-Agent: desk doctor',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

type SipAnswer = Omit<SipFacts, 'certificate' | 'extension'>;

async function ask(socket: WebSocket, text: string): Promise<SipAnswer> {
  await once(socket, 'open');
  const answered = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(text);
  const [answer] = await answered;
  const words = answer.toString();
  const status = /^SIP\/2\.0 (\d+)/.exec(words)?.[1];
  return {
    problem: status === undefined ? 'the answer is not SIP' : null,
    realm: /^WWW-Authenticate:.*\brealm="([^"]*)"/im.exec(words)?.[1] ?? null,
    openDoor: status === '200',
  };
}

export async function readSip(
  address: string | null,
  { extension, domain }: { readonly extension: string; readonly domain: string },
  clock: Clock,
): Promise<SipFacts | null> {
  if (address === null) return null;
  const url = new URL(address);
  const secure = url.protocol === 'wss:';
  const certificate = secure ? await readCertificate(url, clock) : null;
  const socket = new WebSocket(address, 'sip', { rejectUnauthorized: false, handshakeTimeout: DEADLINE_MS });
  socket.on('error', () => undefined);
  try {
    const answer = await within(clock, 'SIP', ask(socket, question(extension, domain, secure)));
    return { ...answer, extension, certificate };
  } catch (error) {
    return { problem: wordsOf(error), realm: null, openDoor: false, extension, certificate };
  } finally {
    await hangUp(socket, clock);
  }
}
