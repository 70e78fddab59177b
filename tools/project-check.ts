// Guards of the project itself: what must never be committed (a lock with download addresses, skipped tests).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './centre.ts';

const problems: string[] = [];
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
if (lock.includes('"resolved"')) problems.push('package-lock.json holds download addresses: see .npmrc');

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|svelte|js|mjs)$/.test(file));
const skipped = /\b(?:it|test|describe)\.(?:skip|only|fixme|todo)\b/;
for (const file of files) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  lines.forEach((line, index) => {
    if (skipped.test(line) && !line.includes('const skipped'))
      problems.push(`${file}:${index + 1} does not run: ${line.trim()}`);
  });
}
for (const problem of problems) console.error(problem);
console.log(`project: ${files.length} files, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
