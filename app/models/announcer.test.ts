import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import { Announcer, type AnnounceProblem } from './announcer.ts';
import { AppError, type ErrorCode } from './app-error.ts';
import { createFakeClock, fixedRng } from './testing.ts';

const error = (code: ErrorCode): AppError =>
  new AppError(code, { retryable: code === 'network' || code === 'store-unavailable' });

function setUp(...answers: readonly (ErrorCode | 'ok' | 'silent')[]) {
  const clock = createFakeClock();
  const queue = [...answers];
  const told: string[] = [];
  const problems: (AnnounceProblem | null)[] = [];
  const announcer = new Announcer({
    ...{ clock, rng: fixedRng(0.5), policy: deskPolicy },
    tell(contactUri) {
      told.push(contactUri);
      const answer = queue.shift() ?? 'ok';
      if (answer === 'silent') return new Promise(() => undefined);
      return answer === 'ok' ? Promise.resolve() : Promise.reject(error(answer));
    },
    onProblem: (problem) => problems.push(problem),
  });
  return { clock, announcer, told, problems };
}

describe('telling the centre of the contact', () => {
  it('[SE2] a registration is told once', async () => {
    const { clock, announcer, told, problems } = setUp();
    announcer.handleRegistered('sip:s-1@a.invalid');
    await clock.advance(60_000);
    expect([told, problems.at(-1)]).toEqual([['sip:s-1@a.invalid'], null]);
  });

  it.each<ErrorCode>(['not-registered', 'store-unavailable', 'network'])(
    '[SE2] [RG7] %s: told again until it is taken down',
    async (code) => {
      const { clock, announcer, told, problems } = setUp(code, code, 'ok');
      announcer.handleRegistered('sip:s-1@a.invalid');
      await clock.advance(0);
      expect(problems.at(-1)).toEqual({ code, since: 1_000_000 });
      await clock.advance(60_000);
      expect([told.length, problems.at(-1)]).toEqual([3, null]);
    },
  );

  it('[SE2] never gives up while it can help', async () => {
    const { clock, announcer, told } = setUp(...Array<ErrorCode>(200).fill('not-registered'));
    announcer.handleRegistered('sip:s-1@a.invalid');
    await clock.advance(20 * 60_000);
    expect(told.length).toBeGreaterThan(60);
  });

  it('[SE2] refused for good: not told again, and that is shown', async () => {
    const { clock, announcer, told, problems } = setUp('forbidden');
    announcer.handleRegistered('sip:s-1@a.invalid');
    await clock.advance(60_000);
    expect([told.length, problems.at(-1)]).toEqual([1, { code: 'forbidden', since: 1_000_000 }]);
  });

  it.each<ErrorCode>(['not-found', 'session-ended'])('[SE2] %s is nobody’s trouble', async (code) => {
    const { clock, announcer, told, problems } = setUp(code);
    announcer.handleRegistered('sip:s-1@a.invalid');
    await clock.advance(60_000);
    expect([told.length, problems.filter((problem) => problem !== null)]).toEqual([1, []]);
  });

  it('[SE2] with the registration gone nothing is told any more, and a late answer says nothing', async () => {
    const { clock, announcer, told, problems } = setUp('not-registered', 'not-registered');
    announcer.handleRegistered('sip:s-1@a.invalid');
    await clock.advance(0);
    announcer.handleGone();
    await clock.advance(60_000);
    expect([told.length, problems.at(-1)]).toEqual([1, null]);
  });

  it('[SE2] a new contact takes the place of the one that is being told', async () => {
    const { clock, announcer, told } = setUp('silent', 'ok');
    announcer.handleRegistered('sip:s-1@a.invalid');
    announcer.handleRegistered('sip:s-1@b.invalid');
    await clock.advance(60_000);
    expect(told).toEqual(['sip:s-1@a.invalid', 'sip:s-1@b.invalid']);
  });
});
