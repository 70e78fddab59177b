// npm run doctor [-- --json] [--conf DIR] [--run DIR]: looks at an Asterisk, says what to change and what to paste.
import { parseArgs } from 'node:util';
import { createSystemClock } from '../adapters/clock.ts';
import { gather } from './doctor/gather.ts';
import { judge } from './doctor/judge.ts';
import { asJson, asText, exitCodeOf } from './doctor/print.ts';
import { fromEnvironment, fromRunFolder, type Situation } from './doctor/situation.ts';

const USAGE = `Usage: npm run doctor -- [--json] [--conf DIR] [--run DIR]
  --conf DIR  Asterisk's configuration folder on this machine, read instead of asking for the files over AMI
  --run DIR   the run folder of a private Asterisk (npm start: run/centre)
  --json      findings for a program
It looks where the bridge would: AMI_HOST, AMI_WATCH_SECRET, SIP_URL … (docs/operating.md), and AMI_ACT_SECRET for
the second user. Without AMI_WATCH_SECRET: the demo centre in run/centre. It only asks; nothing is changed.
Exit code: 0 nothing is wrong, 1 something is, 2 Asterisk cannot be asked.`;

const DEMO = 'run/centre';

function situationOf(run: string | undefined): Situation | null {
  if (run !== undefined) return fromRunFolder(run);
  return process.env['AMI_WATCH_SECRET'] ? fromEnvironment(process.env) : fromRunFolder(DEMO);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      conf: { type: 'string' },
      run: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const situation = values.help ? null : situationOf(values.run);
  if (!situation) {
    console.error(values.help ? USAGE : `No Asterisk to look at: AMI_WATCH_SECRET is not set.\n\n${USAGE}`);
    return values.help ? 0 : 2;
  }
  const facts = await gather(situation, createSystemClock(), values.conf ?? null);
  const findings = judge(facts);
  console.log((values.json ? asJson : asText)(facts, findings));
  return exitCodeOf(facts, findings);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
