// SE1: a SIP secret per session, of which only the HA1 is ever written down or sent.
import { createHash, randomBytes } from 'node:crypto';
import type { SipSecret } from './ports.ts';

/** RFC 2617 §3.2.2.2. MD5 is what SIP digest in Asterisk and SIP.js share; the secret has 192 random bits. */
const ha1Of = (username: string, realm: string, secret: string): string =>
  createHash('md5').update(`${username}:${realm}:${secret}`).digest('hex');

/** The user part of the contact URI, so that every contact names its session (RG9); the prefix tells it from a desk phone. */
export const newSessionId = (): string => `s-${randomBytes(10).toString('hex')}`;

/** Whether it was made here; a desk phone may call itself anything. */
export const isSessionId = (id: string): boolean => /^s-[0-9a-f]{20}$/.test(id);

export function newSipSecret(extension: string, session: string, realm: string): SipSecret {
  const username = `${extension}-${session}`;
  return { username, ha1: ha1Of(username, realm, randomBytes(24).toString('base64url')) };
}
