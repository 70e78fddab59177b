import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareAsterisk } from './private/index.ts';
import { until } from './private/wait.ts';
import { startTestPbx, testQueues, type TestPbx } from './testing/test-pbx.ts';

/** Ended but not yet collected by its parent (a zombie) counts as gone. */
const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
const starter = join(import.meta.dirname, 'testing/starter.ts');

/** Another Node that runs an Asterisk in `runDir`. */
async function startElsewhere(
  runDir: string,
  env: NodeJS.ProcessEnv,
): Promise<{ node: ChildProcess; pid: number }> {
  const node = spawn(process.execPath, [starter, runDir], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(node.stdout, 'data')) as [Buffer];
  return { node, pid: Number(chunk.toString()) };
}

async function killHard(node: ChildProcess): Promise<void> {
  const gone = once(node, 'exit');
  node.kill('SIGKILL');
  await gone;
}

describe('the life of a private Asterisk', () => {
  let test: TestPbx;
  beforeAll(async () => {
    test = await startTestPbx();
  });
  afterAll(() => test.end());

  it('starts with no ERROR and no WARNING in its log', async () => {
    expect(Number.parseInt(test.pbx.version)).toBeGreaterThanOrEqual(18);
    expect(await test.pbx.cli('core show uptime')).toContain('System uptime');
    expect(test.pbx.errorLines()).toEqual([]);
  });

  it('keeps its secrets from others', () => {
    for (const file of ['asterisk.json', 'conf/manager.conf', 'conf/ari.conf']) {
      expect(statSync(join(test.pbx.runDir, file)).mode & 0o077).toBe(0);
    }
  });

  it('[OP6] listens on loopback only', () => {
    const fds = `/proc/${test.pbx.pid ?? 0}/fd`;
    const links = readdirSync(fds).map((fd) => readlinkSync(join(fds, fd)));
    const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
    const listening = ['tcp', 'tcp6'].flatMap((kind) =>
      readFileSync(`/proc/net/${kind}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === '0A' && inodes.includes(fields[9] ?? ''))
        .map((fields) => fields[1]),
    );
    const { ami, http, sip } = test.pbx.ports;
    const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
    expect(listening.sort()).toEqual([ami, http].map((port) => `0100007F:${hex(port)}`).sort());
    expect(readFileSync('/proc/net/udp', 'utf8')).toContain(`0100007F:${hex(sip)}`);
  });

  it('[OP4] has a system name, so no other node prunes its contacts', async () => {
    expect(await test.pbx.cli('core show settings')).toMatch(/System name:\s+desk-demo/);
  });

  it('[PS9] members are paused at start, and again in the first QueueStatus after kill -9', async () => {
    const members = async (): Promise<(string | undefined)[][]> => {
      const watch = await test.login('watch');
      const list = await watch.list({ Action: 'QueueStatus' });
      watch.close();
      return list
        .filter((entry) => entry['Event'] === 'QueueMember')
        .map((entry) => [entry['Queue'], entry['Name'], entry['Paused']])
        .sort();
    };
    const all = [
      ['sales', '1002', '1'],
      ['sales', '1003', '1'],
      ['support', '1001', '1'],
      ['support', '1002', '1'],
    ];
    expect(await members()).toEqual(all);
    const watch = await test.login('watch');
    await watch.action({ Action: 'QueuePause', Interface: 'Local/1002@agents-all', Paused: 'false' });
    watch.close();
    expect((await members()).filter((member) => member[2] === '0')).toHaveLength(2);

    const { pid, ports } = { pid: test.pbx.pid ?? 0, ports: test.pbx.ports };
    await test.pbx.kill();
    expect(alive(pid)).toBe(false);
    expect(test.pbx.pid).toBeNull();
    await test.pbx.start();
    expect(test.pbx.ports).toEqual(ports);
    expect(await members()).toEqual(all);
  });

  it('refuses a second Asterisk in the same run folder while the first lives', async () => {
    await expect(prepareAsterisk({ runDir: test.pbx.runDir, queues: testQueues })).rejects.toThrow(
      /runs in .* already/,
    );
  });

  it('leaves no process, and keeps secrets and database when prepared again', async () => {
    const pid = test.pbx.pid ?? 0;
    test.rows.provision('1001');
    await test.pbx.stop();
    expect(alive(pid)).toBe(false);
    const again = await prepareAsterisk({ runDir: test.pbx.runDir, queues: testQueues });
    expect([again.ami, again.ari, again.ports]).toEqual([test.pbx.ami, test.pbx.ari, test.pbx.ports]);
    expect(test.rows.all('SELECT id FROM ps_endpoints')).toEqual([{ id: '1001' }]);
    await test.pbx.start();
  });
});

describe('a private Asterisk whose starter dies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pbx-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('dies with it, even after kill -9', async () => {
    const { node, pid } = await startElsewhere(join(folder, 'a'), process.env);
    expect(alive(pid)).toBe(true);
    await killHard(node);
    await until('the end of Asterisk', 5000, () => (alive(pid) ? undefined : true));
  });

  it('is ended by the next start where setpriv is missing', async () => {
    const runDir = join(folder, 'b');
    const { node, pid } = await startElsewhere(runDir, { ...process.env, PATH: '/nowhere' });
    await killHard(node);
    expect(alive(pid)).toBe(true);
    const next = await prepareAsterisk({ runDir, queues: testQueues });
    expect(alive(pid)).toBe(false);
    await next.start();
    await next.stop();
  });

  it('rejects with the end of the log when it cannot start', async () => {
    const pbx = await prepareAsterisk({ runDir: join(folder, 'c'), queues: testQueues });
    writeFileSync(
      join(pbx.runDir, 'conf/modules.conf'),
      '[modules]\nautoload = no\nrequire = no_such_module.so\n',
    );
    await expect(pbx.start()).rejects.toThrow(/did not start.*no_such_module/s);
    expect(pbx.pid).toBeNull();
  });

  it('works in a folder too deep for a Unix socket', async () => {
    const pbx = await prepareAsterisk({
      runDir: join(folder, 'd'.repeat(60), 'e'.repeat(60)),
      queues: testQueues,
    });
    await pbx.start();
    expect(await pbx.cli('core show uptime')).toContain('System uptime');
    await pbx.stop();
  });
});
