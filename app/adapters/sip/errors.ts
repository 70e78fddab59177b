// The one place where SIP's and the browser's failures become ours.
import type { Core } from 'sip.js';
import { AppError } from '../../models/app-error.ts';

export const transportError = (cause?: unknown): AppError =>
  new AppError('sip-transport', { retryable: true, cause });

/** A final response to REGISTER other than 200. `expectedRealm`: the one our HA1 was made for (RFC 2617 §3.2.2.2). */
export function registerRefusal(message: Core.IncomingResponseMessage, expectedRealm: string): AppError {
  const { statusCode = 0 } = message;
  // SIP.js answers an overdue REGISTER itself with 408, an unsendable one with 503.
  if (statusCode === 408) return new AppError('sip-timeout', { retryable: true });
  const challenge = message.getHeader('WWW-Authenticate');
  const realm = challenge === undefined ? null : /realm="([^"]*)"/.exec(challenge)?.[1];
  const otherRealm = typeof realm === 'string' && realm !== expectedRealm;
  return new AppError(otherRealm ? 'sip-realm' : 'sip-refused', { retryable: true, cause: statusCode });
}

/** Why an INVITE could not be accepted. */
export function answerError(cause: unknown, gone: boolean): AppError {
  if (gone) return new AppError('call-gone', { retryable: false, cause });
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : '';
  const microphone = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'OverconstrainedError'];
  return new AppError(microphone.includes(name) ? 'microphone' : 'media', { retryable: false, cause });
}
