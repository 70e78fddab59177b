// npm run faults -- [--runs 200] [--seed N] [--plant NAME]: prints a table of the faults, and each run that failed with its story.
import { parseArgs } from 'node:util';
import { isPlantName, PLANTS } from './plants.ts';
import { failed, failureText, faultTable, runSuite, tableText } from './suite.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    plant: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const first = Number(values.seed ?? 1);
const runs = Number(values.runs ?? (values.seed === undefined ? 200 : 1));
const { plant } = values;
const noPlant = plant !== undefined && !isPlantName(plant);
if (noPlant || !Number.isInteger(first) || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write('Usage: npm run faults -- [--runs N] [--seed N] [--plant NAME] [--trace]\n');
  process.stderr.write(`Bugs that can be planted: ${Object.keys(PLANTS).join(', ')}\n`);
  process.exit(2);
}
const results = await runSuite({
  seeds: Array.from({ length: runs }, (_, index) => first + index),
  slack: 1,
  ...(plant === undefined || !isPlantName(plant) ? {} : { plant }),
  onResult(result) {
    const { seed, agreeMs, tookMs } = result;
    if (failed(result) || values.trace) print(failureText(result));
    print(`seed ${seed}: ${failed(result) ? 'FAILED' : `agreed ${agreeMs} ms after quiet`} (${tookMs} ms)`);
  },
});
print(`\n${tableText(results)}`);
const longest = Object.fromEntries(faultTable(results).map(({ fault, longestMs }) => [fault, longestMs]));
print(JSON.stringify({ faults: { runs, failed: results.filter(failed).length, longestMs: longest } }));
process.exit(results.some(failed) ? 1 : 0);
