// Unpacks Debian packages into a folder of ours with nothing but apt-get and dpkg-deb: on every Debian, as any
// user, nothing installed. apt works on a state folder of its own and only downloads.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { mustRun } from './run.ts';
import { randomName } from './wait.ts';

export interface UnpackOptions {
  readonly packages: readonly string[];
  /** The folder to fill. It appears complete or not at all. */
  readonly into: string;
  /**
   * A Debian release (`forky`): every package comes along down to libc, so the folder can run on its own.
   * Without it the machine's own sources are used and only what is not installed here comes.
   */
  readonly suite?: string;
  readonly log?: (line: string) => void;
}

export interface Unpacked {
  readonly dir: string;
  /** Package → version, of everything in the folder. */
  readonly versions: Readonly<Record<string, string>>;
}

const stampName = '.unpacked.json';
interface Stamp {
  readonly wanted: string;
  readonly versions: Record<string, string>;
}

/** Fills `into` unless it already holds exactly these packages. Safe to run twice at once. */
export async function unpackDebianPackages(options: UnpackOptions): Promise<Unpacked> {
  const { into, packages, suite, log = () => undefined } = options;
  const wanted = `${suite ?? 'own'}: ${[...packages].sort().join(' ')}`;
  const there = await readStamp(into);
  if (there?.wanted === wanted) return { dir: into, versions: there.versions };

  await mkdir(dirname(into), { recursive: true });
  await removeAbandoned(into);
  const part = `${into}.part-${process.pid}-${randomName()}`;
  try {
    log(`getting ${packages.join(', ')} (${suite ?? "this machine's release"}) by apt-get, once`);
    const archives = await download(join(part, '.apt'), packages, suite);
    const versions: Record<string, string> = {};
    for (const archive of archives) {
      await mustRun('dpkg-deb', ['-x', archive, part]);
      const [name = '', version = ''] = basename(archive).split('_');
      versions[name] = decodeURIComponent(version);
    }
    await rm(join(part, '.apt'), { recursive: true });
    await writeFile(join(part, stampName), JSON.stringify({ wanted, versions } satisfies Stamp, null, 2));
    await putInPlace(part, into, wanted);
    log(`unpacked ${archives.length} packages into ${into}`);
    return { dir: into, versions };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function readStamp(dir: string): Promise<Stamp | null> {
  try {
    return JSON.parse(await readFile(join(dir, stampName), 'utf8')) as Stamp;
  } catch {
    return null;
  }
}

/** Renames, so nobody ever sees half a tree. A run that finished meanwhile wins; another content is replaced. */
async function putInPlace(part: string, into: string, wanted: string): Promise<void> {
  if ((await readStamp(into))?.wanted === wanted) return;
  if (existsSync(into)) {
    const old = `${into}.part-${process.pid}-old-${randomName()}`;
    await rename(into, old);
    await rm(old, { recursive: true, force: true });
  }
  try {
    await rename(part, into);
  } catch (error) {
    if ((await readStamp(into))?.wanted !== wanted) throw error;
  }
}

/** Folders left by a run that was killed: their name holds its process id. */
async function removeAbandoned(into: string): Promise<void> {
  const prefix = `${basename(into)}.part-`;
  for (const name of await readdir(dirname(into))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid > 0 && !existsSync(`/proc/${pid}`)) {
      await rm(join(dirname(into), name), { recursive: true, force: true });
    }
  }
}

async function download(
  root: string,
  packages: readonly string[],
  suite: string | undefined,
): Promise<string[]> {
  const settings = await aptRoot(root, suite);
  await mustRun('apt-get', [...settings, '-q', 'update']);
  const install = ['-q', '-y', '--no-install-recommends', '--download-only', 'install'];
  await mustRun('apt-get', [...settings, ...install, ...packages]);
  const archives = join(root, 'cache/archives');
  const names = (await readdir(archives)).filter((name) => name.endsWith('.deb')).sort();
  return names.map((name) => join(archives, name));
}

/** A state folder of our own; the machine's apt.conf (a proxy, say) still applies. Returns the options naming it. */
async function aptRoot(root: string, suite: string | undefined): Promise<string[]> {
  for (const dir of ['state/lists/partial', 'cache/archives/partial', 'etc/sources.d', 'etc/preferences.d']) {
    await mkdir(join(root, dir), { recursive: true });
  }
  const options: Record<string, string> = {
    'Dir::State': join(root, 'state'),
    'Dir::State::status': join(root, 'status'),
    'Dir::Cache': join(root, 'cache'),
    'APT::Sandbox::User': userInfo().username,
    'Acquire::Check-Valid-Until': 'false', // a mirror frozen in time is as good here
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'APT::Update::Error-Mode': 'any', // a mirror out of reach is the error to report, not a missing package
  };
  if (suite === undefined) {
    // A copy, because apt locks the folder of the status file and an ordinary user may not lock the real one.
    await copyFile('/var/lib/dpkg/status', join(root, 'status'));
  } else {
    await writeFile(join(root, 'status'), '');
    await writeFile(
      join(root, 'etc/sources.list'),
      `deb ${signedBy()}${await debianMirror()} ${suite} main\n`,
    );
    options['Dir::Etc::sourcelist'] = join(root, 'etc/sources.list');
    options['Dir::Etc::sourceparts'] = join(root, 'etc/sources.d');
    options['Dir::Etc::preferencesparts'] = join(root, 'etc/preferences.d');
  }
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

function signedBy(): string {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
}

/** The mirror this machine already uses, as apt itself reads its sources. `DEBIAN_MIRROR` overrides. */
async function debianMirror(): Promise<string> {
  const named = process.env['DEBIAN_MIRROR'];
  if (named) return named;
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (/^ID=debian$/m.test(release) && codename) {
    const uris = await mustRun('apt-get', ['--print-uris', 'update']);
    const found = new RegExp(`^'([^']+)/dists/${codename}/InRelease'`, 'm').exec(uris)?.[1];
    if (found) return found;
  }
  throw new Error('no Debian mirror in this machine’s apt sources; name one in DEBIAN_MIRROR');
}
