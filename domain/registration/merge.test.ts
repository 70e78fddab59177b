import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { T0 } from '../testing/build.ts';
import { applyEvidence, METHODS, NEVER_KNOWN, type Registration } from './evidence.ts';
import { mergeOpinions, opinionsAbout, type Opinion } from './merge.ts';
import type { Opinions, Verdict } from './opinions.ts';

const anyVerdict = fc.constantFrom<Verdict>('registered', 'unregistered');
/** Each method once at most: what is missing has no opinion. */
const anyOpinions: fc.Arbitrary<readonly Opinion[]> = fc
  .tuple(...METHODS.map(() => fc.option(anyVerdict)))
  .map((verdicts) =>
    verdicts.flatMap((verdict, index) => {
      const method = METHODS[index];
      return verdict && method ? [{ method, verdict }] : [];
    }),
  );
const anyRegistration: fc.Arbitrary<Registration> = fc
  .array(fc.record({ verdict: anyVerdict, at: fc.integer({ min: T0 - 20, max: T0 + 20 }) }))
  .map((all) =>
    all.reduce<Registration>(
      (one, { verdict, at }) =>
        applyEvidence(one, { method: 'contact-statuses', extension: '1001', verdict, at }),
      NEVER_KNOWN,
    ),
  );

const rank = ({ method }: Opinion): number => METHODS.indexOf(method);

describe('merging', () => {
  it('[RG3] [RG5] the most reliable opinion decides; those that differ are named', () => {
    expect(
      mergeOpinions(
        '1001',
        [
          { method: 'contact-rows', verdict: 'unregistered' },
          { method: 'device-states', verdict: 'unregistered' },
          { method: 'ari-endpoints', verdict: 'registered' },
          { method: 'agents', verdict: 'registered' },
        ],
        T0,
      ),
    ).toEqual({
      evidence: { method: 'ari-endpoints', extension: '1001', verdict: 'registered', at: T0 },
      dissent: [
        { method: 'device-states', verdict: 'unregistered' },
        { method: 'contact-rows', verdict: 'unregistered' },
      ],
    });
  });

  it('[RG3] of an extension each method is heard that has an opinion', () => {
    const answers: readonly Opinions[] = [
      { method: 'contact-rows', listed: new Map(), others: 'unregistered' },
      { method: 'agents', listed: new Map([['1002', 'registered']]), others: null },
      { method: 'contact-statuses', listed: new Map([['1001', 'registered']]), others: 'unregistered' },
    ];
    expect(['1001', '1002'].map((extension) => opinionsAbout(extension, answers))).toEqual([
      [
        { method: 'contact-rows', verdict: 'unregistered' },
        { method: 'contact-statuses', verdict: 'registered' },
      ],
      [
        { method: 'contact-rows', verdict: 'unregistered' },
        { method: 'agents', verdict: 'registered' },
        { method: 'contact-statuses', verdict: 'unregistered' },
      ],
    ]);
  });

  it('[RG4] when no method answers there is no evidence', () => {
    const answers = METHODS.map((method): Opinions => ({ method, listed: new Map(), others: null }));
    expect(mergeOpinions('1001', opinionsAbout('1001', answers), T0)).toBeNull();
  });

  it('[RG4] a method without an opinion changes nothing for anybody', () => {
    fc.assert(
      fc.property(anyOpinions, fc.constantFrom(...METHODS), (opinions, method) => {
        const answers = opinions.map(({ method: by, verdict }): Opinions => {
          return { method: by, listed: new Map([['1001', verdict]]), others: null };
        });
        const mute: Opinions = { method, listed: new Map(), others: null };
        expect(opinionsAbout('1001', [mute, ...answers])).toEqual(opinions);
      }),
    );
  });

  it('[RG3] a less reliable method never outvotes one with an opinion', () => {
    fc.assert(
      fc.property(anyOpinions, (opinions) => {
        const merged = mergeOpinions('1001', opinions, T0);
        const best = opinions.toSorted((a, b) => rank(a) - rank(b))[0];
        const shown = merged && { method: merged.evidence.method, verdict: merged.evidence.verdict };
        expect(shown).toEqual(best ?? null);
      }),
    );
  });

  it('[RG3] the order of the answers does not matter', () => {
    const shuffled = anyOpinions.chain((opinions) =>
      fc.tuple(fc.constant(opinions), fc.shuffledSubarray([...opinions], { minLength: opinions.length })),
    );
    fc.assert(
      fc.property(shuffled, ([opinions, mixed]) => {
        expect(mergeOpinions('1001', mixed, T0)).toEqual(mergeOpinions('1001', opinions, T0));
      }),
    );
  });

  it('[RG5] everybody with an opinion either agrees or is named', () => {
    fc.assert(
      fc.property(anyOpinions, (opinions) => {
        const merged = mergeOpinions('1001', opinions, T0);
        const decided = merged?.evidence.verdict;
        expect(merged?.dissent ?? []).toEqual(opinions.filter(({ verdict }) => verdict !== decided));
      }),
    );
  });

  it('[RG3] what is known since the question was asked stays', () => {
    fc.assert(
      fc.property(anyOpinions, anyRegistration, (opinions, known) => {
        const merged = mergeOpinions('1001', opinions, T0);
        fc.pre(merged !== null && known.asOf > T0);
        expect(merged && applyEvidence(known, merged.evidence)).toBe(known);
      }),
    );
  });
});
