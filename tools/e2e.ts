// npm run e2e [-- --ui | any option of Playwright]: the end-to-end suite in real browsers (tests-e2e/README.md).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildApp } from './app-build.ts';
import { findChromium, findFirefox } from './browsers.ts';
import { root } from './centre.ts';

const log = (line: string): void => console.log(line);
try {
  const chromium = await findChromium(log);
  if (process.env['E2E_BASE_URL'] === undefined) buildApp(log);
  const playwright = join(root, 'node_modules/@playwright/test/cli.js');
  const child = spawn(process.execPath, [playwright, 'test', '-c', 'tests-e2e', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM_BIN: chromium, FIREFOX_BIN: findFirefox() ?? '' },
  });
  child.on('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
