import { describe, expect, it } from 'vitest';
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { ALONE_AFTER_MS, createSecondTransport, SECOND_AFTER_MS } from './second-transport.ts';

function bench() {
  const clock = createFakeClock(T0);
  const roster = createRoster([makePerson()], [], 0);
  const ready = { now: true };
  const alone = { times: 0 };
  const onAlone = (): void => void (alone.times += 1);
  const second = createSecondTransport({ roster, clock, isReady: () => ready.now, onAlone });
  const ami = (verdict: RegistrationState): void =>
    roster.apply('1001', {
      type: 'evidence',
      evidence: { method: 'contact-statuses', extension: '1001', verdict, at: clock.now() },
    });
  const ari = (verdict: RegistrationState): void => second.handleWord({ extension: '1001', verdict });
  const state = (): RegistrationState | undefined => roster.get('1001')?.registration.state;
  return { clock, ready, second, alone, ami, ari, state };
}

describe('ARI as second transport', () => {
  it('[RG1] what AMI does not tell is taken from ARI, a little later', () => {
    const { clock, ami, ari, state } = bench();
    ami('registered');
    clock.advance(1_000);
    ari('unregistered');
    clock.advance(SECOND_AFTER_MS - 1);
    expect(state()).toBe('registered');
    clock.advance(1);
    expect(state()).toBe('unregistered');
  });

  it('[RG1] [RG3] what AMI tells meanwhile is newer, and so is ARI’s own next word', () => {
    const { clock, ami, ari, state } = bench();
    ami('unregistered');
    ari('unregistered');
    clock.advance(1);
    ami('registered');
    clock.advance(SECOND_AFTER_MS);
    expect(state()).toBe('registered');
    ari('unregistered');
    clock.advance(1);
    ari('registered');
    clock.advance(SECOND_AFTER_MS);
    expect([state(), clock.pending()]).toEqual(['registered', 0]);
  });

  it('[RG4] out of sight over AMI nobody changes; unknown says nothing', () => {
    const { clock, ready, second, ami, ari, state } = bench();
    ami('registered');
    clock.advance(1_000);
    ari('unknown');
    expect(clock.pending()).toBe(0);
    ready.now = false;
    ari('unregistered');
    clock.advance(SECOND_AFTER_MS);
    expect(state()).toBe('registered');
    ari('unregistered');
    second.stop();
    expect(clock.pending()).toBe(0);
  });

  it('[RG1] [RG2] what AMI did not tell asks for contacts, once for all that came together, and not out of sight', () => {
    const { clock, ready, second, alone, ami, ari } = bench();
    const hear = (verdict: RegistrationState): void => {
      clock.advance(1);
      ari(verdict);
      clock.advance(SECOND_AFTER_MS);
    };
    ami('registered');
    hear('registered');
    expect([alone.times, clock.pending()]).toEqual([0, 0]);
    hear('unregistered');
    hear('registered');
    clock.advance(ALONE_AFTER_MS);
    expect([alone.times, clock.pending()]).toEqual([1, 0]);
    hear('unregistered');
    ready.now = false;
    clock.advance(ALONE_AFTER_MS);
    ready.now = true;
    hear('registered');
    second.stop();
    expect([alone.times, clock.pending()]).toEqual([1, 0]);
  });
});
