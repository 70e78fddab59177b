// npm test: types, lint, documents, unit, integration, end-to-end. Brings what is missing, prints a closing count.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './centre.ts';

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** File in which the step's runner leaves its counts. */
  readonly report?: string;
}

const modules = (path: string): string => join(root, 'node_modules', path);
const reports = join(root, 'test-results');
const vitest = (project: string): Step => {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name: project,
    args: [modules('vitest/vitest.mjs'), 'run', '--project', project, ...reporters],
    report,
  };
};
const steps: readonly Step[] = [
  { name: 'types', args: ['tools/types.ts'] },
  { name: 'lint', args: [modules('eslint/bin/eslint.js'), '.', '--max-warnings', '0'] },
  { name: 'format', args: [modules('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'spec', args: ['tools/spec-doc.ts', '--check'] },
  { name: 'protocol', args: ['tools/protocol-doc.ts', '--check'] },
  { name: 'project', args: ['tools/project-check.ts'] },
  vitest('unit'),
  vitest('integration'),
  { name: 'e2e', args: ['tools/e2e.ts'], report: join(reports, 'e2e.json') },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly other: number;
}

/** Vitest's and Playwright's JSON reports. */
function countsOf(file: string): Counts | null {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly numPassedTests?: number;
      readonly numFailedTests?: number;
      readonly numTotalTests?: number;
      readonly stats?: {
        readonly expected: number;
        readonly unexpected: number;
        readonly flaky: number;
        readonly skipped: number;
      };
    };
    if (report.stats) {
      const { expected, unexpected, flaky, skipped } = report.stats;
      return { passed: expected, failed: unexpected, other: flaky + skipped };
    }
    const [passed, failed] = [report.numPassedTests ?? 0, report.numFailedTests ?? 0];
    return { passed, failed, other: (report.numTotalTests ?? 0) - passed - failed };
  } catch {
    return null;
  }
}

function run({ args }: Step): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [...args], { cwd: root, stdio: 'inherit' });
    child.on('exit', (code) => done(code === 0));
  });
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const began = Date.now();
const lines: string[] = [];
const sum = { passed: 0, failed: 0 };
let good = true;
for (const step of steps) {
  const since = Date.now();
  console.log(`\n── ${step.name} ──`);
  const ok = await run(step);
  good &&= ok;
  const counts = step.report === undefined ? null : countsOf(step.report);
  sum.passed += counts?.passed ?? 0;
  sum.failed += counts?.failed ?? 0;
  const told = counts
    ? `${counts.passed} passed, ${counts.failed} failed, ${counts.other} other`
    : ok
      ? 'ok'
      : 'failed';
  const seconds = ((Date.now() - since) / 1_000).toFixed(0);
  lines.push(`${ok ? '✓' : '✗'} ${step.name.padEnd(12)} ${told.padEnd(40)} ${seconds.padStart(4)} s`);
}
console.log(`\n${lines.join('\n')}`);
const minutes = ((Date.now() - began) / 60_000).toFixed(1);
console.log(
  `\nTests: ${sum.passed} passed, ${sum.failed} failed, ${sum.passed + sum.failed} total (${minutes} min)`,
);
process.exit(good ? 0 : 1);
