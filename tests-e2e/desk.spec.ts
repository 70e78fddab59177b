// What the desk says and shows.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';

test('[SE1] a wrong password is refused in words and nothing else happens @everywhere @remote', async ({
  openBrowser,
}) => {
  const browser = await openBrowser();
  await browser.open();
  await browser.fillSignIn('1001', 'not the password');
  await expect(browser.at('sign-in-error')).toBeVisible();
  await expect(browser.at('sign-in-form')).toBeVisible();
});

test('[SE1] nothing long-lived is left in the browser @remote', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  const kept = await desk.page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return {
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      cookie: document.cookie,
      databases,
    };
  });
  expect({ ...kept, databases: [] }).toEqual({ local: [], session: [], cookie: '', databases: [] });
});

test('[ST2] ON_CALL is not offered, the other eight are @remote', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.openPicker();
  const offered = await desk.page
    .locator('[data-testid^="status-option-"]')
    .evaluateAll((all) =>
      all.map((one) => one.getAttribute('data-testid')?.replace('status-option-', '')).sort(),
    );
  expect(offered).toEqual(
    ['ONLINE', 'OFFLINE', 'PAUSE', 'BREAK', 'TRAINING', 'MEETING', 'WRAP_UP', 'DO_NOT_DISTURB'].sort(),
  );
  await desk.page.keyboard.press('Escape');
  await expect(desk.at('status-picker')).toBeHidden();
});

test('[ST8] by keyboard alone: digits, filter and Enter choose, Esc only closes @remote', async ({
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  const { keyboard } = desk.page;
  const picker = desk.at('status-picker');
  await desk.statusButton.focus();
  await keyboard.press('Enter');
  await expect(picker).toBeVisible();
  await keyboard.press('Escape');
  await expect(picker).toBeHidden();
  await desk.expectStatus('ONLINE');
  await keyboard.press('Enter');
  await expect(picker).toBeVisible();
  await keyboard.press('5');
  await expect(picker).toBeHidden();
  await desk.expectStatus('TRAINING');
  await keyboard.press('Enter');
  await expect(picker).toBeVisible();
  await keyboard.type('lun');
  await keyboard.press('Enter');
  await expect(picker).toBeHidden();
  await desk.expectStatus('BREAK', 'lunch');
  // Digits mean nothing while the picker is closed.
  await keyboard.press('1');
  await desk.expectStatus('BREAK', 'lunch');
});

test('[ST5] a reason of more than 120 characters is refused in words, nothing changes @remote', async ({
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  await desk.openPicker();
  await desk.at('reasons-of-PAUSE').click();
  await desk.at('reason-input').fill('x'.repeat(121));
  await expect(desk.page.getByRole('alert').filter({ hasText: '120' })).toBeVisible();
  await expect(desk.at('reason-submit')).toBeDisabled();
  await desk.at('reason-input').press('Enter');
  await desk.page.keyboard.press('Escape');
  await desk.expectStatus('ONLINE');
});

test('[PS7] the truth line tells of an Asterisk that is gone, and of its return', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  await centre.asterisk.kill();
  await expect(desk.at('truth-asterisk')).not.toHaveAttribute('data-state', 'ok');
  await expect(desk.at('truth-phone')).not.toHaveAttribute('data-state', 'ok');
  await expect(desk.at('strip')).toBeVisible();
  // PS1: a choice made now is stored, and applied when Asterisk is back.
  await desk.chooseReason('BREAK', 'lunch');
  await expect(desk.statusButton).toHaveAttribute('data-confirmed', 'true');
  await centre.asterisk.start();
  await desk.expectReachable();
  await desk.expectStatus('BREAK', 'lunch');
});

test('[PS7] the desk tells of a bridge that is gone, and goes on when it is back', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  await centre.bridge.kill();
  await expect(desk.at('strip')).toHaveAttribute('data-gone', 'bridge');
  await centre.bridge.start();
  await expect(desk.at('strip')).toBeHidden();
  await desk.choose('TRAINING');
  await desk.expectStatus('TRAINING');
});

test('[WR6] colleagues see a status change and who can take a call, at once @remote', async ({
  openDesk,
  step,
}) => {
  const one = await openDesk('1001');
  const other = await openDesk('1002');
  const seen = other.at('colleague-1001');
  await step('online', async () => {
    await one.expectReachable();
    await expect(seen).toHaveAttribute('data-status', 'ONLINE');
    await expect(seen).toHaveAttribute('data-can-take-call', 'true');
  });
  await step('on a break', async () => {
    await one.chooseReason('BREAK', 'lunch');
    await expect(seen).toHaveAttribute('data-status', 'BREAK');
    await expect(seen).toHaveAttribute('data-can-take-call', 'false');
    // Why is the agent's own business.
    await expect(seen).not.toContainText('lunch');
  });
  await step('online again', async () => {
    await one.choose('ONLINE');
    await expect(seen).toHaveAttribute('data-can-take-call', 'true');
  });
});

test('[AP8] English and Russian, light and dark, phone to desktop: no barrier axe can find @remote', async ({
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1280]) {
      await desk.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await desk.page.setViewportSize({ width, height: 860 });
      const found = await new AxeBuilder({ page: desk.page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag22aa'])
        .analyze();
      const where = `${colorScheme} ${width}`;
      expect(found.violations.map(({ id, nodes }) => [where, id, nodes.map(({ html }) => html)])).toEqual([]);
      const overflow = await desk.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${where}: nothing scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
});

test('[AP8] a change of language changes every word and is remembered @remote', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.at('settings-button').click();
  await desk.at('language-select').selectOption('ru');
  await expect(desk.page.locator('html')).toHaveAttribute('lang', 'ru');
  await desk.page.reload();
  await expect(desk.page.locator('html')).toHaveAttribute('lang', 'ru');
  const latin = await until('the desk is there', () => desk.page.getByTestId('truth-line').textContent());
  expect(latin.replace('Asterisk', '')).not.toMatch(/[A-Za-z]{3,}/);
});

test('no error reaches the console during a plain shift @remote', async ({ openBrowser, passwordOf }) => {
  const browser = await openBrowser();
  const errors: string[] = [];
  browser.page.on('pageerror', (error) => errors.push(error.message));
  browser.page.on('console', (message) => {
    // The first refresh of a fresh browser is answered 401: that is how it learns to show the form.
    if (message.type() === 'error' && !message.text().includes('401')) errors.push(message.text());
  });
  await browser.signIn('1003', passwordOf('1003'));
  await browser.expectReachable();
  await browser.choose('BREAK');
  await browser.expectStatus('BREAK');
  await browser.signOut();
  expect(errors).toEqual([]);
});
