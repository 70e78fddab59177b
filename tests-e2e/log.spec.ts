// The change log on both ends: what is chosen is kept on the device first, and reaches the centre however long it takes.
import { DatabaseSync } from 'node:sqlite';
import AxeBuilder from '@axe-core/playwright';
import type { Centre } from '../tools/centre.ts';
import { cableOf } from './pages/bridge-cut.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { membersOf, query } from './testkit/asterisk-truth.ts';
import { openDesk as openClient } from './testkit/desk-client.ts';
import { expect, test } from './testkit/fixtures.ts';
import { connectRawAmi, type RawAmi, type RawMessage } from './testkit/raw-ami.ts';
import { deviceTime, until } from './testkit/wait.ts';

async function asteriskSays(centre: Centre, extension: string, reason: string): Promise<void> {
  await until(
    `${extension} ${reason === '' ? 'unpaused' : `paused with ${reason}`} in Asterisk`,
    async () => {
      const members = await membersOf(centre, extension);
      return members.every((one) => one.paused === (reason !== '') && one.reason === reason);
    },
    10_000,
  );
}

interface LogRow {
  readonly status: string;
  readonly reason: string | null;
  readonly made: number;
  readonly received: number;
  readonly device: string;
}

/** The agent's own choices, in order of arrival at the bridge. */
const choicesOf = (centre: Centre, extension: string, since: number): readonly LogRow[] =>
  query(
    centre,
    `SELECT status, reason, made, received, device FROM log
     WHERE agent = '${extension}' AND kind = 'choice' AND cause = 'agent' AND received >= ${since} ORDER BY rev`,
  ) as unknown as readonly LogRow[];

const online = async (desk: DeskPage): Promise<void> => {
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
};

test('[AP2] [PS6] [PS1] a break chosen with the bridge gone shows at once and arrives with the time it was chosen', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await online(desk);
  await centre.bridge.kill();
  await expect(desk.at('strip')).toHaveAttribute('data-gone', 'bridge');
  const before = deviceTime();
  await desk.chooseReason('BREAK', 'lunch');
  await desk.expectUnconfirmed('BREAK');
  const after = deviceTime();
  await expect(desk.at('strip')).toContainText('Not yet sent: 1 change.');
  await expect(desk.at('truth-you')).toContainText('Break (lunch)');
  expect(await membersOf(centre, '1001')).toEqual([{ queue: 'support', paused: false, reason: '' }]);
  const restarted = deviceTime();
  await centre.bridge.start();
  await desk.expectStatus('BREAK', 'lunch');
  await asteriskSays(centre, '1001', 'lunch');
  const [choice, ...others] = choicesOf(centre, '1001', restarted);
  expect([choice?.status, choice?.reason, others]).toEqual(['BREAK', 'lunch', []]);
  // The offset was measured over a socket: half a round trip of doubt.
  expect(choice?.made).toBeGreaterThanOrEqual(before - 250);
  expect(choice?.made).toBeLessThanOrEqual(after + 250);
});

test('[AP2] a page that dies with an unsent change leaves it to the next one', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await online(desk);
  await centre.bridge.kill();
  await desk.chooseReason('BREAK', 'coffee');
  await desk.expectUnconfirmed('BREAK');
  await desk.page.close();
  const restarted = deviceTime();
  await centre.bridge.start();
  const next = await desk.anotherTab();
  await next.expectStatus('BREAK', 'coffee');
  await asteriskSays(centre, '1001', 'coffee');
  expect(choicesOf(centre, '1001', restarted).map(({ status }) => status)).toEqual(['BREAK']);
});

test('[AP2] a page loaded while the centre cannot be asked opens with what it knew, and takes changes', async ({
  openBrowser,
  openDesk,
  passwordOf,
}) => {
  const other = await openDesk('1002');
  const desk = await openBrowser();
  const cable = await cableOf(desk.page);
  await desk.signIn('1001', passwordOf('1001'));
  await online(desk);
  await cable.cut();
  await desk.page.reload();
  await expect(desk.statusButton).toHaveAttribute('data-status', 'ONLINE');
  await expect(desk.at('status-reason')).toContainText('as of');
  await desk.choose('MEETING');
  await desk.expectUnconfirmed('MEETING');
  await desk.page.reload();
  await desk.expectUnconfirmed('MEETING');
  await cable.mend();
  await desk.expectStatus('MEETING');
  await desk.expectReachable();
  await expect(other.at('colleague-1001')).toHaveAttribute('data-status', 'MEETING');
  await desk.signOut();
});

test('[AP2] a browser that keeps nothing sends directly, and says so', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  await desk.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  await desk.signIn('1001', passwordOf('1001'));
  await online(desk);
  await expect(desk.at('strip')).toHaveAttribute('data-gone', 'storage');
  await desk.chooseReason('BREAK', 'lunch');
  await desk.expectStatus('BREAK', 'lunch');
  await asteriskSays(centre, '1001', 'lunch');
  await desk.signOut();
});

