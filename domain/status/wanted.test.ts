import { describe, expect, it } from 'vitest';
import { loseSight, NEVER_KNOWN, type Registration } from '../registration/evidence.ts';
import { makeIntent, reconnectingSince, registeredSince, T0, unregisteredSince } from '../testing/build.ts';
import { NO_INTENT } from './fold.ts';
import { CHOOSABLE_STATUSES } from './status.ts';
import { wantedPause, type Probe, type WantedFacts, type WantedPause } from './wanted.ts';

const REGISTRATIONS: Readonly<Record<string, Registration>> = {
  registered: registeredSince(T0),
  'unknown, was registered': loseSight(registeredSince(T0), T0 + 1),
  unregistered: unregisteredSince(T0),
  reconnecting: reconnectingSince(T0 + 5, T0),
  'unknown, was reconnecting': loseSight(reconnectingSince(T0 + 5, T0), T0 + 9),
  'unknown, was unregistered': loseSight(unregisteredSince(T0), T0 + 1),
  'never known': NEVER_KNOWN,
};
const PROBES: readonly Probe[] = ['proven', 'pending', 'silent'];
const HOLDS = [null, { reason: 'training the new queue' }];

const facts = (given: Partial<WantedFacts> = {}): WantedFacts => ({
  ...{ intent: makeIntent(), registration: registeredSince(T0), probe: 'proven', hold: null },
  ...given,
});

/** The table, written as its rules read; not as the code does. */
function expected(status: string, registration: string, probe: Probe, hold: { reason: string } | null) {
  if (status !== 'ONLINE') return { paused: true, reason: status };
  if (registration === 'never known') return null;
  if (registration.endsWith('unregistered')) return { paused: true, reason: 'Auto: SIP not registered' };
  if (hold) return { paused: true, reason: hold.reason };
  if (registration.startsWith('unknown') || registration.endsWith('reconnecting')) return null;
  if (probe === 'pending') return null;
  if (probe === 'silent') return { paused: true, reason: 'Auto: phone does not answer' };
  return { paused: false };
}

const cases = CHOOSABLE_STATUSES.flatMap((status) =>
  Object.keys(REGISTRATIONS).flatMap((registration) =>
    PROBES.flatMap((probe) => HOLDS.map((hold) => ({ status, registration, probe, hold }))),
  ),
);

describe('[ST5] the wanted pause', () => {
  it.each(cases)(
    '[ST5] $status, $registration, phone $probe, hold $hold',
    ({ status, registration, probe, hold }) => {
      const given = {
        intent: makeIntent({ status }),
        registration: REGISTRATIONS[registration]!,
        probe,
        hold,
      };
      expect(wantedPause(given)).toEqual(expected(status, registration, probe, hold));
    },
  );

  it('[ST5] every one of the 336 is there, and only ONLINE, reachable and proven is unpaused', () => {
    expect(cases.length).toBe(336);
    const unpaused = cases.filter(({ status, registration, probe, hold }) => {
      const intent = makeIntent({ status });
      return (
        wantedPause({ intent, registration: REGISTRATIONS[registration]!, probe, hold })?.paused === false
      );
    });
    expect(unpaused).toEqual([{ status: 'ONLINE', registration: 'registered', probe: 'proven', hold: null }]);
  });

  it.each<[string, Partial<WantedFacts>, WantedPause]>([
    [
      'the person’s reason',
      { intent: makeIntent({ status: 'BREAK', reason: 'lunch' }) },
      { paused: true, reason: 'lunch' },
    ],
    [
      'else the name of the status',
      { intent: makeIntent({ status: 'MEETING' }) },
      { paused: true, reason: 'MEETING' },
    ],
    [
      '`offline` on sign-out',
      { intent: makeIntent({ status: 'OFFLINE', cause: 'session' }) },
      { paused: true, reason: 'offline' },
    ],
    ['`offline` before any sign-in', { intent: NO_INTENT }, { paused: true, reason: 'offline' }],
    [
      'a chosen OFFLINE is no sign-out',
      { intent: makeIntent({ status: 'OFFLINE', reason: 'home' }) },
      { paused: true, reason: 'home' },
    ],
    [
      'the break’s reason stays while out of reach',
      {
        intent: makeIntent({ status: 'BREAK', reason: 'lunch' }),
        registration: unregisteredSince(T0),
        hold: { reason: 'x' },
      },
      { paused: true, reason: 'lunch' },
    ],
    [
      'cut to 79 bytes',
      { intent: makeIntent({ status: 'PAUSE', reason: 'ж'.repeat(60) }) },
      { paused: true, reason: 'ж'.repeat(39) },
    ],
    [
      'nothing of it left for Asterisk: the status’ name',
      { intent: makeIntent({ status: 'PAUSE', reason: ' ;,' }) },
      { paused: true, reason: 'PAUSE' },
    ],
    ['a hold’s too', { hold: { reason: 'ж'.repeat(60) } }, { paused: true, reason: 'ж'.repeat(39) }],
    ['a reason with ONLINE is not sent', { intent: makeIntent({ reason: 'back' }) }, { paused: false }],
  ])('[ST5] reason: %s', (_name, given, wanted) => {
    expect(wantedPause(facts(given))).toEqual(wanted);
  });

  it.each(Object.keys(REGISTRATIONS))(
    '[RG4] [PS9] losing sight of %s asks for no unpause, and for no other pause',
    (name) => {
      const registration = REGISTRATIONS[name]!;
      const before = wantedPause(facts({ registration }));
      const after = wantedPause(facts({ registration: loseSight(registration, T0 + 9) }));
      expect(after).toEqual(before?.paused === true ? before : null);
    },
  );
});
