import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconnectingSince, registeredSince, T0, unregisteredSince } from '../testing/build.ts';
import {
  applyEvidence,
  endGrace,
  loseSight,
  METHODS,
  NEVER_KNOWN,
  reachOf,
  type Evidence,
  type Registration,
} from './evidence.ts';

const evidence = (verdict: Evidence['verdict'], at: number): Evidence => ({
  ...{ method: 'contact-statuses', extension: '1001', verdict, at },
});
const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  method: fc.constantFrom(...METHODS),
  extension: fc.constant('1001'),
  verdict: fc.constantFrom('registered', 'unregistered', 'unknown'),
  at: fc.integer({ min: 1, max: 20 }),
});

/** Went from registered to unregistered. */
const lostSince = (at: number): Registration => reconnectingSince(at, T0);

describe('evidence', () => {
  it.each<[string, Registration, Evidence, Registration]>([
    ['the first word', NEVER_KNOWN, evidence('registered', T0), registeredSince(T0)],
    ['a loss: its grace begins', registeredSince(T0), evidence('unregistered', T0 + 5), lostSince(T0 + 5)],
    [
      'back within the grace: nothing has happened',
      lostSince(T0 + 5),
      evidence('registered', T0 + 9),
      { ...registeredSince(T0), asOf: T0 + 9 },
    ],
    [
      'the first word that it is not there: nothing was lost',
      NEVER_KNOWN,
      evidence('unregistered', T0),
      unregisteredSince(T0),
    ],
    [
      'seen again in its grace',
      loseSight(lostSince(T0 + 5), T0 + 6),
      evidence('unregistered', T0 + 9),
      { ...lostSince(T0 + 5), asOf: T0 + 9 },
    ],
    [
      'the same again: only its age is new',
      registeredSince(T0),
      evidence('registered', T0 + 5),
      { ...registeredSince(T0), asOf: T0 + 5 },
    ],
    [
      'back after the sight was lost, nothing had changed: since before the gap',
      loseSight(registeredSince(T0), T0 + 5),
      evidence('registered', T0 + 9),
      { ...registeredSince(T0), asOf: T0 + 9 },
    ],
    [
      'back after the sight was lost, and changed: since now',
      loseSight(registeredSince(T0), T0 + 5),
      evidence('unregistered', T0 + 9),
      lostSince(T0 + 9),
    ],
    ['of the same moment, and other', registeredSince(T0), evidence('unregistered', T0), lostSince(T0)],
  ])('[RG3] %s', (_name, before, said, after) => {
    expect(applyEvidence(before, said)).toEqual(after);
  });

  it.each([registeredSince(T0), unregisteredSince(T0), NEVER_KNOWN, loseSight(registeredSince(T0), T0 + 1)])(
    '[RG4] unknown changes nobody: %j',
    (before) => {
      expect(applyEvidence(before, evidence('unknown', T0 + 5))).toBe(before);
    },
  );

  it('[ST4] back again it still tells when it was last lost', () => {
    const gone = endGrace(lostSince(T0 + 5), T0 + 5);
    const back = applyEvidence(gone, evidence('registered', T0 + 9));
    expect(back).toEqual({ ...registeredSince(T0 + 9), lostAt: T0 + 5 });
  });

  it('[RG3] older evidence is dropped', () => {
    const before = registeredSince(T0);
    expect(applyEvidence(before, evidence('unregistered', T0 - 1))).toBe(before);
    const lost = loseSight(before, T0 + 5);
    expect(applyEvidence(lost, evidence('unregistered', T0 - 1))).toBe(lost);
  });

  it('[RG3] the same again at the same moment gives the same object', () => {
    const before = registeredSince(T0);
    expect(applyEvidence(before, evidence('registered', T0))).toBe(before);
  });

  it('[RG3] in time’s order or not, the last known word of the newest moment stands', () => {
    fc.assert(
      fc.property(fc.array(anyEvidence), (all) => {
        const known = all.filter(({ verdict }) => verdict !== 'unknown');
        const newest = Math.max(0, ...known.map(({ at }) => at));
        const last = known.filter(({ at }) => at === newest).at(-1);
        const { state, lastKnown, asOf, since, knownSince, graceFrom } = all.reduce(
          applyEvidence,
          NEVER_KNOWN,
        );
        expect([state, lastKnown, asOf]).toEqual([last?.verdict ?? 'unknown', last?.verdict ?? null, newest]);
        expect(since).toBe(graceFrom ?? knownSince);
        expect(since).toBeLessThanOrEqual(newest);
      }),
    );
  });
});

describe('the grace', () => {
  it('[RG1] ends as a loss since its beginning; another grace is not ended by it', () => {
    const gone = endGrace(lostSince(T0 + 5), T0 + 5);
    expect(gone).toEqual({ ...unregisteredSince(T0 + 5), lostAt: T0 + 5 });
    const later = lostSince(T0 + 7);
    expect(endGrace(later, T0 + 5)).toBe(later);
    expect(endGrace(registeredSince(T0), T0)).toEqual(registeredSince(T0));
  });

  it('[RG1] [RG4] what it means for people and pauses, out of sight the last that was known', () => {
    const [there, going] = [registeredSince(T0), lostSince(T0 + 5)];
    const all = [there, going, endGrace(going, T0 + 5)];
    expect(all.map(reachOf)).toEqual(['reachable', 'reconnecting', 'unreachable']);
    expect(all.map((one) => reachOf(loseSight(one, T0 + 9)))).toEqual(all.map(reachOf));
    expect(reachOf(NEVER_KNOWN)).toBeNull();
  });
});

describe('losing sight', () => {
  it('[RG4] the state is unknown since then, what was known stays beside it', () => {
    expect(loseSight(registeredSince(T0), T0 + 5)).toEqual({
      ...{ state: 'unknown', since: T0 + 5, lastKnown: 'registered', knownSince: T0, asOf: T0 },
      ...{ graceFrom: null, lostAt: null },
    });
  });

  it('[RG4] what is unknown stays unknown since it was', () => {
    const lost = loseSight(registeredSince(T0), T0 + 5);
    expect([loseSight(lost, T0 + 9), loseSight(NEVER_KNOWN, T0)]).toEqual([lost, NEVER_KNOWN]);
    expect(loseSight(lost, T0 + 9)).toBe(lost);
  });
});