test('[SE8] what was kept of an agent goes with the sign-out', async ({ openDesk }) => {
  const desk = await openDesk('1001');
  await online(desk);
  const kept = (): Promise<readonly (string | undefined)[]> =>
    desk.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());
  expect(await kept()).toEqual(['desk-1001', 'desk-settings', 'receipts']);
  await desk.choose('MEETING');
  await desk.expectStatus('MEETING');
  await desk.signOut();
  await until('forgotten', async () => (await kept()).join() === 'desk-settings,receipts');
});

/** All that `queue show` and AMI say of one queue while callers wait in it. */
async function callers(
  centre: Centre,
): Promise<{ call(channel: string): Promise<void>; events: RawMessage[]; end(): Promise<void> }> {
  const { host, ports, ami } = centre.asterisk;
  const act = await connectRawAmi({ host, port: ports.ami, ...ami.act });
  const watch: RawAmi = await connectRawAmi({ host, port: ports.ami, ...ami.watch });
  const events: RawMessage[] = [];
  watch.onMessage((message) => events.push(message));
  return {
    events,
    async call(channel) {
      const place = { Context: 'demo-caller', Exten: 's', Priority: '1', Async: 'true' };
      await act.ask('Originate', { Channel: channel, ...place, Timeout: '60000' });
    },
    async end() {
      await centre.asterisk.cli('channel request hangup all');
      act.close();
      watch.close();
    },
  };
}

test('[AP11] with the bridge gone a break keeps the queues away, not direct calls', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await online(desk);
  await asteriskSays(centre, '1001', '');
  await centre.bridge.kill();
  const phone = await callers(centre);
  try {
    await phone.call('Local/support@callers/n');
    // It rings when the break is chosen: for 2 s the centre may still confirm it.
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await desk.chooseReason('BREAK', 'lunch');
    await expect(desk.at('toast')).toContainText('Declined 1 queue call');
    await expect(desk.at('toast')).toContainText('support');
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'idle');
    await expect(desk.at('strip')).toContainText('Queue calls are declined here');
    // The queue offers the caller again, and again is told no, at once.
    const offers = (): RawMessage[] =>
      phone.events.filter((event) => event.get('event') === 'AgentRingNoAnswer');
    await until('offered and declined three times', () => offers().length >= 3, 15_000);
    for (const offer of offers()) expect(Number(offer.get('ringtime'))).toBeLessThan(14_000);
    expect(await centre.asterisk.cli('queue show support')).toMatch(/support has 1 calls/);
    // One caller, however often offered.
    await expect(desk.at('toast')).toContainText('Declined 1 queue call');
    await phone.call('Local/1001@agents-all/n');
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'ringing');
    await expect(desk.at('call-queue')).toContainText('direct call');
  } finally {
    await phone.end();
    await centre.bridge.start();
  }
  await desk.expectStatus('BREAK', 'lunch');
});

/** While the bridge is away, `ms` pass for everything it knows. */
function age(centre: Centre, ms: number): void {
  const database = new DatabaseSync(centre.files.bridge, { timeout: 5_000 });
  database.exec(`UPDATE log SET made = made - ${ms}, received = received - ${ms}`);
  database.close();
}

/** The unsent change of that page was made `ms` earlier. */
const agePending = (desk: DeskPage, extension: string, ms: number): Promise<void> =>
  desk.page.evaluate(
    async ([name, by]) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const asked = indexedDB.open(name);
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(new Error('not opened'));
      });
      await new Promise<void>((resolve) => {
        const work = database.transaction('changes', 'readwrite');
        const cursor = work.objectStore('changes').openCursor();
        cursor.onsuccess = () => {
          const at = cursor.result;
          const row = at?.value as { made: number } | undefined;
          if (!at || !row) return;
          at.update({ ...row, made: row.made - by });
          at.continue();
        };
        work.oncomplete = () => resolve();
      });
      database.close();
    },
    [`desk-${extension}`, ms] as const,
  );

test('[PS6] an ONLINE that arrives too late is not acted on: one question, one click', async ({
  centre,
  openDesk,
}) => {
  const desk = await openDesk('1001');
  await online(desk);
  await desk.chooseReason('BREAK', 'lunch');
  await desk.expectStatus('BREAK', 'lunch');
  await centre.bridge.kill();
  await desk.choose('ONLINE');
  await desk.expectUnconfirmed('ONLINE');
  await expect(desk.at('status-reason')).toContainText('waiting for the centre');
  age(centre, 600_000);
  await agePending(desk, '1001', 300_000);
  await centre.bridge.start();
  await desk.expectStatus('BREAK', 'lunch');
  await expect(desk.at('late-online')).toContainText('Go online now?');
  await asteriskSays(centre, '1001', 'lunch');
  await desk.page.reload();
  await expect(desk.at('late-online')).toContainText('Go online now?');
  for (const colorScheme of ['light', 'dark'] as const) {
    await desk.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page: desk.page }).analyze();
    expect(violations.map(({ id, nodes }) => [colorScheme, id, nodes.map(({ html }) => html)])).toEqual([]);
  }
  await desk.at('late-go-online').click();
  await expect(desk.at('late-online')).toBeHidden();
  await expect(desk.statusButton).toBeFocused();
  await online(desk);
  await asteriskSays(centre, '1001', '');
});

