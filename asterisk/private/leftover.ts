// Who runs in a run folder. Where setpriv is missing a crash can leave an Asterisk behind; it must not be met twice.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './wait.ts';

const pidFile = (runDir: string): string => join(runDir, 'asterisk.pid');

/** Writes `<asterisk's pid> <our pid> <our start time>`. */
export function noteProcess(runDir: string, pid: number): void {
  writeFileSync(pidFile(runDir), `${pid} ${process.pid} ${startTime(process.pid) ?? 0}\n`);
}

export function forgetProcess(runDir: string): void {
  rmSync(pidFile(runDir), { force: true });
}

/**
 * Ends an Asterisk of this run folder whose starter is gone. Its command line must name our configuration, so no
 * other process is ever touched. Throws when the one who started it still lives: two cannot share a run folder.
 */
export async function endLeftover(runDir: string, confFile: string): Promise<void> {
  if (!existsSync(pidFile(runDir))) return;
  const [pid = 0, owner = 0, ownerStart = 0] = readFileSync(pidFile(runDir), 'utf8').split(' ').map(Number);
  if (pid > 0 && commandLine(pid).includes(confFile)) {
    if (startTime(owner) === ownerStart) {
      throw new Error(`an Asterisk runs in ${runDir} already (process ${pid}, started by process ${owner})`);
    }
    process.kill(pid, 'SIGKILL');
    await until(`the end of process ${pid}`, 10_000, () => (isGone(pid) ? true : undefined));
  }
  forgetProcess(runDir);
}

/**
 * Also when it only waits to be collected. Its command line goes first, its first thread next, its sockets with the
 * last thread: started before that, a new Asterisk would find "itself" running and leave.
 */
function isGone(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return true;
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)) && threads(pid) <= 1;
}

function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** In clock ticks since boot: with it a process id names one process for good. Null when there is none. */
function startTime(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

const commandLine = (pid: number): string[] => (read(`/proc/${pid}/cmdline`) ?? '').split('\0');

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
