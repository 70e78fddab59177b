// How well the bridge knows: what supervisors see of it, from a real Asterisk, and of what a sound centre does not have.
import AxeBuilder from '@axe-core/playwright';
import { voiceOf } from './pages/bridge-voice.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { expect, test } from './testkit/fixtures.ts';
import { deviceTime } from './testkit/wait.ts';

const METHODS = [
  ...['contact-statuses', 'ari-endpoints', 'device-states', 'queue-status', 'agents', 'contact-rows'],
] as const;

const count = async (desk: DeskPage, testId: string): Promise<number> =>
  Number(/\d+/.exec((await desk.at(testId).locator('dd').first().textContent()) ?? '')?.[0]);

test('[WR6] [RG5] the health page is for those who oversee', async ({ openDesk }) => {
  const agent = await openDesk('1001');
  await agent.expectReachable();
  await expect(agent.at('nav-devices')).toBeVisible();
  await expect(agent.at('nav-health')).toBeHidden();
  await agent.page.goto(`${agent.page.url().split('#')[0]}#/health`);
  await agent.page.reload();
  await expect(agent.at('desk')).toHaveAttribute('data-page', 'desk');
  await expect(agent.at('health')).toBeHidden();
  const supervisor = await openDesk('1100');
  await supervisor.openPage('health');
  await expect(supervisor.page).toHaveURL(/#\/health$/);
  await supervisor.page.reload();
  await expect(supervisor.at('health')).toBeVisible();
  await supervisor.page.goBack();
  await expect(supervisor.at('desk')).toHaveAttribute('data-page', 'desk');
});

test('[RG5] [RG2] a sweep on demand says what each method answered, how long it took and what changed', async ({
  openDesk,
}) => {
  const agent = await openDesk('1001');
  await agent.expectReachable();
  const desk = await openDesk('1100');
  await desk.openPage('health');
  await expect(desk.at('health-ami')).toHaveAttribute('data-state', 'ready');
  await expect(desk.at('health-store')).toHaveAttribute('data-state', 'ready');
  const before = await count(desk, 'health-sweeps');
  await desk.at('sweep-now').click();
  await expect(desk.at('sweep-outcome')).toHaveText(/^Sweep done: \d+ changes?\.$/);
  await expect(desk.at('sweep-now')).toBeEnabled();
  expect(await count(desk, 'health-sweeps')).toBe(before + 1);
  await expect(desk.at('health-last-sweep')).toContainText('on demand, took');
  for (const method of METHODS) {
    const row = desk.at(`method-${method}`);
    await expect(row).toContainText(/\d ms|\d s/);
  }
  const statuses = desk.at('method-contact-statuses');
  await expect(statuses).toHaveAttribute('data-state', 'answered');
  // 1001 and the supervisor are registered, the others of the demo centre are not.
  await expect(statuses.locator('td').nth(2)).toHaveText('2');
  await expect(desk.at('health-agree')).toBeVisible();
  await expect(desk.at('health-oldest')).not.toContainText('nobody');
});

test('[OP2] [RG4] with Asterisk gone the page says since when, and a sweep changes nobody', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1100');
  await desk.expectReachable();
  await desk.openPage('health');
  await expect(desk.at('health-ami')).toHaveAttribute('data-state', 'ready');
  await centre.asterisk.kill();
  try {
    await expect(desk.at('health-ami')).not.toHaveAttribute('data-state', 'ready');
    await expect(desk.at('health-ami')).toContainText(/since \d\d:\d\d/);
    await desk.at('sweep-now').click();
    await expect(desk.at('sweep-outcome')).toHaveText(/Sweep done: 0 changes\.|Sweep not done\./);
  } finally {
    await centre.asterisk.start();
  }
  await expect(desk.at('health-ami')).toHaveAttribute('data-state', 'ready');
  await desk.expectReachable();
});

