import { describe, expect, it } from 'vitest';
import { makeChoice, makePerson, T0 } from '../../domain/testing/build.ts';
import { statusOf } from '../../domain/roster/view.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { endGraces } from './grace.ts';
import { createRoster } from './roster.ts';

const GRACE_MS = 8_000;

function bench() {
  const clock = createFakeClock(T0);
  const roster = createRoster([makePerson()], [makeChoice({ status: 'ONLINE' })], 0);
  const stop = endGraces({ roster, clock, graceMs: GRACE_MS });
  const say = (verdict: 'registered' | 'unregistered'): void =>
    roster.apply('1001', {
      type: 'evidence',
      evidence: { method: 'contact-statuses', extension: '1001', verdict, at: clock.now() },
    });
  const graceFrom = (): number | null | undefined => roster.get('1001')?.registration.graceFrom;
  return { clock, roster, stop, say, graceFrom };
}

describe('the grace of a lost registration', () => {
  it('[RG1] runs for its time from the loss, then the registration is lost for good', () => {
    const { clock, roster, say, graceFrom } = bench();
    say('registered');
    clock.advance(1_000);
    say('unregistered');
    clock.advance(GRACE_MS - 1);
    expect(graceFrom()).toBe(T0 + 1_000);
    clock.advance(1);
    const record = roster.get('1001');
    expect(record?.registration).toMatchObject({
      graceFrom: null,
      lostAt: T0 + 1_000,
      knownSince: T0 + 1_000,
    });
    expect(record && statusOf(record).mark).toBeNull();
  });

  it('[RG1] back within it: nothing has happened, and the next loss has its own', () => {
    const { clock, roster, say, graceFrom } = bench();
    say('registered');
    const before = roster.get('1001')?.registration;
    clock.advance(1_000);
    say('unregistered');
    clock.advance(GRACE_MS / 2);
    say('registered');
    const now = clock.now();
    expect(roster.get('1001')?.registration).toEqual({ ...before, asOf: now });
    clock.advance(1_000);
    say('unregistered');
    clock.advance(GRACE_MS - 1);
    expect(graceFrom()).toBe(now + 1_000);
    clock.advance(1);
    expect(graceFrom()).toBeNull();
  });

  it('[RG1] one that began before the restart ends on its own time', () => {
    const { clock, roster, say, stop, graceFrom } = bench();
    say('registered');
    say('unregistered');
    stop();
    clock.advance(GRACE_MS * 2);
    expect(graceFrom()).toBe(T0);
    endGraces({ roster, clock, graceMs: GRACE_MS });
    clock.advance(0);
    expect(graceFrom()).toBeNull();
  });
});
