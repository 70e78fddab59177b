import { describe, expect, it } from 'vitest';
import type { DeviceChange } from '../../domain/protocol/client.ts';
import { AppError, type ErrorCode } from './app-error.ts';
import { tellSignOut } from './sign-out.ts';
import type { SealedReceipt } from './receipt-store.ts';
import { createFakeClock } from './testing.ts';

type Answer = ErrorCode | 'ok' | 'silent';
const answer = (given: Answer): Promise<void> => {
  if (given === 'silent') return new Promise(() => undefined);
  return given === 'ok' ? Promise.resolve() : Promise.reject(new AppError(given, { retryable: false }));
};
const lunch: DeviceChange = { sequence: 1, status: 'BREAK', reason: 'lunch', made: 1, seen: null };

interface Given {
  readonly token?: string | null;
  readonly signOut?: readonly Answer[];
  readonly renew?: Answer | 'other';
  readonly receipt?: string;
  readonly changes?: readonly DeviceChange[];
  readonly post?: Answer;
  readonly durable?: boolean;
}

async function run(given: Given) {
  const {
    token = 't-1',
    renew = 'ok',
    receipt = 'r',
    changes = [],
    post = 'network',
    durable = true,
  } = given;
  const clock = createFakeClock();
  const did: string[] = [];
  const answers = [...(given.signOut ?? ['ok'])];
  let waiting = false;
  const sealed: SealedReceipt = {
    ...{ session: 's-1', receipt, device: 'd-0123456789abcdef', changes },
    signedOut: { made: 5, offset: 0, everywhere: false },
  };
  const result = tellSignOut(
    {
      clock,
      signOut(used) {
        did.push(`sign out ${used}`);
        return answer(answers.shift() ?? 'ok');
      },
      async renew() {
        did.push('renew');
        if (renew === 'other') return null;
        await answer(renew);
        return 't-2';
      },
      receipts: {
        has: () => waiting,
        seal() {
          did.push('seal');
          waiting = true;
          return Promise.resolve(durable);
        },
        drop() {
          did.push('drop');
          waiting = false;
          return Promise.resolve();
        },
        async flush() {
          did.push('post');
          waiting = await answer(post).then(
            () => false,
            () => true,
          );
        },
      },
    },
    { token, sealed },
  );
  await clock.advance(4_000);
  return [await result, did];
}

const done = { notice: null, forget: true };
const sealed = { notice: 'sealed', forget: true };

describe('telling the centre of a sign-out', () => {
  it('[SE4] [SE8] sealed first; the bridge is told, and nothing is left', async () => {
    expect(await run({})).toEqual([done, ['seal', 'sign out t-1', 'drop']]);
  });

  it('[SE4] a token that ran out is renewed once', async () => {
    const did = ['seal', 'sign out t-1', 'renew', 'sign out t-2', 'drop'];
    expect(await run({ signOut: ['unauthorised', 'ok'] })).toEqual([done, did]);
  });

  it('[SE4] a session that is over already needs nothing more', async () => {
    const did = ['seal', 'sign out t-1', 'renew', 'drop'];
    expect(await run({ signOut: ['unauthorised'], renew: 'session-ended' })).toEqual([done, did]);
  });

  it('[SE4] [SE8] whoever has the cookie by now stays signed in; the receipt ends this session', async () => {
    const did = ['seal', 'sign out t-1', 'renew', 'post'];
    expect(await run({ signOut: ['unauthorised'], renew: 'other' })).toEqual([sealed, did]);
  });

  it.each<Answer>(['network', 'store-unavailable', 'silent'])('[SE8] %s: it stays sealed', async (code) => {
    expect(await run({ signOut: [code] })).toEqual([sealed, ['seal', 'sign out t-1', 'post']]);
  });

  it('[SE8] a desk that never had a token signs out by the cookie, or stays sealed', async () => {
    const did = ['seal', 'renew', 'sign out t-2', 'drop'];
    expect(await run({ token: null })).toEqual([done, did]);
    expect(await run({ token: null, renew: 'network' })).toEqual([sealed, ['seal', 'renew', 'post']]);
  });

  it('[SE8] changes that wait go with the receipt, which ends the session too', async () => {
    expect(await run({ changes: [lunch], post: 'ok' })).toEqual([done, ['seal', 'post']]);
    expect(await run({ changes: [lunch] })).toEqual([sealed, ['seal', 'post']]);
    expect(await run({ changes: [lunch], post: 'silent' })).toEqual([sealed, ['seal', 'post']]);
  });

  it('[SE8] where nothing can be sealed, changes that wait stay where they are', async () => {
    const unconfirmed = (forget: boolean) => ({ notice: 'unconfirmed', forget });
    expect(await run({ changes: [lunch], durable: false })).toEqual([unconfirmed(false), ['seal', 'post']]);
    expect(await run({ changes: [lunch], receipt: '' })).toEqual([unconfirmed(false), ['post']]);
    expect(await run({ receipt: '' })).toEqual([done, ['sign out t-1', 'drop']]);
    const without = await run({ signOut: ['network'], receipt: '' });
    expect(without).toEqual([unconfirmed(true), ['sign out t-1', 'post']]);
  });
});
