// npm run bench -- NAME: prints a table for people and, last, one line of JSON.
import { runClick } from './click.ts';
import { runLoss } from './loss.ts';
import { runOnline } from './online.ts';
import { runRecovery } from './recovery.ts';
import { runSweep } from './sweep.ts';

/** Runs and returns the metrics of the last line; throws when what was measured did not really happen. */
const benches: Readonly<Record<string, () => Promise<Readonly<Record<string, number>>>>> = {
  click: runClick,
  loss: runLoss,
  online: runOnline,
  recovery: runRecovery,
  sweep: runSweep,
};

const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench) {
  try {
    const metrics = await bench();
    console.log(JSON.stringify({ bench: name, metrics }));
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exitCode = 2;
}
