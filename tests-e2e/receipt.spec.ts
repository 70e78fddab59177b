// Signed out while nobody can be told: the person is out, nothing is lost, and the centre hears of it when it can.
import { cableOf } from './pages/bridge-cut.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { membersOf, query } from './testkit/asterisk-truth.ts';
import { expect, test } from './testkit/fixtures.ts';
import { deviceTime, until } from './testkit/wait.ts';

const databases = (desk: DeskPage): Promise<readonly (string | undefined)[]> =>
  desk.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());

/** Rows of the sealed receipts in that browser. */
const sealed = (desk: DeskPage): Promise<number> =>
  desk.page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const asked = indexedDB.open('receipts');
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(new Error('not opened'));
    });
    const count = await new Promise<number>((resolve) => {
      const asked = database.transaction('receipts').objectStore('receipts').count();
      asked.onsuccess = () => resolve(asked.result);
    });
    database.close();
    return count;
  });

const notice = async (desk: DeskPage, name: string): Promise<void> => {
  await expect(desk.at('sign-in-notice')).toHaveAttribute('data-notice', name);
};

test('[SE8] signed out while cut off: out at once, the centre hears of it later, with what was chosen and when', async ({
  centre,
  openBrowser,
  openDesk,
  passwordOf,
}) => {
  const other = await openDesk('1002');
  const desk = await openBrowser();
  const cable = await cableOf(desk.page);
  await desk.signIn('1001', passwordOf('1001'));
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  await cable.cut();
  const cutAt = deviceTime();
  await desk.chooseReason('BREAK', 'lunch');
  await desk.expectUnconfirmed('BREAK');
  await desk.at('sign-out').click();
  await notice(desk, 'sealed');
  const signedOut = deviceTime();
  await expect(desk.at('sign-in-notice')).toHaveText(
    'You are signed out here. The centre will be told as soon as it can be reached.',
  );
  await until('the agent’s own database is gone', async () => !(await databases(desk)).includes('desk-1001'));
  expect(await sealed(desk)).toBe(1);
  // The telephone is gone, so nobody is rung; that somebody signed out the centre does not know.
  await expect(other.at('colleague-1001')).toHaveAttribute('data-status', 'OFFLINE', { timeout: 15_000 });
  expect(
    query(centre, "SELECT id FROM sessions WHERE extension = '1001' AND closed_at IS NULL"),
  ).toHaveLength(1);
  // The cookie still stands for the session; it opens nothing.
  await desk.page.reload();
  await notice(desk, 'sealed');
  await cable.mend();
  await notice(desk, 'told');
  expect(await sealed(desk)).toBe(0);
  await until('the session is over', () => {
    const open = query(centre, "SELECT id FROM sessions WHERE extension = '1001' AND closed_at IS NULL");
    return open.length === 0;
  });
  const told = query(
    centre,
    `SELECT status, reason, made FROM log
     WHERE agent = '1001' AND status IS NOT NULL AND made >= ${cutAt} ORDER BY made, id`,
  );
  expect(told.map(({ status, reason }) => `${String(status)} ${String(reason)}`)).toEqual([
    ...['BREAK lunch', 'OFFLINE null'],
  ]);
  for (const { made } of told) expect(made).toBeLessThanOrEqual(signedOut + 250);
  await expect
    .poll(() => membersOf(centre, '1001'))
    .toEqual([{ queue: 'support', paused: true, reason: 'offline' }]);
  await desk.page.reload();
  await expect(desk.at('sign-in-form')).toBeVisible();
});

