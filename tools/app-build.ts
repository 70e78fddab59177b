// Builds the app when its sources changed since the last build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './centre.ts';

const SOURCES = ['app/**/*', 'domain/**/*.ts', 'vite.config.ts', 'package-lock.json'];
const exclude = (path: string): boolean => path.startsWith('app/dist') || path.endsWith('.test.ts');

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) {
    const name = path.slice(root.length + 1);
    if (!exclude(name)) hash.update(name).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Throws with the builder's words when the build fails. Returns the folder of the built app. */
export function buildApp(log: (line: string) => void): string {
  const dist = join(root, 'app/dist');
  const stampFile = join(dist, '.built-from');
  const stamp = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return dist;
  log('Building the app …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the app could not be built:\n${built.stdout}${built.stderr}`);
  writeFileSync(stampFile, stamp);
  return dist;
}
