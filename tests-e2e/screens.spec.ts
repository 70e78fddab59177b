// The pictures of README, taken from the real thing: UPDATE_SCREENS=1 npm run e2e -- screens
import { join } from 'node:path';
import { root } from '../tools/centre.ts';
import { callQueue } from './pages/caller.ts';
import { expect, test } from './testkit/fixtures.ts';

test('the desk in its states can be pictured', async ({ centre, openDesk }, info) => {
  const folder = process.env['UPDATE_SCREENS'] ? join(root, 'docs/images') : info.outputDir;
  const context = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };
  const boris = await openDesk('1002', { context });
  await boris.chooseReason('BREAK', 'lunch');
  const clara = await openDesk('1003', { context });
  await clara.expectReachable();
  const desk = await openDesk('1001', { context });
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  const shot = async (name: string): Promise<void> => {
    await desk.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  };
  await desk.page.emulateMedia({ colorScheme: 'light' });
  await shot('desk');
  await desk.openPicker();
  await desk.at('reasons-of-BREAK').click();
  await shot('desk-picker');
  await desk.page.keyboard.press('Escape');
  await desk.openPage('devices');
  await shot('devices');
  await desk.openPage('desk');
  await desk.page.emulateMedia({ colorScheme: 'dark' });
  await shot('desk-dark');
  const hangUp = callQueue(centre, 'support');
  try {
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await shot('desk-ringing-dark');
    await desk.page.emulateMedia({ colorScheme: 'light' });
    await desk.page.setViewportSize({ width: 390, height: 844 });
    await shot('desk-ringing-phone');
    await desk.at('call-answer').click();
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await shot('desk-in-call-phone');
  } finally {
    hangUp();
  }
});

test('the health page can be pictured', async ({ openDesk }, info) => {
  const folder = process.env['UPDATE_SCREENS'] ? join(root, 'docs/images') : info.outputDir;
  const agent = await openDesk('1001');
  await agent.expectReachable();
  const context = { viewport: { width: 1280, height: 960 }, deviceScaleFactor: 1 };
  const desk = await openDesk('1100', { context });
  await desk.openPage('health');
  await desk.at('sweep-now').click();
  await expect(desk.at('sweep-outcome')).not.toBeEmpty();
  for (const colorScheme of ['light', 'dark'] as const) {
    await desk.page.emulateMedia({ colorScheme });
    const path = join(folder, colorScheme === 'light' ? 'health.png' : 'health-dark.png');
    await desk.page.screenshot({ path, animations: 'disabled' });
  }
});
