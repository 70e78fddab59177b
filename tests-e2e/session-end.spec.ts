// A session that ends while its agent talks: the call goes on, the desk closes after it.
import AxeBuilder from '@axe-core/playwright';
import type { Centre } from '../tools/centre.ts';
import { voiceOf } from './pages/bridge-voice.ts';
import { callQueue } from './pages/caller.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { query } from './testkit/asterisk-truth.ts';
import { expect, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';

/** docs/protocol.md: the session was ended. */
const CLOSE_SESSION_ENDED = 4004;

/** A caller of the queue `support`, answered at that desk. */
async function talk(centre: Centre, desk: DeskPage): Promise<() => void> {
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  const hangUp = callQueue(centre, 'support');
  await desk.at('call-answer').click();
  await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
  await expect(desk.statusButton).toHaveAttribute('data-status', 'ON_CALL');
  return hangUp;
}

const channelsUp = async (centre: Centre): Promise<boolean> =>
  /PJSIP\/1001-\S+.*\bUp\b/.test(await centre.asterisk.cli('core show channels concise').then(spaced));
const spaced = (text: string): string => text.replaceAll('!', ' ');

const secretsOf = (centre: Centre): readonly unknown[] =>
  query(centre, "SELECT id FROM pbx.ps_auths WHERE id LIKE '1001-s-%'");

/** What a stolen cookie does: the token before the last is used again, and the whole family is over (SE1). */
async function reuseOldToken(centre: Centre, desk: DeskPage): Promise<void> {
  const cookies = await desk.page.context().cookies(`${centre.url}/api/refresh`);
  let cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const first = cookie;
  const refresh = async (): Promise<number> => {
    const response = await fetch(`${centre.url}/api/refresh`, { method: 'POST', headers: { cookie } });
    cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie;
    return response.status;
  };
  expect([await refresh(), await refresh()]).toEqual([200, 200]);
  cookie = first;
  expect(await refresh()).toBe(401);
}

test('[SE1] [SE4] a session that ends in a call: the call goes on, no other comes, the desk closes after it', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  const hangUp = await talk(centre, desk);
  try {
    await reuseOldToken(centre, desk);
    await expect(desk.at('strip')).toHaveAttribute('data-gone', 'session');
    await expect(desk.at('strip')).toContainText(
      'You were signed out. Your call goes on; the desk closes after it.',
    );
    await expect(desk.statusButton).toBeDisabled();
    await desk.page.keyboard.press('Control+.');
    await expect(desk.at('status-picker')).toBeHidden();
    expect(await channelsUp(centre)).toBe(true);
    await desk.at('call-mute').click();
    await expect(desk.at('call-mute')).toContainText('Unmute');
    // The end of its contact in Asterisk is not the end of the call.
    await until('its secret is gone', () => secretsOf(centre).length === 0);
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await desk.at('call-end').click();
    await expect(desk.at('sign-in-notice')).toHaveAttribute('data-notice', 'signed-out');
    await until('no channel is left', async () => !(await channelsUp(centre)));
  } finally {
    hangUp();
  }
});

test('[SE4] signed out by another device in a call: both are told, and it happens when the call ends', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  const other = await openDesk('1001');
  await other.expectReachable();
  const hangUp = callQueue(centre, 'support');
  try {
    await desk.at('call-answer').click();
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await other.openPage('devices');
    await other.at('device-sign-out').last().click();
    await other.at('device-confirm').click();
    await expect(other.at('device').last()).toHaveAttribute('data-ends', 'true');
    await expect(desk.at('strip')).toContainText('This device is being signed out. Your call goes on');
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await desk.at('call-end').click();
    await expect(desk.at('sign-in-notice')).toHaveAttribute('data-notice', 'signed-out');
    await expect(other.at('device')).toHaveCount(1);
  } finally {
    hangUp();
  }
});

test('[SE4] an own sign-out in a call asks: Esc stays, after the call can be taken back, or is done then', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  const hangUp = await talk(centre, desk);
  try {
    await desk.at('sign-out').click();
    await expect(desk.page.getByRole('dialog')).toContainText('You are in a call');
    await expect(desk.at('leave-stay')).toBeFocused();
    const { violations } = await new AxeBuilder({ page: desk.page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await desk.page.keyboard.press('Escape');
    await expect(desk.at('leave-after')).toBeHidden();
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
    await desk.at('sign-out').click();
    await desk.at('leave-after').click();
    await expect(desk.at('strip')).toContainText('You will be signed out when this call ends.');
    await desk.at('strip-stay').click();
    await expect(desk.at('strip')).toBeHidden();
    await desk.at('sign-out').click();
    await desk.at('leave-after').click();
    await expect(desk.at('strip')).toHaveAttribute('data-gone', 'session');
    expect(await channelsUp(centre)).toBe(true);
    await desk.at('call-end').click();
    await expect(desk.at('sign-in-form')).toBeVisible();
    await expect(desk.at('sign-in-notice')).toBeHidden();
    await until('no secret is left', () => secretsOf(centre).length === 0);
  } finally {
    hangUp();
  }
});

test('[SE4] hang up and sign out ends the call and the session', async ({ centre, openDesk }) => {
  const desk = await openDesk('1001');
  const hangUp = await talk(centre, desk);
  try {
    await desk.at('sign-out').click();
    await desk.page.keyboard.press('Shift+Tab');
    await expect(desk.at('leave-now')).toBeFocused();
    await desk.page.keyboard.press('Enter');
    await expect(desk.at('sign-in-form')).toBeVisible();
    await until('no channel is left', async () => !(await channelsUp(centre)));
  } finally {
    hangUp();
  }
});

test('[SE5] a socket closed for good while the session stands: the desk asks by its cookie and goes on, once', async ({
  openBrowser,
  openDesk,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const voice = await voiceOf(desk.page);
  await desk.signIn('1001', passwordOf('1001'));
  await desk.expectReachable();
  await desk.chooseReason('BREAK', 'lunch');
  await desk.expectStatus('BREAK', 'lunch');
  await voice.end(CLOSE_SESSION_ENDED);
  await desk.expectReachable();
  await desk.choose('MEETING');
  await desk.expectStatus('MEETING');
  await voice.end(CLOSE_SESSION_ENDED);
  await expect(desk.at('sign-in-notice')).toHaveAttribute('data-notice', 'signed-out');
  // The bridge was not asked: its session is ended by whoever opens the next desk.
  await openDesk('1001');
});
