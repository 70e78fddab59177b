import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** A running system instead of one of our own: only what a browser alone can show is run there. */
const remote = process.env['E2E_BASE_URL'] !== undefined;
const firefox = process.env['FIREFOX_BIN'] ?? '';

/** A closed network, a microphone that is always there, no questions. */
const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

const projects: NonNullable<PlaywrightTestConfig['projects']> = [
  {
    name: 'chromium',
    use: {
      browserName: 'chromium',
      launchOptions: {
        executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
        args: chromiumArgs,
      },
    },
  },
];
if (firefox !== '') {
  projects.push({
    name: 'firefox',
    grep: /@everywhere/,
    use: {
      browserName: 'firefox',
      channel: 'moz-firefox',
      launchOptions: {
        executablePath: firefox,
        firefoxUserPrefs: {
          'media.navigator.streams.fake': true,
          'media.navigator.permission.disabled': true,
        },
      },
    },
  });
}

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: join(root, 'test-results/e2e'),
  // One centre a worker; two browsers and an Asterisk fill two cores.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  ...(remote ? { grep: /@remote/ } : {}),
  reporter: [['list'], ['json', { outputFile: join(root, 'test-results/e2e.json') }]],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', locale: 'en-GB' },
  projects,
});
