import { describe, expect, it } from 'vitest';
import { NEVER_KNOWN, loseSight } from '../registration/evidence.ts';
import { makeIntent, registeredSince, T0, unregisteredSince } from '../testing/build.ts';
import { deriveStatus, type DerivedStatus, type StatusFacts } from './derive.ts';
import { NO_INTENT } from './fold.ts';
import { CHOOSABLE_STATUSES } from './status.ts';

const facts = (given: Partial<StatusFacts> = {}): StatusFacts => ({
  ...{ intent: makeIntent(), registration: registeredSince(T0 - 60_000), call: null, callEndedAt: null },
  ...given,
});

const shown = (given: Partial<DerivedStatus> = {}): DerivedStatus => ({
  ...{ status: 'ONLINE', reason: null, auto: null, since: T0, next: null, mark: null },
  ...given,
});

const lunch = makeIntent({ status: 'BREAK', reason: 'lunch' });
const call = { since: T0 + 5_000 };
const reachable = registeredSince(T0 - 60_000);
const unreachable = unregisteredSince(T0 + 1_000);

describe('the status people see, in the order of ST3', () => {
  it.each<[string, Partial<StatusFacts>, DerivedStatus]>([
    [
      'a chosen OFFLINE is OFFLINE, on a call and out of reach too',
      { intent: makeIntent({ status: 'OFFLINE' }), registration: unreachable, call },
      shown({ status: 'OFFLINE' }),
    ],
    ['nobody signed in is OFFLINE', { intent: NO_INTENT }, shown({ status: 'OFFLINE', since: 0 })],
    [
      'on a call: ON_CALL with the intent as next',
      { intent: lunch, call },
      shown({ status: 'ON_CALL', since: call.since, next: { status: 'BREAK', reason: 'lunch' } }),
    ],
    [
      'on a call without a registration: connection lost',
      { call, registration: unreachable },
      shown({
        ...{ status: 'ON_CALL', since: call.since, mark: 'connection-lost' },
        next: { status: 'ONLINE', reason: null },
      }),
    ],
    [
      'on a call when Asterisk went out of sight: as of then, not a lost connection',
      { call, registration: loseSight(reachable, T0 + 9_000) },
      shown({
        ...{ status: 'ON_CALL', since: call.since, mark: 'as-of' },
        next: { status: 'ONLINE', reason: null },
      }),
    ],
    [
      'not registered: OFFLINE since then, whatever was chosen',
      { intent: lunch, registration: unreachable },
      shown({ status: 'OFFLINE', auto: 'sip-not-registered', since: T0 + 1_000 }),
    ],
    [
      'chosen while not registered: OFFLINE since the choice',
      { registration: unregisteredSince(T0 - 1_000) },
      shown({ status: 'OFFLINE', auto: 'sip-not-registered', since: T0 }),
    ],
    [
      'unknown: the last status, marked with its age',
      { intent: lunch, registration: loseSight(reachable, T0 + 9_000) },
      shown({ status: 'BREAK', reason: 'lunch', mark: 'as-of' }),
    ],
    [
      'unknown after unregistered: OFFLINE still',
      { registration: loseSight(unreachable, T0 + 9_000) },
      shown({ status: 'OFFLINE', auto: 'sip-not-registered', since: T0 + 1_000, mark: 'as-of' }),
    ],
    [
      'never known: OFFLINE, marked',
      { registration: NEVER_KNOWN },
      shown({ status: 'OFFLINE', auto: 'sip-not-registered', mark: 'as-of' }),
    ],
    ['else the intent', { intent: lunch }, shown({ status: 'BREAK', reason: 'lunch' })],
  ])('[ST3] %s', (_name, given, status) => {
    expect(deriveStatus(facts(given))).toEqual(status);
  });

  it.each(CHOOSABLE_STATUSES)('[ST3] registered and on no call, %s is what was chosen', (status) => {
    expect(deriveStatus(facts({ intent: makeIntent({ status }) }))).toEqual(shown({ status }));
  });

  it('[ST5] a break chosen in a call begins when the call ends', () => {
    expect(deriveStatus(facts({ intent: lunch, callEndedAt: T0 + 30_000 }))).toEqual(
      shown({ status: 'BREAK', reason: 'lunch', since: T0 + 30_000 }),
    );
  });
});

describe('the registration comes back', () => {
  const back = { ...registeredSince(T0 + 60_000), lostAt: T0 + 1_000 };

  it('[ST4] ONLINE returns with its own reason', () => {
    expect(deriveStatus(facts({ registration: back }))).toEqual(
      shown({ auto: 'sip-registered', since: T0 + 60_000 }),
    );
  });

  it('[ST4] the first registration after signing in interrupts nothing: it just begins', () => {
    const first = registeredSince(T0 + 60_000);
    expect(deriveStatus(facts({ registration: first }))).toEqual(shown({ since: T0 + 60_000 }));
    const lostBefore = { ...first, lostAt: T0 - 5_000 };
    expect(deriveStatus(facts({ registration: lostBefore }))).toEqual(shown({ since: T0 + 60_000 }));
  });

  it('[ST4] a break is a break and counts on from when it was chosen', () => {
    expect(deriveStatus(facts({ intent: lunch, registration: back }))).toEqual(
      shown({ status: 'BREAK', reason: 'lunch' }),
    );
  });

  it('[ST4] a chosen OFFLINE never returns by itself', () => {
    const intent = makeIntent({ status: 'OFFLINE' });
    expect(deriveStatus(facts({ intent, registration: back }))).toEqual(shown({ status: 'OFFLINE' }));
  });

  it('[ST4] ONLINE chosen after it came back is a plain ONLINE', () => {
    const intent = makeIntent({ since: T0 + 90_000 });
    expect(deriveStatus(facts({ intent, registration: back }))).toEqual(shown({ since: T0 + 90_000 }));
  });
});