test('[SE8] several receipts wait beside each other, and none opens or disturbs who is here now', async ({
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const deaf = ['**/api/sign-out', '**/api/receipt'];
  for (const path of deaf) await desk.page.route(path, (route) => route.abort());
  for (const [index, extension] of ['1001', '1002'].entries()) {
    await desk.signIn(extension, passwordOf(extension));
    await desk.expectReachable();
    await desk.at('sign-out').click();
    await notice(desk, 'sealed');
    expect(await sealed(desk)).toBe(index + 1);
  }
  await desk.fillSignIn('1003', passwordOf('1003'));
  await desk.expectReachable();
  // Somebody else's desk is opened by the cookie, with two receipts that wait.
  await desk.page.reload();
  await desk.expectReachable();
  await expect(desk.at('desk')).toContainText('1003');
  for (const path of deaf) await desk.page.unroute(path);
  await desk.page.reload();
  await until('all are told', async () => (await sealed(desk)) === 0);
  await desk.expectReachable();
  await expect(desk.at('desk')).toContainText('1003');
  await desk.signOut();
});

test('[SE8] a receipt that is refused for good is not told for ever', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await desk.page.route('**/api/sign-out', (route) => route.abort());
  await desk.page.route('**/api/receipt', (route) => route.abort());
  await desk.expectReachable();
  await desk.at('sign-out').click();
  await notice(desk, 'sealed');
  await desk.page.unroute('**/api/receipt');
  await desk.page.route('**/api/receipt', (route) =>
    route.fulfill({ status: 401, json: { error: { code: 'unauthorised' } } }),
  );
  await desk.page.evaluate(() => dispatchEvent(new Event('online')));
  await until('given up', async () => (await sealed(desk)) === 0);
  await desk.page.unrouteAll();
});

test('[SE8] a desk opened with nobody to ask can sign out too', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const cable = await cableOf(desk.page);
  await desk.signIn('1001', passwordOf('1001'));
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  await cable.cut();
  await desk.page.reload();
  await expect(desk.at('status-reason')).toContainText('as of');
  await desk.at('sign-out').click();
  await notice(desk, 'sealed');
  await cable.mend();
  await notice(desk, 'told');
  await until('the session is over', () => {
    const open = query(centre, "SELECT id FROM sessions WHERE extension = '1001' AND closed_at IS NULL");
    return open.length === 0;
  });
});

test('[SE8] who signs out in one tab while cut off is out in the others, and what they had not sent is not lost', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  await desk.signIn('1001', passwordOf('1001'));
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  const other = await desk.anotherTab();
  await other.expectReachable();
  const begun = deviceTime();
  await centre.bridge.kill();
  await other.chooseReason('BREAK', 'coffee');
  await other.expectUnconfirmed('BREAK');
  await desk.expectUnconfirmed('BREAK');
  await desk.at('sign-out').click();
  await notice(desk, 'sealed');
  await notice(other, 'signed-out');
  await centre.bridge.start();
  await notice(desk, 'told');
  const told = query(
    centre,
    `SELECT status, reason FROM log
     WHERE agent = '1001' AND status IS NOT NULL AND made >= ${begun} ORDER BY made, id`,
  );
  expect(told.map(({ status, reason }) => `${String(status)} ${String(reason)}`)).toEqual([
    ...['BREAK coffee', 'OFFLINE null'],
  ]);
  await other.page.reload();
  await expect(other.at('sign-in-form')).toBeVisible();
});

test('[SE4] [SE8] who signs out late, when somebody else has signed in over the same cookie, ends the own session only', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  await desk.signIn('1001', passwordOf('1001'));
  await desk.expectReachable();
  const { request } = desk.page;
  const signIn = { extension: '1002', password: passwordOf('1002'), device: 'the same browser' };
  expect((await request.post(`${centre.url}/api/sign-in`, { data: signIn })).status()).toBe(200);
  // As if the token had run out while the tab was frozen.
  const refusal = { status: 401, json: { error: { code: 'unauthorised' } } };
  await desk.page.route('**/api/sign-out', (route) => route.fulfill(refusal), { times: 1 });
  await desk.at('sign-out').click();
  await until('the session is over', () => {
    const open = query(centre, "SELECT id FROM sessions WHERE extension = '1001' AND closed_at IS NULL");
    return open.length === 0;
  });
  await expect(desk.at('sign-in-form')).toBeVisible();
  // Whoever came after goes on.
  await desk.page.reload();
  await expect(desk.at('desk')).toContainText('1002');
  await desk.expectReachable();
  await desk.signOut();
});
