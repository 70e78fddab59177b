// A private Asterisk in a folder of its own: prepare, start, stop. For the demo, the tests and the benchmarks.
import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, seedMembers } from './database.ts';
import { getAsterisk, type AsteriskProgram } from './get.ts';
import { endLeftover } from './leftover.ts';
import { freePort, freePortLike, freeRtpBlock } from './ports.ts';
import { asteriskProcess, type AsteriskProcess } from './process.ts';
import type { QueuePlan } from './members.ts';
import { checkQueues, queueExtensions, queueSections, realtimeMembers, renderReference } from './render.ts';
import { readSettings, writeSettings, type Credentials, type Settings } from './settings.ts';
import { writeCallerSound } from './sound.ts';
import { randomSecret } from './wait.ts';

export type { PlannedMember, QueuePlan } from './members.ts';
export { unpackDebianPackages, type UnpackOptions, type Unpacked } from './debian.ts';

export interface RenderOptions {
  /** Everything of this Asterisk lies in here: configuration, database, logs, `asterisk.json`. */
  readonly runDir: string;
  readonly queues: readonly QueuePlan[];
  /**
   * Seconds between two OPTIONS to each contact, default 15. It lives in each AOR's row, so it is only handed on
   * (`qualifyFrequencyS`) to whoever writes those rows (reference/endpoint.ts).
   */
  readonly qualifyFrequencyS?: number;
  /** `wrapuptime` of the queues, default 2 (ST6). */
  readonly wrapupTimeS?: number;
  /** Unique per node (OP4), default `desk-demo`. */
  readonly systemName?: string;
  /** Ports that must be these; one in use is an error. Others are the earlier ones if free, else any. */
  readonly ports?: { readonly ami?: number; readonly http?: number; readonly sip?: number };
  readonly log?: (line: string) => void;
}

export interface PrivateAsterisk extends AsteriskProcess {
  readonly runDir: string;
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly ports: { readonly ami: number; readonly http: number; readonly sip: number };
  readonly ami: { readonly watch: Credentials; readonly act: Credentials };
  readonly ari: { readonly user: string; readonly password: string };
  readonly dbFile: string;
  /** SIP over WebSocket, subprotocol `sip`. */
  readonly sipWebSocketUrl: string;
  /** The realm to compute an HA1 with: md5("<user>:<realm>:<secret>"). */
  readonly sipRealm: string;
  readonly qualifyFrequencyS: number;
}

export const sipRealm = 'desk';

const modulesIfThere = ['res_websocket_client.so', 'codec_opus.so', 'codec_opus_open_source.so'];

/**
 * Finds or gets Asterisk, renders the configuration, creates the database; does not start. A folder prepared
 * before keeps its secrets, its database and, while they are free, its ports.
 */
export async function prepareAsterisk(options: RenderOptions): Promise<PrivateAsterisk> {
  const { queues, log = () => undefined } = options;
  checkQueues(queues);
  const program = await getAsterisk(log);
  mkdirSync(options.runDir, { recursive: true, mode: 0o700 });
  const runDir = realpathSync(options.runDir);
  const folders = makeFolders(runDir);
  await endLeftover(runDir, join(folders.confDir, 'asterisk.conf'));
  const settings = await settle(runDir, program, options);
  createDatabase(settings.dbFile);
  seedMembers(settings.dbFile, queues);
  await writeCallerSound(folders.callerSoundDir);
  await renderReference(folders.confDir, {
    ...folders,
    ...templateValues(settings, program),
    musicDir: musicDir(program, folders.callerSoundDir),
    systemName: options.systemName ?? 'desk-demo',
    wrapupTimeS: options.wrapupTimeS ?? 2,
    queues: queueSections(queues),
    realtimeMembers: realtimeMembers(queues),
    queueExtensions: queueExtensions(queues),
  });
  writeSettings(runDir, settings);
  return privateAsterisk(runDir, settings, program, folders);
}

