// Finds a real Asterisk, or gets one: ASTERISK_BIN, then the PATH, then Debian's packages unpacked into .cache.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { unpackDebianPackages } from './debian.ts';
import { run } from './run.ts';

/** A program that can be started with our own configuration (`-C`). */
export interface AsteriskProgram {
  /** What to execute, and the arguments that come before Asterisk's own. */
  readonly command: string;
  readonly args: readonly string[];
  readonly from: 'ASTERISK_BIN' | 'PATH' | 'packages';
  readonly version: string;
  readonly moduleDir: string;
  /** Holds `documentation/` (Asterisk refuses to load chan_pjsip without it), `sounds/`, `moh/`. */
  readonly dataDir: string;
  readonly sqliteDriver: string;
}

/** Debian's own packages of 22 LTS; everything they need comes along. */
const packages = [
  'asterisk',
  'asterisk-modules',
  'asterisk-core-sounds-en-gsm',
  'asterisk-moh-opsound-gsm',
  'libsqliteodbc',
  'odbc-postgresql',
];
const suite = 'forky';
const oldestMajor = 18;
const neededModules = ['res_odbc.so', 'res_config_odbc.so', 'chan_pjsip.so', 'app_queue.so', 'res_ari.so'];
const repoRoot = resolve(import.meta.dirname, '../..');

/** Says through `log` why each way was passed over. Throws what to install when no way works. */
export async function getAsterisk(log: (line: string) => void): Promise<AsteriskProgram> {
  const named = process.env['ASTERISK_BIN'];
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'asterisk'));
  const places = [
    ...(named ? [{ from: 'ASTERISK_BIN', bin: named } as const] : []),
    ...onPath.filter((bin) => existsSync(bin)).map((bin) => ({ from: 'PATH', bin }) as const),
  ];
  for (const { from, bin } of places) {
    const found = await look(from, bin);
    if (typeof found !== 'string') return found;
    log(`${bin} (${from}) is not used: ${found}`);
  }
  return unpackAsterisk(log);
}

async function unpackAsterisk(log: (line: string) => void): Promise<AsteriskProgram> {
  try {
    const { dir } = await unpackDebianPackages({
      packages,
      suite,
      into: join(repoRoot, '.cache/asterisk-22'),
      log,
    });
    const found = await look('packages', join(dir, 'usr/sbin/asterisk'));
    if (typeof found !== 'string') return found;
    throw new Error(found);
  } catch (error) {
    throw new Error(
      'No Asterisk to run. Either install Asterisk 22 (18 at least) with its ODBC modules and the SQLite ODBC ' +
        'driver (libsqliteodbc) and name its binary in ASTERISK_BIN, or run on a Debian with apt-get and a mirror ' +
        `in reach (DEBIAN_MIRROR names another one). The last way failed so: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** The program, or in words why this binary will not do. */
async function look(from: AsteriskProgram['from'], bin: string): Promise<AsteriskProgram | string> {
  if (!existsSync(bin)) return 'there is no such file';
  const tree = treeOf(bin);
  const libraries = libraryDirs(tree);
  const start = startFrom(tree, bin, libraries);
  const said = await run(start.command, [...start.args, '-V']).catch((error: unknown) => ({
    code: -1,
    stdout: '',
    stderr: String(error),
  }));
  const version = /^Asterisk (\S+)/.exec(said.stdout)?.[1];
  if (!version) return `it does not tell its version (${said.stderr.trim() || said.stdout.trim()})`;
  const major = Number.parseInt(version.replace(/^\D+/, ''), 10);
  if (!(major >= oldestMajor)) return `it is version ${version}, ${oldestMajor} is the oldest that will do`;

  const configured = configuredDirs(tree);
  const moduleDir = [configured['astmoddir'], ...libraries.map((dir) => join(dir, 'asterisk/modules'))].find(
    (dir) => dir !== undefined && neededModules.every((name) => existsSync(join(dir, name))),
  );
  if (!moduleDir) return `no module folder with ${neededModules.join(', ')}`;
  const dataDir = [
    configured['astdatadir'],
    join(tree, 'usr/share/asterisk'),
    join(tree, 'var/lib/asterisk'),
  ].find((dir) => dir !== undefined && existsSync(join(dir, 'documentation/core-en_US.xml')));
  if (!dataDir) return 'no data folder with documentation/core-en_US.xml';
  const sqliteDriver = libraries
    .flatMap((dir) => [join(dir, 'odbc/libsqlite3odbc.so'), join(dir, 'libsqlite3odbc.so')])
    .find((file) => existsSync(file));
  if (!sqliteDriver) return 'the SQLite ODBC driver is missing (libsqliteodbc)';
  return { ...start, from, version, moduleDir, dataDir, sqliteDriver };
}

function subfolders(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
}

/** usr/lib/<triplet> first (Debian), then the places others use. `tree` is `/` for an installed Asterisk. */
function libraryDirs(tree: string): string[] {
  const triplets = subfolders(join(tree, 'usr/lib')).filter((dir) => /-linux-gnu\w*$/.test(dir));
  return [...triplets, ...['usr/lib', 'usr/lib64', 'usr/local/lib'].map((dir) => join(tree, dir))];
}

/** The dynamic loader of an unpacked tree: it brings its own libc, so its programs are started by it. */
function loaderOf(libraries: readonly string[]): string | undefined {
  return libraries.flatMap(subfolders).find((file) => /\/ld-linux[^/]*\.so\.\d+$/.test(file));
}

/** The folder that holds usr/sbin/asterisk, if it can run on its own; `/` for an installed Asterisk. */
function treeOf(bin: string): string {
  const tree = resolve(dirname(realpathSync(bin)), '../..');
  return tree !== '/' && loaderOf(libraryDirs(tree)) ? tree : '/';
}

function startFrom(
  tree: string,
  bin: string,
  libraries: readonly string[],
): { command: string; args: string[] } {
  const loader = tree === '/' ? undefined : loaderOf(libraries);
  return loader
    ? { command: loader, args: ['--library-path', dirname(loader), bin] }
    : { command: bin, args: [] };
}

/** The folders an installed Asterisk names in its own asterisk.conf. */
function configuredDirs(tree: string): Record<string, string | undefined> {
  const file = join(tree, 'etc/asterisk/asterisk.conf');
  if (tree !== '/' || !existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').matchAll(/^\s*(ast\w+)\s*=>?\s*(\S+)/gm);
  return Object.fromEntries([...lines].map((found) => [found[1] ?? '', found[2]]));
}
