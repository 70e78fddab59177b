// npm run types: every room is a TypeScript project of its own; all are checked, two at a time.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './centre.ts';

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const svelteCheck = join(root, 'node_modules/svelte-check/bin/svelte-check');
const projects: readonly (readonly string[])[] = [
  [svelteCheck, '--tsconfig', 'app/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ...['domain/tsconfig.pure.json', 'domain', 'bridge', 'asterisk', 'tests-e2e', 'tools', 'tsconfig.json'].map(
    (p) => [tsc, '-p', p],
  ),
];

function check(args: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('exit', (code) => {
      if (code !== 0) console.error(output);
      done(code === 0);
    });
  });
}

const queue = [...projects];
const results: boolean[] = [];
async function worker(): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) results.push(await check(next));
}
await Promise.all([worker(), worker()]);
console.log(`types: ${results.filter(Boolean).length} of ${projects.length} projects pass`);
process.exit(results.every(Boolean) ? 0 : 1);
