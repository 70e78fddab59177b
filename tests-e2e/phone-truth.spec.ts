// Whether an agent can be rung, as the agent and a colleague see it: the grace, the way back, the probe, the announcement.
import { voiceOf } from './pages/bridge-voice.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { membersOf } from './testkit/asterisk-truth.ts';
import { expect, test } from './testkit/fixtures.ts';

const online = async (desk: DeskPage): Promise<void> => {
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
};

/** Everything a colleague's row says while `act` runs, each change once. */
async function seenWhile(watcher: DeskPage, extension: string, act: () => Promise<void>): Promise<string[]> {
  const row = await watcher.at(`colleague-${extension}`).elementHandle();
  const seen = await watcher.page.evaluateHandle((element) => {
    const said: string[] = [];
    const note = (): void => {
      const { status = '', mark = '' } = (element as HTMLElement).dataset;
      const words = mark === '' ? status : `${status} ${mark}`;
      if (said.at(-1) !== words) said.push(words);
    };
    note();
    new MutationObserver(note).observe(element, { attributes: true });
    return said;
  }, row);
  await act();
  return seen.jsonValue();
}

test('[RG1] [ST3] a closed browser is reconnecting at once, nobody’s choice, and OFFLINE after the grace', async ({
  openDesk,
}) => {
  const desk = await openDesk('1001');
  const other = await openDesk('1002');
  await online(desk);
  const row = other.at('colleague-1001');
  await expect(row).toHaveAttribute('data-can-take-call', 'true');
  const said = await seenWhile(other, '1001', async () => {
    await desk.page.close();
    await expect(row).toHaveAttribute('data-mark', 'reconnecting', { timeout: 1_500 });
    await expect(row).toContainText('phone reconnecting');
    await expect(row).toHaveAttribute('data-can-take-call', 'false');
    await expect(other.at('colleagues')).toContainText('0 can take a call');
    await expect(row).toHaveAttribute('data-status', 'OFFLINE', { timeout: 12_000 });
  });
  expect(said).toEqual(['ONLINE', 'ONLINE reconnecting', 'OFFLINE']);
});

for (const status of ['ONLINE', 'BREAK']) {
  test(`[RG1] [ST4] a reload inside the grace changes nothing: ${status}`, async ({ centre, openDesk }) => {
    const desk = await openDesk('1001');
    const other = await openDesk('1002');
    await online(desk);
    if (status === 'BREAK') await desk.chooseReason('BREAK', 'lunch');
    await desk.expectStatus(status);
    await expect(other.at('colleague-1001')).toHaveAttribute('data-status', status);
    const before = await membersOf(centre, '1001');
    const since = await desk.at('status-timer').getAttribute('datetime');
    const said = await seenWhile(other, '1001', async () => {
      await desk.page.reload();
      await desk.expectReachable();
      await desk.expectStatus(status);
      await expect(other.at('colleague-1001')).toHaveAttribute('data-mark', '');
    });
    // The loss itself may be seen, another status never.
    expect(said.filter((words) => words !== `${status} reconnecting`)).toEqual(
      said.length > 1 ? [status, status] : [status],
    );
    expect(await membersOf(centre, '1001')).toEqual(before);
    const seconds = (text: string | null): number => Number(/\d+/.exec(text ?? '')?.[0]);
    const now = await desk.at('status-timer').getAttribute('datetime');
    expect(seconds(now)).toBeGreaterThanOrEqual(seconds(since));
  });
}

for (const status of ['ONLINE', 'BREAK', 'OFFLINE']) {
  test(`[ST4] [RG1] closed for longer than the grace and opened again: ${status}`, async ({
    centre,
    openDesk,
  }) => {
    const desk = await openDesk('1001');
    const other = await openDesk('1002');
    await online(desk);
    if (status !== 'ONLINE') await desk.choose(status);
    await desk.expectStatus(status);
    const row = other.at('colleague-1001');
    await expect(row).toHaveAttribute('data-status', status);
    await desk.page.close();
    await expect(row).toHaveAttribute('data-status', 'OFFLINE', { timeout: 12_000 });
    await expect(row).toHaveAttribute('data-mark', '');
    const again = await desk.anotherTab();
    await again.expectReachable();
    await again.expectStatus(status);
    await expect(row).toHaveAttribute('data-status', status);
    await expect
      .poll(async () => (await membersOf(centre, '1001')).map(({ paused }) => paused))
      .toEqual([status !== 'ONLINE']);
  });
}

test('[RG12] a page that does not tell is silent: calls are held back and the desk says so, until it tells', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const voice = await voiceOf(desk.page);
  voice.rewrite('probe', () => null);
  await desk.signIn('1001', passwordOf('1001'));
  await expect(desk.at('truth-phone')).toContainText(
    'Your phone does not answer. Calls are held back; it is asked again every few seconds.',
  );
  await expect(desk.statusButton).toHaveAttribute('data-status', 'ONLINE');
  await expect(desk.at('call-card')).toContainText('Your phone does not answer.');
  await expect
    .poll(() => membersOf(centre, '1001'))
    .toEqual([{ queue: 'support', paused: true, reason: 'Auto: phone does not answer' }]);
  voice.rewrite('probe', (body) => body);
  await desk.at('check-again').click();
  await online(desk);
  await expect(desk.at('check-again')).toBeHidden();
  await expect
    .poll(() => membersOf(centre, '1001'))
    .toEqual([{ queue: 'support', paused: false, reason: '' }]);
  await desk.signOut();
});

test('[RG12] [ST5] who comes back from a break is unpaused once the phone has answered', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await online(desk);
  await desk.choose('BREAK');
  await desk.expectStatus('BREAK');
  await desk.choose('ONLINE');
  await online(desk);
  await expect
    .poll(() => membersOf(centre, '1001'))
    .toEqual([{ queue: 'support', paused: false, reason: '' }]);
});

test('[SE2] [RG7] the centre is told of the phone until it has taken it down; only the truth line speaks of it', async ({
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const told: string[] = [];
  let refuse = true;
  await desk.page.route('**/api/users/agent-online', async (route) => {
    const body = route.request().postDataJSON() as { extension: string; contactUri: string };
    told.push(`${body.extension} ${body.contactUri.replace(/^sip:s-[^@]+@.*$/, 'sip:session')}`);
    if (!refuse) return route.continue();
    const error = { code: 'not-registered' };
    return route.fulfill({ status: 409, json: { error } });
  });
  await desk.signIn('1001', passwordOf('1001'));
  await expect(desk.at('truth-phone')).toContainText('The centre has not taken this phone down yet');
  await expect(desk.at('strip')).toBeHidden();
  expect(told.length).toBeGreaterThan(1);
  refuse = false;
  await desk.expectReachable();
  expect(new Set(told)).toEqual(new Set(['1001 sip:session']));
  const before = told.length;
  // Taken down, it is not told again; a registration anew is.
  await desk.page.reload();
  await desk.expectReachable();
  await expect.poll(() => told.length).toBe(before + 1);
  await desk.signOut();
});
