// A whole private centre: Asterisk, the stores with their people, and the bridge as a process of its own.
// `npm start`, the tests and the benchmarks all run this one.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prepareAsterisk, type PrivateAsterisk, type QueuePlan } from '../asterisk/private/index.ts';
import { freePort, freePortLike } from '../asterisk/private/ports.ts';
import { openShared } from '../bridge/adapters/store/open.ts';
import { hashPassword } from '../bridge/adapters/passwords.ts';
import { createPeopleDesk, newPassword, type NewPerson } from '../bridge/cli/people.ts';

export const root = resolve(import.meta.dirname, '..');

export interface CentrePlan {
  readonly runDir: string;
  readonly name: string;
  readonly queues: readonly QueuePlan[];
  readonly people: readonly NewPerson[];
  readonly demo: boolean;
  /** Must be free. */
  readonly httpPort?: number;
  /** Taken if it is free, else any; so is any when neither is given. */
  readonly likedHttpPort?: number;
  readonly wrapupTimeS?: number;
  readonly qualifyFrequencyS?: number;
  readonly appDir?: string;
  /** More for the bridge's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** One password for all, hashed once: thousands of people for a benchmark would take a minute. */
  readonly oneHash?: boolean;
  readonly log?: (line: string) => void;
}

export interface Login {
  readonly extension: string;
  readonly name: string;
  readonly role: string;
  readonly password: string;
}

export interface BridgeProcess {
  readonly pid: number | null;
  /** Resolves when `/health` answers. */
  start(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface Centre {
  readonly url: string;
  readonly logins: readonly Login[];
  readonly asterisk: PrivateAsterisk;
  readonly bridge: BridgeProcess;
  readonly files: { readonly bridge: string; readonly pbx: string; readonly bridgeLog: string };
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Secrets {
  readonly bridge: string;
  readonly passwords: Record<string, string>;
}

/** Made up once per run folder, readable by its owner only. */
function secretsOf(runDir: string): Secrets {
  const file = join(runDir, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  return { bridge: randomBytes(32).toString('hex'), passwords: {} };
}

async function seed(plan: CentrePlan, files: Centre['files'], secrets: Secrets): Promise<readonly Login[]> {
  const store = await openShared({ file: files.bridge, pbxFile: files.pbx });
  try {
    await store.settings.setMeta('demo', plan.demo ? '1' : '0');
    const desk = createPeopleDesk(store, Date.now);
    const shared = plan.oneHash ? newPassword() : null;
    const sharedHash = shared === null ? null : await hashPassword(shared);
    for (const person of plan.people) {
      const password = (secrets.passwords[person.extension] ??= shared ?? newPassword());
      if (await store.accounts.find(person.extension)) continue;
      if (sharedHash === null) await desk.add(person, password, plan.qualifyFrequencyS);
      else await store.accounts.add({ ...person, passwordHash: sharedHash }, Date.now());
    }
  } finally {
    store.close();
  }
  return plan.people.map(({ extension, name, role }) => {
    return { extension, name, role, password: secrets.passwords[extension] ?? '' };
  });
}

const gone = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => child.once('exit', () => done()));

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function bridgeProcess(url: string, logFile: string, environment: Record<string, string>): BridgeProcess {
  let child: ChildProcess | null = null;

  async function answers(): Promise<boolean> {
    try {
      const response = await fetch(`${url}/health`);
      await response.body?.cancel();
      return true;
    } catch {
      return false;
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = child;
    child = null;
    if (!running) return;
    running.kill(signal);
    const late = signal === 'SIGTERM' ? setTimeout(() => running.kill('SIGKILL'), 10_000) : undefined;
    await gone(running);
    clearTimeout(late);
  }

  return {
    get pid() {
      return child?.pid ?? null;
    },
    async start(extra = {}) {
      const log = createWriteStream(logFile, { flags: 'a' });
      const started = spawn(process.execPath, ['bridge/main.ts'], {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment, ...extra },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.stdout.pipe(log, { end: false });
      started.stderr.pipe(log, { end: false });
      child = started;
      while (!(await answers())) {
        if (started.exitCode !== null) throw new Error(`the bridge did not start, see ${logFile}`);
        await pause(20);
      }
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Prepares everything and starts nothing; a run folder prepared before keeps its secrets, people and history. */
export async function prepareCentre(plan: CentrePlan): Promise<Centre> {
  const { runDir, log } = plan;
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const asterisk = await prepareAsterisk({
    runDir: join(runDir, 'asterisk'),
    queues: plan.queues,
    ...(plan.wrapupTimeS === undefined ? {} : { wrapupTimeS: plan.wrapupTimeS }),
    ...(plan.qualifyFrequencyS === undefined ? {} : { qualifyFrequencyS: plan.qualifyFrequencyS }),
    ...(log ? { log } : {}),
  });
  const files = {
    bridge: join(runDir, 'bridge.sqlite'),
    pbx: asterisk.dbFile,
    bridgeLog: join(runDir, 'bridge.log'),
  };
  const secrets = secretsOf(runDir);
  const logins = await seed(plan, files, secrets);
  writeFileSync(join(runDir, 'secrets.json'), JSON.stringify(secrets, null, 2), { mode: 0o600 });
  const port =
    plan.httpPort === undefined
      ? await freePortLike('tcp', plan.likedHttpPort)
      : await freePort('tcp', plan.httpPort);
  const url = `http://127.0.0.1:${port}`;
  const bridge = bridgeProcess(url, files.bridgeLog, {
    HTTP_PORT: String(port),
    APP_DIR: plan.appDir ?? join(root, 'app/dist'),
    DATABASE_FILE: files.bridge,
    PBX_DATABASE_FILE: files.pbx,
    AMI_HOST: asterisk.host,
    AMI_PORT: String(asterisk.ports.ami),
    AMI_WATCH_USER: asterisk.ami.watch.user,
    AMI_WATCH_SECRET: asterisk.ami.watch.secret,
    ARI_URL: `http://${asterisk.host}:${asterisk.ports.http}/ari`,
    ARI_USER: asterisk.ari.user,
    ARI_PASSWORD: asterisk.ari.password,
    SIP_URL: asterisk.sipWebSocketUrl,
    SIP_REALM: asterisk.sipRealm,
    BRIDGE_SECRET: secrets.bridge,
    CENTRE_NAME: plan.name,
    DEMO: plan.demo ? '1' : '0',
    ...plan.environment,
  });
  return {
    ...{ url, logins, asterisk, bridge, files },
    async start() {
      await asterisk.start();
      await bridge.start();
    },
    async stop() {
      await bridge.stop();
      await asterisk.stop();
    },
  };
}
