// The doctor at a real Asterisk: the reference has nothing wrong, and what is broken in it is named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestPbx, type TestPbx } from '../../../asterisk/testing/test-pbx.ts';
import { createSystemClock } from '../../adapters/clock.ts';
import { edit, faultsOf, type Named } from './doctor-test-bench.ts';
import type { Facts } from './facts.ts';
import { gather } from './gather.ts';
import { judge } from './judge.ts';
import { fromRunFolder, type Situation } from './situation.ts';

const EXTENSIONS = ['1001', '1002', '1003'];
let test: TestPbx;
let confDir: string;
let saved: string;

beforeAll(async () => {
  test = await startTestPbx();
  confDir = join(test.pbx.runDir, 'conf');
  saved = join(test.pbx.runDir, 'conf-as-it-was');
  await cp(confDir, saved, { recursive: true });
});
afterAll(() => test.end());
beforeEach(() => test.provision(...EXTENSIONS));

const situation = (change: Partial<Situation> = {}): Situation => {
  const found = fromRunFolder(test.pbx.runDir);
  if (!found) throw new Error('no run folder');
  return { ...found, ...change };
};
const examine = (change?: Partial<Situation>, folder: string | null = null): Promise<Facts> =>
  gather(situation(change), createSystemClock(), folder);

/** Asterisk, started anew with these texts in place of others; afterwards all is as before. */
async function broken<Result>(
  edits: readonly (readonly [file: string, from: string, to: string])[],
  look: () => Promise<Result>,
): Promise<Result> {
  await test.pbx.stop();
  for (const [file, from, to] of edits) await edit(confDir, file, from, to);
  await test.pbx.start();
  try {
    return await look();
  } finally {
    await test.pbx.stop();
    await cp(saved, confDir, { recursive: true });
    await test.pbx.start();
  }
}

const wrong = (id: string, ...about: readonly string[]): Named => ({ id, state: 'wrong', about });

describe('npm run doctor', () => {
  it('[OP7] [RG9] [RG10] [RG11] [PS9] finds nothing to say of the reference', async () => {
    expect(faultsOf(judge(await examine()))).toEqual([]);
    expect(test.pbx.errorLines()).toEqual([]);
  });

  it('[OP7] reads the same files from the folder as over AMI', async () => {
    const [asked, read] = [await examine(), await examine({}, confDir)];
    const { 'extensions.conf': dialplan, ...files } = read.conf;
    expect(asked.conf).toEqual(files);
    expect(dialplan?.length).toBeGreaterThan(3);
  });

  it('[RG11] [ST9] names ringinuse and autopause', async () => {
    const edits = [
      ['queues.conf', 'ringinuse = no', 'ringinuse = yes'],
      ['queues.conf', 'autopause = no', 'autopause = yes'],
    ] as const;
    const queues = ['support', 'sales'];
    expect(faultsOf(judge(await broken(edits, examine)))).toEqual([
      wrong('queue.ringinuse', ...queues),
      wrong('queue.autopause', ...queues),
    ]);
  });

  it('[RG1] [SE1] names a contact nobody asks after, and an open door, which it finds by knocking too', async () => {
    test.rows.run("UPDATE ps_aors SET qualify_frequency = 0 WHERE id = '1002'");
    test.rows.run("UPDATE ps_endpoints SET auth = '' WHERE id = '1001'");
    expect(faultsOf(judge(await examine()))).toEqual([
      wrong('sip.open-door', '1001'),
      wrong('endpoint.auth', '1001'),
      wrong('aor.qualify', '1002'),
    ]);
    expect(test.rows.all('SELECT id FROM ps_contacts')).toEqual([]);
  });

  it('[OP7] names an AMI user that is a shell, and an ARI user that may write', async () => {
    const edits = [
      ['manager.conf', 'write = call,originate', 'write = call,originate,system'],
      ['ari.conf', 'read_only = yes', 'read_only = no'],
    ] as const;
    expect(faultsOf(judge(await broken(edits, examine)))).toEqual([
      wrong('ami.act.rights', 'act'),
      wrong('ari.read-only'),
    ]);
  });

  it('[RG10] names what is not loaded, and tables that are not Asterisk’s', async () => {
    const edits = [
      ['modules.conf', 'require = app_agent_pool.so', ''],
      ['sorcery.conf', 'endpoint = realtime,ps_endpoints', ''],
    ] as const;
    expect(faultsOf(judge(await broken(edits, examine)))).toEqual([
      { id: 'asterisk.modules', state: 'warn', about: ['app_agent_pool'] },
      wrong('tables.realtime'),
      wrong('tables.same', '1001'),
    ]);
  });

  it('[OP7] without `system` it says what it could not look at, and that the bridge could not either', async () => {
    const edits = [['manager.conf', 'write = agent,system,reporting', 'write = agent,reporting']] as const;
    const findings = judge(await broken(edits, examine));
    expect(faultsOf(findings).filter(({ state }) => state !== 'unknown')).toEqual([
      wrong('ami.watch.rights', 'watch'),
    ]);
    expect(new Set(findings.flatMap(({ state, says }) => (state === 'unknown' ? [says] : [])))).toContain(
      'queues.conf could not be read',
    );
  });

  it('[OP2] a secret Asterisk refuses, a wrong ARI password, another realm: each by its name', async () => {
    const { ari, act } = situation();
    const facts = await examine({
      act: { ...act, secret: 'wrong' },
      ari: ari && { ...ari, password: 'wrong' },
      sipRealm: 'asterisk',
    });
    expect(faultsOf(judge(facts))).toEqual([
      wrong('ami.act.rights', 'act'),
      wrong('sip.realm'),
      wrong('ari.read-only'),
    ]);
  });
});

