// Several devices of one agent, and a real caller.
import { callQueue } from './pages/caller.ts';
import { contactsOf } from './testkit/asterisk-truth.ts';
import { expect, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';

test('[RG9] a queue call rings both browsers of one agent; the first to answer has it', async ({
  centre,
  openDesk,
}) => {
  const one = await openDesk('1001');
  const other = await openDesk('1001');
  await one.expectReachable();
  await other.expectReachable();
  await until('two contacts', async () => (await contactsOf(centre, '1001')).length === 2);
  const hangUp = callQueue(centre, 'support');
  try {
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await expect(other.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await expect(one.at('call-queue')).toContainText('support');
    await one.at('call-answer').click();
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await expect(other.at('call-card')).toHaveAttribute('data-state', 'idle');
    await expect(one.statusButton).toHaveAttribute('data-status', 'ON_CALL');
    await expect(other.statusButton).toHaveAttribute('data-status', 'ON_CALL');
    await one.at('call-end').click();
    await expect(one.at('call-card')).toHaveAttribute('data-state', 'idle');
    await expect(one.statusButton).toHaveAttribute('data-status', 'ONLINE');
  } finally {
    hangUp();
  }
});

test('[SE3] [SE4] a second device joins the break; signing one out leaves the other its desk', async ({
  centre,
  openDesk,
  step,
}) => {
  const one = await openDesk('1001');
  await step('a break', async () => {
    await one.expectReachable();
    await one.chooseReason('BREAK', 'lunch');
    await one.expectStatus('BREAK', 'lunch');
  });
  const other = await openDesk('1001');
  await step('a second device', async () => {
    await other.expectReachable();
    await other.expectStatus('BREAK', 'lunch');
    await until('two contacts', async () => (await contactsOf(centre, '1001')).length === 2);
  });
  await step('the first signs out', async () => {
    await expect(one.at('desk')).toBeVisible();
    await one.signOut();
    await until('one contact', async () => (await contactsOf(centre, '1001')).length === 1);
    await other.expectStatus('BREAK', 'lunch');
  });
  await step('the second goes on', async () => {
    await other.choose('ONLINE');
    await other.expectStatus('ONLINE');
  });
});

test('[RG9] [SE4] each device is listed on both; one signs the other out and stays itself', async ({
  centre,
  openDesk,
}) => {
  const one = await openDesk('1001');
  const other = await openDesk('1001');
  await other.expectReachable();
  await other.expectStatus('ONLINE');
  await one.openPage('devices');
  const rows = one.at('device');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toHaveAttribute('data-own', 'true');
  await expect(rows.first().getByTestId('this-device')).toBeVisible();
  for (const row of [rows.first(), rows.last()]) {
    await expect(row).toHaveAttribute('data-phone', 'reachable');
    await expect(row).toContainText(/rings/);
    await expect(row).toContainText(/127\.0\.0\.1:\d+/);
    await expect(row).toContainText(/\d+ ms/);
    await expect(row).toContainText(/signed in \d\d:\d\d/);
  }
  // Esc decides nothing.
  await rows.last().getByTestId('device-sign-out').click();
  await expect(one.at('device-keep')).toBeFocused();
  await one.page.keyboard.press('Escape');
  await expect(one.at('device-confirm')).toBeHidden();
  await expect(rows).toHaveCount(2);
  await rows.last().getByTestId('device-sign-out').click();
  await one.at('device-confirm').click();
  await expect(other.at('sign-in-notice')).toHaveAttribute('data-notice', 'signed-out');
  await expect(rows).toHaveCount(1);
  await until('one contact', async () => (await contactsOf(centre, '1001')).length === 1);
  await one.expectStatus('ONLINE');
  await one.expectReachable();
});

test('[RG9] [SE4] the own row of the list is the own sign-out', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  await desk.openPage('devices');
  await desk.at('device-sign-out').click();
  await expect(desk.at('sign-in-form')).toBeVisible();
  await expect(desk.at('sign-in-notice')).toBeHidden();
});

test('[RG12] the phone can be asked by hand', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.expectReachable();
  await desk.openPage('devices');
  await desk.at('devices-check').click();
  await expect(desk.at('devices-check')).toBeEnabled();
  await expect(desk.at('devices-phone')).toHaveAttribute('data-state', 'ok');
  await expect(desk.at('devices-problem')).toBeHidden();
  // It says what it does not prove.
  await expect(desk.at('devices-phone')).toContainText('not that the sound works');
});

test('[RG9] a device that is gone meanwhile is told, and the list shows what is so', async ({ openDesk }) => {
  const one = await openDesk('1001');
  const other = await openDesk('1001');
  await other.expectReachable();
  await one.openPage('devices');
  await expect(one.at('device')).toHaveCount(2);
  await one.at('device-sign-out').last().click();
  await other.signOut();
  await expect(one.at('device')).toHaveCount(1);
  await one.at('device-confirm').click();
  await expect(one.at('devices-problem')).toContainText('This device is not there any more.');
});
