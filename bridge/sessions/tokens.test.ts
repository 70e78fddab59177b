import { describe, expect, it } from 'vitest';
import type { RefreshToken } from './ports.ts';
import {
  judgeRefresh,
  PREDECESSOR_MS,
  REFRESH_TOKEN_MS,
  successorOf,
  tokenHash,
  type RefreshJudgement,
} from './tokens.ts';

const ISSUED = 1_000_000;
const REPLACED = ISSUED + 5_000;
const fresh: RefreshToken = { session: 's-a', issuedAt: ISSUED, replacedAt: null, successor: null };
const replaced: RefreshToken = { ...fresh, replacedAt: REPLACED, successor: 'next' };

describe('what a refresh token means', () => {
  it.each<[string, RefreshToken, boolean, number, RefreshJudgement]>([
    ['the newest is exchanged', fresh, false, ISSUED, 'exchange'],
    ['at the end of its life too', fresh, false, ISSUED + REFRESH_TOKEN_MS, 'exchange'],
    ['after it no more', fresh, false, ISSUED + REFRESH_TOKEN_MS + 1, 'expired'],
    ['whose answer was lost: the same again', replaced, false, REPLACED, 'repeat'],
    ['for 60 s', replaced, false, REPLACED + PREDECESSOR_MS, 'repeat'],
    ['after 60 s it is an old one', replaced, false, REPLACED + PREDECESSOR_MS + 1, 'reused'],
    ['once its successor was used it is an old one', replaced, true, REPLACED, 'reused'],
  ])('[SE1] %s', (_name, token, successorUsed, now, judgement) => {
    expect(judgeRefresh(token, successorUsed, now)).toBe(judgement);
  });

  it('[SE1] 60 s for a lost answer, one shift and some for a token', () => {
    expect([PREDECESSOR_MS, REFRESH_TOKEN_MS]).toEqual([60_000, 14 * 3_600_000]);
  });

  it('[SE1] the successor is the same each time, another for another token or key, and not the hash', () => {
    const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const next = successorOf('a', key);
    expect(next).toMatch(/^[\w-]{43}$/);
    expect(successorOf('a', key)).toBe(next);
    expect(new Set([next, successorOf('b', key), successorOf('a', other), successorOf(next, key)]).size).toBe(
      4,
    );
    expect(tokenHash('a')).toMatch(/^[0-9a-f]{64}$/);
    expect(tokenHash('a')).not.toBe(tokenHash('b'));
  });
});
