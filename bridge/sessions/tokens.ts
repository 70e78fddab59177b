// SE1: access and refresh tokens. Pure judgement here; the clock and the store are the caller's.
import { createHash, createHmac } from 'node:crypto';
import type { RefreshToken } from './ports.ts';

/** ms an access token is good for. */
export const ACCESS_TOKEN_MS = 5 * 60_000;
/** ms a refresh token is good for when nobody uses it: one shift and some. */
export const REFRESH_TOKEN_MS = 14 * 3_600_000;
/** ms a receipt of a sign-out while cut off is good for (SE8): as long as its changes are accepted (WR1). */
export const RECEIPT_MS = 90 * 24 * 3_600_000;
/** ms the predecessor goes on working after its exchange, for an answer that got lost (SE1). */
export const PREDECESSOR_MS = 60_000;

/** SHA-256; what the store keeps instead of the token. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * The successor is computed, not drawn: whoever repeats an exchange whose answer was lost gets the same token,
 * so that the chain never forks. Without the key nobody can go from a token to the next (HMAC-SHA-256, RFC 2104).
 */
export const successorOf = (token: string, key: Buffer): string =>
  createHmac('sha256', key).update(`refresh:${token}`).digest('base64url');

export type RefreshJudgement = 'exchange' | 'repeat' | 'reused' | 'expired';

/**
 * What a presented refresh token means. `successorUsed`: its successor was itself exchanged.
 * `repeat`: the client did not get the answer; it gets the same one again. `reused`: the family closes.
 */
export function judgeRefresh(token: RefreshToken, successorUsed: boolean, now: number): RefreshJudgement {
  if (token.replacedAt === null) return now - token.issuedAt > REFRESH_TOKEN_MS ? 'expired' : 'exchange';
  return !successorUsed && now - token.replacedAt <= PREDECESSOR_MS ? 'repeat' : 'reused';
}
