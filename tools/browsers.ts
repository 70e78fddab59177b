// Finds the browsers the tests drive, or gets Chromium: installed as root, unpacked beside the project as anybody else.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackDebianPackages } from '../asterisk/private/index.ts';
import { root } from './centre.ts';

const onPath = (name: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file)) ?? null;

function install(log: (line: string) => void): string | null {
  log('Installing Chromium (apt-get) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', args, { env, stdio: 'ignore' }).status === 0;
  apt('update');
  return apt('install', '-y', '--no-install-recommends', 'chromium') ? onPath('chromium') : null;
}

/** Every folder of the tree that holds shared libraries (some, like pulseaudio's, lie deeper than the loader looks). */
function libraryFolders(dir: string): readonly string[] {
  const libraries = globSync('{usr/,}lib/*-linux-gnu*/**/*.so*', { cwd: dir });
  return [...new Set(libraries.map((file) => join(dir, dirname(file))))].sort((a, b) => a.length - b.length);
}

const fontConfig = (dir: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${dir}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${dir}/.font-cache</cachedir>
</fontconfig>
`;

/** Runs from its folder with the libraries and fonts that came along. */
async function unpack(log: (line: string) => void): Promise<string> {
  const into = join(root, '.cache/chromium');
  const { dir } = await unpackDebianPackages({ packages: ['chromium', 'fonts-dejavu-core'], into, log });
  const launcher = `${into}.sh`;
  writeFileSync(`${into}-fonts.conf`, fontConfig(dir));
  const lines = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH='${libraryFolders(dir).join(':')}'`,
    `export FONTCONFIG_FILE='${into}-fonts.conf'`,
    `exec '${join(dir, 'usr/lib/chromium/chromium')}' "$@"`,
  ];
  writeFileSync(launcher, `${lines.join('\n')}\n`);
  chmodSync(launcher, 0o755);
  return launcher;
}

/** CHROMIUM_BIN, else the one on the PATH, else one that is got now. Rejects naming what to install. */
export async function findChromium(log: (line: string) => void): Promise<string> {
  const named = process.env['CHROMIUM_BIN'];
  if (named !== undefined) return named;
  const found = onPath('chromium') ?? onPath('chromium-browser') ?? onPath('google-chrome');
  if (found) return found;
  const installed = process.getuid?.() === 0 ? install(log) : null;
  try {
    return installed ?? (await unpack(log));
  } catch (cause) {
    throw new Error(
      'Chromium is missing and could not be got: install the package chromium or set CHROMIUM_BIN',
      {
        cause,
      },
    );
  }
}

/** Firefox is used where it is installed. */
export const findFirefox = (): string | null => onPath('firefox-esr');
