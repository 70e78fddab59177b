// SE1: short access tokens (JWT, HS256, RFC 7519). They name a session; whether it is still open is asked each time.
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../domain/clock.ts';
import { ACCESS_TOKEN_MS } from '../sessions/tokens.ts';

export interface AccessTokens {
  issue(session: string): Promise<string>;
  /** The session's id, or null for whatever is not a valid token of ours. */
  verify(token: string): Promise<string | null>;
}

const ISSUER = 'bridge';

/** `lifeMs`: how long one is good for. Keys differ by purpose, so that no token serves another. */
export function createAccessTokens(key: Uint8Array, clock: Clock, lifeMs = ACCESS_TOKEN_MS): AccessTokens {
  return {
    issue(session) {
      const now = Math.floor(clock.now() / 1_000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(session)
        .setIssuedAt(now)
        .setExpirationTime(now + lifeMs / 1_000)
        .sign(key);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          currentDate: new Date(clock.now()),
        });
        return payload.sub ?? null;
      } catch {
        return null;
      }
    },
  };
}
