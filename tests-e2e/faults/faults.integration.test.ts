// Seeded runs with everything that breaks; then bugs planted in the bridge, which the same runs must find.
// More runs, or one again by its seed: npm run faults.
import { describe, expect, it } from 'vitest';
import type { PlantName } from './plants.ts';
import { OUTCOMES } from './run.ts';
import { failed, failureText, faultTable, outcomeSum, runSuite, tableText } from './suite.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
/** The bound is AGREE_MS. A machine that does much else may take this much longer; the table tells how long it was. */
const SLACK = 5;

describe('25 seeded fault runs', () => {
  it('[PS1] [PS2] [PS4] [PS5] [PS6] [PS7] [PS8] [ST5] [ST10] [RG1] [RG12] all agrees again within 2 s of quiet', async () => {
    const results = await runSuite({ seeds: SEEDS, slack: SLACK });
    process.stdout.write(`${tableText(results)}\n`);
    expect(results.filter(failed).map(failureText).join('\n')).toBe('');
    expect(results.map(({ seed }) => seed)).toEqual(SEEDS);
    // It was not quiet because nothing happened.
    expect(faultTable(results).filter(({ injected }) => injected === 0)).toEqual([]);
    expect(OUTCOMES.filter((name) => outcomeSum(results, name) === 0)).toEqual([]);
  }, 300_000);
});

describe('a bug planted in the bridge is found by the same runs', () => {
  it.each<[rule: string, plant: PlantName, seeds: readonly number[], words: RegExp]>([
    ['[ST10]', 'late entries appended', [2, 4, 18, 24], /shows .* with the intent .*ST10/],
    ['[PS2]', 'no new look at the members', [10, 11, 13, 16], /\(PS2\)|\(PS7\)/],
    ['[PS1]', 'acknowledged before stored', [1, 3, 6, 7], /was stored and is 0 times in the log/],
    ['[PS5]', 'unseen changes win', [8, 11, 12, 15], /shows .* with the intent .*PS5/],
    ['[RG12]', 'nobody is asked', [2, 4, 5, 6], /without a proof .*RG12/],
  ])(
    '%s %s',
    async (_rule, plant, seeds, words) => {
      // They are among those that are clean without it.
      expect(SEEDS).toEqual(expect.arrayContaining([...seeds]));
      const results = await runSuite({ seeds, slack: 1, plant, until: words });
      expect(results.flatMap(({ problems }) => problems).filter((one) => words.test(one))).not.toEqual([]);
    },
    120_000,
  );
});
