// The life of one Asterisk process: started by us, ended with us.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { connectAmi, type AmiLogin } from './ami.ts';
import { endLeftover, forgetProcess, noteProcess } from './leftover.ts';
import { run } from './run.ts';
import { elapsed, until } from './wait.ts';

export interface ProcessPlan {
  readonly runDir: string;
  readonly command: string;
  /** Asterisk's program and everything up to and with `-C <its asterisk.conf>`. */
  readonly args: readonly string[];
  readonly confFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Where `asterisk.ctl` goes; made at each start, removed at the end. */
  readonly socketDir: string;
  readonly watch: AmiLogin;
}

export interface AsteriskProcess {
  readonly pid: number | null;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  cli(command: string): Promise<string>;
  errorLines(): string[];
}

const startWithinMs = 30_000;
const stopWithinMs = 10_000;

export function asteriskProcess(plan: ProcessPlan): AsteriskProcess {
  let child: ChildProcess | null = null;
  let ended: Promise<void> = Promise.resolve();
  const outFile = join(plan.runDir, 'log/console.log');

  const launch = (): ChildProcess => {
    makePrivate(plan.socketDir);
    const out = openSync(outFile, 'w');
    const [command, ...args] = [...tiedToUs(), plan.command, ...plan.args, '-f'];
    // Detached: a Ctrl-C in the terminal is for us alone, so that stop() decides when Asterisk goes.
    const options: SpawnOptions = {
      detached: true,
      env: { ...process.env, ...plan.env },
      stdio: ['ignore', out, out],
    };
    const started = spawn(command ?? '', args, options);
    closeSync(out);
    const last = (): void => {
      started.kill('SIGKILL');
    };
    process.once('exit', last);
    ended = new Promise((resolve) => {
      const over = (): void => {
        process.removeListener('exit', last);
        forgetProcess(plan.runDir);
        rmSync(plan.socketDir, { recursive: true, force: true });
        if (child === started) child = null;
        resolve();
      };
      started.once('exit', over);
      started.once('error', over);
    });
    if (started.pid) noteProcess(plan.runDir, started.pid);
    return started;
  };

  const end = async (ask: () => void): Promise<void> => {
    const running = child;
    if (!running) return ended;
    ask();
    const gone = await Promise.race([
      ended.then(() => true),
      elapsed(stopWithinMs, undefined).then(() => false),
    ]);
    if (!gone) running.kill('SIGKILL');
    await ended;
  };

  return {
    get pid() {
      return child?.pid ?? null;
    },
    async start() {
      if (child) throw new Error('Asterisk is running already');
      await endLeftover(plan.runDir, plan.confFile);
      const running = (child = launch());
      try {
        await booted(plan.watch, () => child === running);
      } catch (error) {
        running.kill('SIGKILL');
        await ended;
        const tail = [...lastLines(outFile, 15), ...lastLines(plan.logFile, 15)].join('\n');
        throw new Error(`Asterisk did not start (${(error as Error).message}). It said:\n${tail}`, {
          cause: error,
        });
      }
    },
    stop: () => end(() => child?.kill('SIGTERM')),
    kill: () => end(() => child?.kill('SIGKILL')),
    async cli(command) {
      const { code, stdout, stderr } = await run(plan.command, [...plan.args, '-rx', command], plan.env);
      if (code !== 0) throw new Error(`CLI "${command}": ${stderr.trim() || stdout.trim()}`);
      return stdout;
    },
    errorLines: () => readLines(plan.logFile).filter((line) => /\] (ERROR|WARNING)\b/.test(line)),
  };
}

/** It may lie in the common temp folder, where someone else could have made it first. */
function makePrivate(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${dir} belongs to someone else`);
}

/** setpriv (util-linux, on every Debian) makes the kernel end the child with us, a crash or `kill -9` included. */
function tiedToUs(): string[] {
  const dirs = (process.env['PATH'] ?? '').split(delimiter);
  const setpriv = dirs.map((dir) => join(dir, 'setpriv')).find((file) => existsSync(file));
  return setpriv ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
}

/** AMI logins are taken before the modules are up; FullyBooted marks the moment. */
async function booted(login: AmiLogin, alive: () => boolean): Promise<void> {
  const ami = await until('AMI login', startWithinMs, async () => {
    if (!alive()) throw new Error('it ended at once');
    return connectAmi(login).catch(() => undefined);
  });
  try {
    await until('FullyBooted', startWithinMs, () => {
      if (!alive()) throw new Error('it ended while starting');
      return ami.events.some((event) => event['Event'] === 'FullyBooted') ? true : undefined;
    });
  } finally {
    ami.close();
  }
}

const readLines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
const lastLines = (file: string, count: number): string[] => readLines(file).filter(Boolean).slice(-count);
