import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { T0 } from '../testing/build.ts';
import { METHODS, type Method } from './evidence.ts';
import { mergeOpinions, type Merged, type Opinion } from './merge.ts';
import { DISAGREEMENT_MS, hasLasted, nextDisagreements, type Disagreement } from './merge-disagreements.ts';
import type { Verdict } from './opinions.ts';

function merged(extension: string, opinions: readonly (readonly [Method, Verdict])[], at = T0): Merged {
  const found = mergeOpinions(
    extension,
    opinions.map(([method, verdict]): Opinion => ({ method, verdict })),
    at,
  );
  if (!found) throw new Error('nobody has an opinion');
  return found;
}

const arguing = (extension = '1001', dissenter: Method = 'contact-rows'): Merged =>
  merged(extension, [
    ['contact-statuses', 'registered'],
    [dissenter, 'unregistered'],
  ]);

const disagreement = (given: Partial<Disagreement> = {}): Disagreement => ({
  ...{ extension: '1001', since: T0, verdict: 'registered', by: 'contact-statuses' },
  opinions: [{ method: 'contact-rows', verdict: 'unregistered' }],
  ...given,
});

describe('disagreements', () => {
  it('[RG5] one that is seen first begins now and does not count yet', () => {
    const found = nextDisagreements([], [arguing(), merged('1002', [['agents', 'registered']])], T0);
    expect(found).toEqual([disagreement()]);
    expect(found.map((one) => hasLasted(one, T0))).toEqual([false]);
  });

  it('[RG5] one that a look 2 s later sees still counts, since its beginning', () => {
    const found = nextDisagreements([disagreement()], [arguing()], T0 + DISAGREEMENT_MS);
    expect(found).toEqual([disagreement()]);
    expect(
      found.map((one) => [DISAGREEMENT_MS - 1, DISAGREEMENT_MS].map((ms) => hasLasted(one, T0 + ms))),
    ).toEqual([[false, true]]);
  });

  it.each<[string, readonly Merged[], readonly Disagreement[]]>([
    ['all agree: it is over', [merged('1001', [['contact-statuses', 'registered']])], []],
    ['nobody has an opinion: it is over', [], []],
    [
      'another method took over from the one that differed: a new one',
      [arguing('1001', 'agents')],
      [disagreement({ since: T0 + 9, opinions: [{ method: 'agents', verdict: 'unregistered' }] })],
    ],
    [
      'it is decided the other way round: a new one',
      [
        merged('1001', [
          ['contact-statuses', 'unregistered'],
          ['contact-rows', 'registered'],
        ]),
      ],
      [
        disagreement({
          ...{ since: T0 + 9, verdict: 'unregistered' },
          opinions: [{ method: 'contact-rows', verdict: 'registered' }],
        }),
      ],
    ],
    [
      'one more differs: the same one',
      [
        merged('1001', [
          ['contact-statuses', 'registered'],
          ['device-states', 'unregistered'],
          ['contact-rows', 'unregistered'],
        ]),
      ],
      [
        disagreement({
          opinions: [
            { method: 'device-states', verdict: 'unregistered' },
            { method: 'contact-rows', verdict: 'unregistered' },
          ],
        }),
      ],
    ],
    [
      'decided alike by a less reliable method: the same one',
      [
        merged('1001', [
          ['device-states', 'registered'],
          ['contact-rows', 'unregistered'],
        ]),
      ],
      [disagreement({ by: 'device-states' })],
    ],
    [
      'another extension’s: a new one',
      [arguing('1002')],
      [disagreement({ extension: '1002', since: T0 + 9 })],
    ],
  ])('[RG5] %s', (_name, found, expected) => {
    expect(nextDisagreements([disagreement()], found, T0 + 9)).toEqual(expected);
  });

  it('[RG5] nobody disagrees whose method agrees, and none begins later than the look', () => {
    const anyMerged = fc
      .record({
        extension: fc.constantFrom('1001', '1002'),
        verdict: fc.constantFrom<Verdict>('registered', 'unregistered'),
        dissenters: fc.subarray([...METHODS.slice(1)]),
      })
      .map(({ extension, verdict, dissenters }) =>
        merged(extension, [
          ['contact-statuses', verdict],
          ...dissenters.map(
            (method) => [method, verdict === 'registered' ? 'unregistered' : 'registered'] as const,
          ),
        ]),
      );
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(anyMerged, { selector: (one) => one.evidence.extension })),
        (looks) => {
          let now = T0;
          let before: readonly Disagreement[] = [];
          for (const look of looks) {
            now += 1_000;
            before = nextDisagreements(before, look, now);
            const [latest, said] = [now, before];
            expect(said.every(({ since }) => since <= latest)).toBe(true);
            expect(said.map(({ extension, opinions }) => ({ extension, opinions }))).toEqual(
              look
                .filter(({ dissent }) => dissent.length > 0)
                .map(({ evidence: { extension }, dissent: opinions }) => ({ extension, opinions })),
            );
          }
        },
      ),
    );
  });
});