async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const script = resolve(import.meta.dirname, '../doctor.ts');
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...environment } });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'exit')) as [number];
  return { code, out: await out, err: await err };
}

describe('as a command', () => {
  const secrets = (): readonly string[] => [
    test.pbx.ami.watch.secret,
    test.pbx.ami.act.secret,
    test.pbx.ari.password,
  ];

  it('[OP7] prints a table and no secret, and ends with 0', async () => {
    const { code, out, err } = await run(['--run', test.pbx.runDir]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ok {5}queue\.ringinuse .*\[support, sales\]$/m);
    expect(out).toMatch(/^0 wrong, 0 to consider, 0 not known, \d+ right\.$/m);
    expect(secrets().filter((secret) => out.includes(secret))).toEqual([]);
  });

  it('[OP2] [OP7] looks where the environment says, ends with 1 when something is wrong; as JSON', async () => {
    const { pbx } = test;
    const { code, out } = await run(['--json'], {
      ...{ AMI_PORT: String(pbx.ports.ami), AMI_WATCH_SECRET: pbx.ami.watch.secret },
      ...{ SIP_URL: pbx.sipWebSocketUrl, SIP_REALM: pbx.sipRealm, PBX_DATABASE_FILE: pbx.dbFile },
    });
    const { findings } = JSON.parse(out) as { findings: Parameters<typeof faultsOf>[0] };
    expect(code).toBe(1);
    expect(faultsOf(findings)).toEqual([
      wrong('bridge.environment'),
      { id: 'ari.read-only', state: 'warn', about: [] },
    ]);
    expect(findings.find(({ id }) => id === 'bridge.environment')?.says).toBe(
      'DATABASE_FILE is missing; BRIDGE_SECRET is missing',
    );
    expect(secrets().filter((secret) => out.includes(secret))).toEqual([]);
  });

  it('[OP2] ends with 2 when Asterisk cannot be asked, and says why', async () => {
    const refused = await run([], {
      AMI_PORT: String(test.pbx.ports.ami),
      AMI_WATCH_SECRET: 'not-the-secret',
    });
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('Asterisk refuses the user watch');
    expect(refused.out).not.toContain('not-the-secret');
    const folder = join(test.pbx.runDir, 'nothing-here');
    const nowhere = await run(['--run', folder]);
    expect({ code: nowhere.code, out: nowhere.out }).toEqual({ code: 2, out: '' });
    await rm(folder, { recursive: true, force: true });
  });
});
