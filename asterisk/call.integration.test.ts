import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ami } from './private/ami.ts';
import { until } from './private/wait.ts';
import { startTestPbx, type TestPbx } from './testing/test-pbx.ts';

let test: TestPbx;
let watch: Ami;
beforeAll(async () => {
  test = await startTestPbx();
  watch = await test.login('watch');
});
afterAll(() => test.end());

const script = join(import.meta.dirname, 'call.ts');
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

async function finished(node: ChildProcess): Promise<{ code: number; said: string }> {
  let said = '';
  node.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  node.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(node, 'close')) as [number];
  return { code, said };
}

const waiting = async (): Promise<number> => {
  const list = await watch.list({ Action: 'QueueStatus', Queue: 'sales' });
  return list.filter((entry) => entry['Event'] === 'QueueEntry').length;
};

describe('npm run call', () => {
  it('sends callers with numbers into the queue and hangs them up at Ctrl-C', async () => {
    const node = start('--queue', 'sales', '--count', '3', '--every', '0', '--run', test.pbx.runDir);
    const result = finished(node);
    await until('three callers', 5000, async () => ((await waiting()) === 3 ? true : undefined));
    const numbers = watch.events
      .filter((event) => event['Event'] === 'QueueCallerJoin')
      .map((event) => event['CallerIDNum']);
    expect(numbers).toHaveLength(3);
    for (const number of numbers) expect(number).toMatch(/^\+7999000\d{4}$/);
    node.kill('SIGINT');
    const { code, said } = await result;
    expect(code).toBe(0);
    expect(said.match(/waits in sales/g)).toHaveLength(3);
    await until('an empty queue', 2000, async () => ((await waiting()) === 0 ? true : undefined));
    expect(test.pbx.errorLines()).toEqual([]);
  });

  it('ends by itself when the queue ends the call', async () => {
    const node = start('--queue', 'sales', '--number', '+79991112233', '--run', test.pbx.runDir);
    const result = finished(node);
    await until('the caller', 5000, async () => ((await waiting()) === 1 ? true : undefined));
    const act = await test.login('act');
    const join = watch.events.findLast((event) => event['Event'] === 'QueueCallerJoin');
    expect(join?.['CallerIDNum']).toBe('+79991112233');
    await act.action({ Action: 'Hangup', Channel: join?.['Channel'] ?? '' });
    act.close();
    const { code, said } = await result;
    expect(code).toBe(0);
    expect(said).toContain('+79991112233 is gone');
  });

  it('says what is wrong', async () => {
    const run = ['--run', test.pbx.runDir];
    const wrong: [string[], RegExp][] = [
      [[...run], /--queue is missing/],
      [['--queue', 'nope', ...run], /no queue "nope"; there are: support, sales/],
      [['--queue', 'sales', '--count', '0', ...run], /--count must be a number from 1/],
      [['--queue', 'sales', '--every', 'x', ...run], /--every must be a number/],
      [['--queue', 'sales', '--number', '12a', ...run], /--number must be/],
      [['--queue', 'sales', '--loud', ...run], /usage/],
      [['--queue', 'sales', '--run', '/nowhere'], /no centre is running in \/nowhere/],
    ];
    for (const [args, words] of wrong) {
      const { code, said } = await finished(start(...args));
      expect([args, code]).toEqual([args, 1]);
      expect(said).toMatch(words);
    }
  });
});
