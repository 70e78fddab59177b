import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { ACCESS_TOKEN_MS } from '../sessions/tokens.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createAccessTokens } from './access-tokens.ts';

const key = Buffer.alloc(32, 1);
const START = 1_700_000_000_000;

describe('access tokens', () => {
  it('[SE1] name their session, for five minutes', async () => {
    const clock = createFakeClock(START);
    const tokens = createAccessTokens(key, clock);
    const token = await tokens.issue('s-a');
    expect(await tokens.verify(token)).toBe('s-a');
    clock.advance(ACCESS_TOKEN_MS - 1_000);
    expect(await tokens.verify(token)).toBe('s-a');
    clock.advance(1_000);
    expect(await tokens.verify(token)).toBeNull();
    expect(ACCESS_TOKEN_MS).toBe(300_000);
  });

  const jwt = (
    change: (token: SignJWT) => SignJWT,
    secret: Uint8Array = key,
    alg = 'HS256',
  ): Promise<string> =>
    change(
      new SignJWT()
        .setProtectedHeader({ alg })
        .setIssuer('bridge')
        .setSubject('s-a')
        .setExpirationTime(START / 1_000 + 60),
    ).sign(secret);
  const unsigned = ['{"alg":"none"}', '{"iss":"bridge","sub":"s-a"}']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

  it.each<[string, () => string | Promise<string>]>([
    ['nothing', () => ''],
    ['no token', () => 'x.y.z'],
    ['one without a signature', () => `${unsigned}.`],
    ['of another key', () => jwt((token) => token, Buffer.alloc(32, 2))],
    ['of another issuer', () => jwt((token) => token.setIssuer('other'))],
    ['of another algorithm', () => jwt((token) => token, Buffer.alloc(64, 1), 'HS512')],
    ['an old one', () => jwt((token) => token.setExpirationTime(START / 1_000 - 1))],
    ['one cut short', async () => (await jwt((token) => token)).slice(0, -2)],
  ])('[SE1] refused: %s', async (_name, make) => {
    const tokens = createAccessTokens(key, createFakeClock(START));
    expect(await tokens.verify(await make())).toBeNull();
  });
});