const sick = (now: number): Record<string, unknown> => {
  const nobody = { registered: 0, unregistered: 0, unknown: 7 };
  const some = { registered: 2, unregistered: 5, unknown: 0, problem: null };
  return {
    type: 'health:report',
    ami: { state: 'ready', since: now - 90_000_000 },
    ari: { state: 'not-configured', since: now - 90_000_000 },
    store: { state: 'failing', since: now - 4_000 },
    sweep: {
      ...{ at: now - 60_000, cause: 'cron', tookMs: 5_012 },
      methods: [
        { method: 'contact-statuses', state: 'answered', tookMs: 12, ...some },
        { method: 'ari-endpoints', state: 'unsupported', tookMs: 0, ...nobody, problem: 'unsupported' },
        { method: 'device-states', state: 'timed-out', tookMs: 5_000, ...nobody, problem: 'timeout' },
        { method: 'queue-status', state: 'failed', tookMs: 3, ...nobody, problem: 'ami-lost' },
        { method: 'agents', state: 'empty', tookMs: 2, ...nobody, problem: null },
        { method: 'contact-rows', state: 'answered', tookMs: 4, ...some },
      ],
      disagreements: [
        {
          ...{ extension: '1002', since: now - 130_000, verdict: 'registered', by: 'contact-statuses' },
          opinions: [
            { method: 'contact-statuses', verdict: 'registered' },
            { method: 'contact-rows', verdict: 'unregistered' },
          ],
        },
      ],
      changes: [{ extension: '1003', from: 'registered', to: 'unregistered', by: 'contact-statuses' }],
    },
    ...{ sweeps: 12, disagreements: 3, oldestKnowledge: { extension: '1003', asOf: now - 284_000 } },
    ghosts: { seconds: 12.44, now: ['1002'] },
  };
};

const texts = async (desk: DeskPage, selector: string): Promise<readonly string[]> =>
  (await desk.at('health').locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

test('[RG5] disagreements with everyone’s opinion, ghosts by name, problems by code; an empty page before the first report', async ({
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser({ context: { viewport: { width: 1280, height: 1400 } } });
  const voice = await voiceOf(desk.page);
  voice.rewrite('health:report', () => null);
  await desk.signIn('1100', passwordOf('1100'));
  await desk.expectReachable();
  await desk.openPage('health');
  await expect(desk.at('health-empty')).toContainText('No report yet');
  voice.say(sick(deviceTime()));
  await expect(desk.at('health-store')).toHaveAttribute('data-state', 'failing');
  await expect(desk.at('health-ari')).toContainText('not configured');
  await expect(desk.at('health-ghosts')).toContainText('12.4 s');
  await expect(desk.at('health-ghosts')).toContainText('unpaused and unreachable now: Boris Lind');
  await expect(desk.at('health-oldest')).toContainText(/4:4\d/);
  await expect(desk.at('health-oldest')).toContainText('Clara Novak');
  const [disagreement = '', ...others] = await texts(desk, '[data-testid^="disagreement-"]');
  expect([disagreement.replace(/2:(09|1\d)/, '2:10'), others]).toEqual([
    'Boris Lind 1002 2:10 registered Contact statuses Contact statuses: registered Contact rows: unregistered',
    [],
  ]);
  expect(await texts(desk, '[data-testid^="method-"]')).toEqual([
    'Contact statuses PJSIPShowRegistrationInboundContactStatuses answered 12 ms 2 5 0',
    'ARI endpoints GET /ari/endpoints not supported 0 ms 0 0 7 unsupported',
    'Device states DeviceStateList timed out 5 s 0 0 7 timeout',
    'Queue members QueueStatus failed 3 ms 0 0 7 ami-lost',
    'Agent pool Agents empty answer 2 ms 0 0 7',
    'Contact rows ps_contacts answered 4 ms 2 5 0',
  ]);
  expect(await texts(desk, '[data-testid="health-changes"] tr')).toEqual([
    'Clara Novak 1003 registered → unregistered Contact statuses',
  ]);
  await desk.signOut();
});

test('[AP8] health and devices, light and dark, phone to desktop, both languages: no barrier axe can find', async ({
  openBrowser,
  passwordOf,
}) => {
  test.setTimeout(120_000);
  const desk = await openBrowser();
  const voice = await voiceOf(desk.page);
  voice.rewrite('health:report', () => null);
  await desk.signIn('1100', passwordOf('1100'));
  await desk.expectReachable();
  voice.say(sick(deviceTime()));
  const shapes = [
    { colorScheme: 'light', width: 1280, language: 'en' },
    { colorScheme: 'dark', width: 390, language: 'en' },
    { colorScheme: 'light', width: 390, language: 'ru' },
    { colorScheme: 'dark', width: 1280, language: 'ru' },
  ] as const;
  for (const { colorScheme, width, language } of shapes) {
    await desk.page.setViewportSize({ width, height: 860 });
    await desk.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await desk.at('settings-button').click();
    await desk.at('language-select').selectOption(language);
    await desk.page.keyboard.press('Escape');
    for (const page of ['health', 'devices'] as const) {
      await desk.openPage(page);
      await expect(desk.at(page)).toBeVisible();
      const { violations } = await new AxeBuilder({ page: desk.page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag22aa'])
        .analyze();
      const where = `${page} ${language} ${colorScheme} ${width}`;
      expect(violations.map(({ id, nodes }) => [where, id, nodes.map(({ html }) => html)])).toEqual([]);
      const overflow = await desk.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${where}: nothing scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await desk.signOut();
});
