// One centre a worker; desks that sign out behind themselves; steps between which something may be made to forget.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Browser, type BrowserContext } from '@playwright/test';
import { demoPlan } from '../../tools/demo-plan.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { DeskPage } from '../pages/desk-page.ts';
import { signIn } from './desk-client.ts';
import { remoteCentre } from './remote-centre.ts';

/** Who forgets everything between two steps: the bridge and Asterisk by kill -9, the page by a reload. */
export type Forgetter = 'bridge' | 'asterisk' | 'page';
export const FORGETTERS: readonly Forgetter[] = ['bridge', 'asterisk', 'page'];

export interface DeskOptions {
  readonly context?: Parameters<Browser['newContext']>[0];
}

interface WorkerFixtures {
  readonly centre: Centre;
}

interface TestFixtures {
  /** A browser of its own with the desk of that agent, signed in. */
  readonly openDesk: (extension: string, options?: DeskOptions) => Promise<DeskPage>;
  /** A browser of its own at the sign-in form. */
  readonly openBrowser: (options?: DeskOptions) => Promise<DeskPage>;
  readonly passwordOf: (extension: string) => string;
  /**
   * A step of a test. Before every step but the first, whoever `forgetting` (or E2E_FORGET) names loses its memory:
   * the test must pass all the same.
   */
  readonly step: (name: string, body: () => Promise<void>) => Promise<void>;
  readonly forgetting: Forgetter | null;
}

async function forget(who: Forgetter, centre: Centre, desks: readonly DeskPage[]): Promise<void> {
  const open = desks.map(({ page }) => page).filter((page) => !page.isClosed());
  if (who === 'page') await Promise.all(open.map((page) => page.reload()));
  if (who === 'bridge') {
    await centre.bridge.kill();
    await centre.bridge.start();
  }
  if (who === 'asterisk') {
    await centre.asterisk.kill();
    await centre.asterisk.start();
  }
}

const asForgetter = (text: string | undefined): Forgetter | null =>
  FORGETTERS.find((one) => one === text) ?? null;

export const test = base.extend<TestFixtures & { readonly desks: DeskPage[] }, WorkerFixtures>({
  centre: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
    async ({}, use) => {
      const remote = process.env['E2E_BASE_URL'];
      if (remote !== undefined) {
        await use(remoteCentre(remote));
        return;
      }
      const runDir = mkdtempSync(join(tmpdir(), 'e2e-'));
      const centre = await prepareCentre({ ...demoPlan(runDir), qualifyFrequencyS: 5 });
      await centre.start();
      await use(centre);
      await centre.stop();
      rmSync(runDir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  forgetting: [asForgetter(process.env['E2E_FORGET']), { option: true }],
  // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
  desks: async ({}, use) => {
    await use([]);
  },
  passwordOf: async ({ centre }, use) => {
    await use((extension) => {
      const login = centre.logins.find((one) => one.extension === extension);
      if (!login) throw new Error(`the demo centre has no ${extension}`);
      return login.password;
    });
  },
  openBrowser: async ({ browser, centre, desks }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async ({ context: options } = {}) => {
      const context = await browser.newContext({ ...options, permissions: ['microphone'] });
      contexts.push(context);
      const desk = new DeskPage(await context.newPage(), centre.url);
      desks.push(desk);
      return desk;
    });
    for (const context of contexts) await context.close();
  },
  openDesk: async ({ centre, openBrowser, passwordOf }, use) => {
    const used = new Set<string>();
    await use(async (extension, options) => {
      used.add(extension);
      const desk = await openBrowser(options);
      await desk.signIn(extension, passwordOf(extension));
      return desk;
    });
    // The next test finds nobody signed in.
    for (const extension of used) {
      const { accessToken } = await signIn(centre.url, extension, passwordOf(extension));
      await fetch(`${centre.url}/api/sign-out`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ everywhere: true }),
      });
    }
  },
  step: async ({ centre, desks, forgetting }, use) => {
    let steps = 0;
    await use(async (name, body) => {
      steps += 1;
      await base.step(name, async () => {
        if (steps > 1 && forgetting) await forget(forgetting, centre, desks);
        await body();
      });
    });
  },
});

export { expect } from '@playwright/test';
