// RG12: Asterisk's "are you there?" on the wire. SIP.js answers it by itself and tells nobody.
import type { UserAgent } from 'sip.js';

/** Whether a SIP message is an OPTIONS whose request URI names this session (RG9: the user part of its contact). */
export function asksSession(message: string, contactName: string): boolean {
  const user = /^OPTIONS sips?:([^@;?\s]+)@\S+ SIP\/2\.0\r?\n/i.exec(message)?.[1];
  return user === contactName;
}

/** Calls `asked` after SIP.js has dealt with each such question. */
export function hearQuestions({ transport }: UserAgent, contactName: string, asked: () => void): void {
  const handle = transport.onMessage;
  transport.onMessage = (message) => {
    handle?.(message);
    if (asksSession(message, contactName)) asked();
  };
}