function privateAsterisk(
  runDir: string,
  settings: Settings,
  program: AsteriskProgram,
  { confDir, logDir, socketDir }: Folders,
): PrivateAsterisk {
  const { version, host, ports, ami, ari, dbFile, qualifyFrequencyS } = settings;
  const confFile = join(confDir, 'asterisk.conf');
  const life = asteriskProcess({
    runDir,
    command: program.command,
    args: [...program.args, '-C', confFile],
    confFile,
    env: { ODBCSYSINI: confDir, ODBCINI: join(confDir, 'odbc.ini') },
    logFile: join(logDir, 'messages.log'),
    socketDir,
    watch: { host, port: ports.ami, ...ami.watch },
  });
  const sipWebSocketUrl = `ws://${host}:${ports.http}/ws`;
  const facts = {
    runDir,
    version,
    host,
    ports,
    ami,
    ari,
    dbFile,
    sipWebSocketUrl,
    sipRealm,
    qualifyFrequencyS,
  };
  return Object.defineProperties(life, Object.getOwnPropertyDescriptors(facts)) as PrivateAsterisk;
}

interface Folders {
  readonly confDir: string;
  readonly varDir: string;
  readonly logDir: string;
  readonly socketDir: string;
  readonly callerSoundDir: string;
}

function makeFolders(runDir: string): Folders {
  const folders = {
    confDir: join(runDir, 'conf'),
    varDir: join(runDir, 'var'),
    logDir: join(runDir, 'log'),
    socketDir: socketDirOf(runDir),
    callerSoundDir: join(runDir, 'sound'),
  };
  for (const dir of [folders.confDir, folders.varDir, folders.logDir, join(folders.varDir, 'keys')])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  return folders;
}

/** A Unix socket's path has at most 107 bytes, so a deep run folder gets a short place for `asterisk.ctl`. */
function socketDirOf(runDir: string): string {
  if (Buffer.byteLength(runDir) < 80) return join(runDir, 'socket');
  return join(tmpdir(), `asterisk-${createHash('sha256').update(runDir).digest('hex').slice(0, 12)}`);
}

async function settle(runDir: string, program: AsteriskProgram, options: RenderOptions): Promise<Settings> {
  const before = readSettings(runDir);
  const port = (kind: 'tcp' | 'udp', name: 'ami' | 'http' | 'sip'): Promise<number> =>
    options.ports?.[name] === undefined
      ? freePortLike(kind, before?.ports[name])
      : freePort(kind, options.ports[name]);
  return {
    version: program.version,
    host: '127.0.0.1',
    ports: { ami: await port('tcp', 'ami'), http: await port('tcp', 'http'), sip: await port('udp', 'sip') },
    rtp: await freeRtpBlock(),
    ami: before?.ami ?? {
      watch: { user: 'watch', secret: randomSecret() },
      act: { user: 'act', secret: randomSecret() },
    },
    ari: before?.ari ?? { user: 'desk', password: randomSecret() },
    dbFile: join(runDir, 'asterisk.sqlite'),
    sipRealm,
    qualifyFrequencyS: options.qualifyFrequencyS ?? 15,
    queues: options.queues.map((queue) => queue.name),
  };
}

function templateValues(settings: Settings, program: AsteriskProgram): Record<string, string | number> {
  const ifThere = modulesIfThere.filter((name) => existsSync(join(program.moduleDir, name)));
  return {
    moduleDir: program.moduleDir,
    dataDir: program.dataDir,
    sqliteDriver: program.sqliteDriver,
    modulesIfThere: ifThere.map((name) => `load = ${name}`).join('\n'),
    amiPort: settings.ports.ami,
    httpPort: settings.ports.http,
    sipPort: settings.ports.sip,
    rtpStart: settings.rtp.start,
    rtpEnd: settings.rtp.end,
    watchUser: settings.ami.watch.user,
    watchSecret: settings.ami.watch.secret,
    actUser: settings.ami.act.user,
    actSecret: settings.ami.act.secret,
    ariUser: settings.ari.user,
    ariPassword: settings.ari.password,
    dbFile: settings.dbFile,
    sipRealm,
  };
}

/** The music Asterisk brings, or the callers' sound where it is not installed: an empty folder logs warnings. */
function musicDir(program: AsteriskProgram, instead: string): string {
  const music = join(program.dataDir, 'moh');
  return existsSync(music) && readdirSync(music).length > 0 ? music : instead;
}