test('[PS6] the question can be answered by staying', async ({ centre, openDesk }) => {
  const desk = await openDesk('1001');
  await online(desk);
  await desk.choose('TRAINING');
  await desk.expectStatus('TRAINING');
  await centre.bridge.kill();
  await desk.choose('ONLINE');
  await desk.expectUnconfirmed('ONLINE');
  age(centre, 600_000);
  await agePending(desk, '1001', 300_000);
  await centre.bridge.start();
  await desk.at('late-stay').click();
  await expect(desk.at('late-online')).toBeHidden();
  await desk.expectStatus('TRAINING');
  await asteriskSays(centre, '1001', 'TRAINING');
});

test('[PS5] a supervisor’s break that the agent’s offline pause had not seen stays, and the desk says so', async ({
  centre,
  openBrowser,
  passwordOf,
}) => {
  const desk = await openBrowser();
  const cable = await cableOf(desk.page);
  await desk.signIn('1001', passwordOf('1001'));
  await online(desk);
  await cable.cut();
  await expect(desk.at('strip')).toHaveAttribute('data-gone', 'bridge');
  const grace = await openClient(centre.url, '1100', passwordOf('1100'));
  expect(await grace.setStatus('BREAK', 'lunch', '1001')).toMatchObject({ type: 'ack' });
  await asteriskSays(centre, '1001', 'lunch');
  await desk.choose('PAUSE');
  await desk.expectUnconfirmed('PAUSE');
  await cable.mend();
  await desk.expectStatus('BREAK', 'lunch');
  await expect(desk.at('overruled')).toContainText('Grace Winter set you to Break');
  await expect(desk.at('truth-you')).toContainText('set by Grace Winter');
  await asteriskSays(centre, '1001', 'lunch');
  // Having seen it, the agent may.
  await desk.choose('PAUSE');
  await desk.expectStatus('PAUSE');
  await expect(desk.at('overruled')).toBeHidden();
  await asteriskSays(centre, '1001', 'PAUSE');
  grace.close();
  await desk.signOut();
});

test('[PS5] two tabs of one browser are one device: both show, number and send one order of changes', async ({
  centre,
  openDesk,
}) => {
  const one = await openDesk('1001');
  await online(one);
  const other = await one.anotherTab();
  await other.expectStatus('ONLINE');
  await centre.bridge.kill();
  await one.chooseReason('BREAK', 'lunch');
  await other.expectUnconfirmed('BREAK');
  await other.choose('MEETING');
  await one.expectUnconfirmed('MEETING');
  const restarted = deviceTime();
  await centre.bridge.start();
  await one.expectStatus('MEETING');
  await other.expectStatus('MEETING');
  await asteriskSays(centre, '1001', 'MEETING');
  const choices = choicesOf(centre, '1001', restarted);
  expect(choices.map(({ status }) => status)).toEqual(['BREAK', 'MEETING']);
  expect(new Set(choices.map(({ device }) => device)).size).toBe(1);
  await other.page.close();
});

test('[PS6] of two devices the later choice stands, whichever arrives first', async ({
  centre,
  openBrowser,
  openDesk,
  passwordOf,
}) => {
  const cut = await openBrowser();
  const cable = await cableOf(cut.page);
  await cut.signIn('1001', passwordOf('1001'));
  await online(cut);
  const other = await openDesk('1001');
  await other.expectStatus('ONLINE');
  const begun = deviceTime();
  await cable.cut();
  await cut.choose('PAUSE');
  await cut.expectUnconfirmed('PAUSE');
  await other.choose('MEETING');
  await other.expectStatus('MEETING');
  await cable.mend();
  await cut.expectStatus('MEETING');
  await other.expectStatus('MEETING');
  await asteriskSays(centre, '1001', 'MEETING');
  const choices = choicesOf(centre, '1001', begun);
  expect(choices.map(({ status }) => status)).toEqual(['MEETING', 'PAUSE']);
  expect(choices[1]?.made).toBeLessThan(choices[0]?.made ?? 0);
});

for (const forgetting of ['bridge', 'page'] as const) {
  test.describe(`${forgetting} forgets everything between the steps`, () => {
    test.use({ forgetting });

    test('[AP2] [PS5] every choice arrives once and in order', async ({ centre, openDesk, step }) => {
      const desk = await openDesk('1001');
      const begun = deviceTime();
      await step('online', () => online(desk));
      for (const status of ['BREAK', 'MEETING', 'TRAINING', 'PAUSE']) {
        await step(status, async () => {
          await desk.choose(status);
          await expect(desk.statusButton).toHaveAttribute('data-saving', 'false');
          await expect(desk.statusButton).toHaveAttribute('data-status', status);
        });
      }
      await step('at the end', async () => {
        await desk.expectStatus('PAUSE');
        await asteriskSays(centre, '1001', 'PAUSE');
        expect(choicesOf(centre, '1001', begun).map(({ status }) => status)).toEqual([
          ...['BREAK', 'MEETING', 'TRAINING', 'PAUSE'],
        ]);
      });
    });
  });
}
