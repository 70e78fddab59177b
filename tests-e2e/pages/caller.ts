// Somebody who calls a queue and stays on the line.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, type Centre } from '../../tools/centre.ts';

/** Calls until the returned function hangs up. */
export function callQueue({ asterisk }: Centre, queue: string): () => void {
  const script = join(root, 'asterisk/call.ts');
  const caller = spawn(process.execPath, [script, '--queue', queue, '--run', asterisk.runDir], {
    cwd: root,
    stdio: 'ignore',
  });
  return () => void caller.kill('SIGINT');
}
