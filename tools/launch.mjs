// The one entry of every command. Plain JavaScript that any Node from 20.19 on runs: it brings the packages and the
// runtime of the lock file (Node 24, docs/adr/0005) when they are missing, then runs the command's TypeScript with it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { constants } from 'node:os';

const root = resolve(import.meta.dirname, '..');
const commands = {
  start: 'tools/start.ts',
  test: 'tools/test.ts',
  bench: 'tests-e2e/bench/run.ts',
  faults: 'tests-e2e/faults/main.ts',
  call: 'asterisk/call.ts',
  user: 'bridge/cli/user.ts',
  doctor: 'bridge/cli/doctor.ts',
  sql: 'tools/sql.ts',
  e2e: 'tools/e2e.ts',
};

/** Packages are installed from the lock as often as the lock changes. */
function installPackages() {
  const stampFile = join(root, 'node_modules/.installed-from');
  const stamp = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  console.error('Installing packages from the lock file …');
  const npm = process.env.npm_execpath;
  const [program, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const done = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    console.error('The packages could not be installed (npm ci, see above).');
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
}

/** A Node that runs TypeScript as it stands and has SQLite: this one if it is new enough, else the lock's. */
function runtime() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return process.execPath;
  const fromLock = join(root, 'node_modules/.bin/node');
  if (existsSync(fromLock)) return fromLock;
  console.error(
    `Node ${process.versions.node} is too old and the lock file has none for this machine: install Node 24.`,
  );
  process.exit(1);
}

const [command = '', ...args] = process.argv.slice(2);
const script = commands[command];
if (!script) {
  console.error(`Usage: node tools/launch.mjs ${Object.keys(commands).join('|')} [options]`);
  process.exit(2);
}
installPackages();
const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
const child = spawn(runtime(), [script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
});
// A terminal's Ctrl-C reaches the whole group; what was sent to this process alone is handed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1));
});
