// RG6: `pjsip show contacts`, `ps_contacts` and what a supervisor is shown are one picture, whatever brings phones and takes them.
import { DeskPage } from './pages/desk-page.ts';
import { processesOf } from './testkit/browser-processes.ts';
import { openDesk as openClient, type DeskClient, type Frame } from './testkit/desk-client.ts';
import { expect, test as base } from './testkit/fixtures.ts';
import { inMemory, samePicture, type Picture } from './testkit/picture.ts';
import { until } from './testkit/wait.ts';

interface Board {
  /** A supervisor’s socket; opened anew by `join` after the bridge was gone. */
  readonly socket: DeskClient;
  join(): Promise<void>;
  /** Waits until the three are one and hold a contact with each of these words, e.g. `1001 Reachable`. */
  shows(...words: readonly string[]): Promise<Picture>;
}

const test = base.extend<{ readonly board: Board }>({
  board: async ({ centre, passwordOf }, use) => {
    let socket = await openClient(centre.url, '1100', passwordOf('1100'));
    await use({
      get socket() {
        return socket;
      },
      async join() {
        socket = await openClient(centre.url, '1100', passwordOf('1100'));
      },
      shows: (...words) => samePicture(centre, socket, words),
    });
    socket.close();
  },
});

const sortOf = ({ type }: Frame): string => type;

test('[RG6] [RG9] signed in, with a second device, with one of them signed out, and signed out', async ({
  board,
  openDesk,
}) => {
  await board.shows();
  const one = await openDesk('1001');
  const [first] = await board.shows('1001 Reachable');
  const other = await openDesk('1001');
  const both = await board.shows('1001 Reachable', '1001 Reachable');
  expect(both).toContain(first);
  const colleague = await openDesk('1002');
  await board.shows('1001 Reachable', '1001 Reachable', '1002 Reachable');
  await one.signOut();
  const left = await board.shows('1001 Reachable', '1002 Reachable');
  expect(left).not.toContain(first);
  await other.signOut();
  await colleague.signOut();
  await board.shows();
});

test('[RG6] a page that is closed, and one loaded anew', async ({ board, openDesk }) => {
  const desk = await openDesk('1001');
  const before = await board.shows('1001 Reachable');
  await desk.page.reload();
  await desk.expectReachable();
  const after = await board.shows('1001 Reachable');
  expect(after).not.toEqual(before);
  await desk.page.close();
  await board.shows();
});

test('[RG6] a browser that is killed', async ({ board, centre, openDesk, passwordOf, playwright }) => {
  const colleague = await openDesk('1002');
  const browser = await playwright.chromium.launch();
  const context = await browser.newContext({ permissions: ['microphone'] });
  const desk = new DeskPage(await context.newPage(), centre.url);
  await desk.signIn('1001', passwordOf('1001'));
  await board.shows('1001 Reachable', '1002 Reachable');
  await (await processesOf(browser)).kill();
  await board.shows('1002 Reachable');
  await colleague.signOut();
  await board.shows();
});

test('[RG6] [OP2] Asterisk killed and started again', async ({ board, centre, openDesk }) => {
  await openDesk('1001');
  await openDesk('1002');
  const before = await board.shows('1001 Reachable', '1002 Reachable');
  await centre.asterisk.kill();
  await centre.asterisk.start();
  const after = await board.shows('1001 Reachable', '1002 Reachable');
  expect(after.filter((one) => before.includes(one))).toEqual([]);
});

test('[RG6] the bridge killed and started again, and a phone that went meanwhile', async ({
  board,
  centre,
  openDesk,
}) => {
  const one = await openDesk('1001');
  const other = await openDesk('1002');
  const [stays] = await board.shows('1001 Reachable', '1002 Reachable');
  await centre.bridge.kill();
  await other.page.close();
  await until('one contact in Asterisk', async () => (await inMemory(centre)).length === 1);
  await centre.bridge.start();
  await board.join();
  expect(await board.shows('1001 Reachable')).toEqual([stays]);
  await one.expectReachable();
});

test('[RG6] [SE4] a supervisor signs an agent out', async ({ board, openDesk }) => {
  const desk = await openDesk('1001');
  await board.shows('1001 Reachable');
  board.socket.sendText(JSON.stringify({ type: 'agent.signOut', id: 'out', agent: '1001' }));
  const answer = await until('an answer', () => board.socket.frames.find((frame) => frame['id'] === 'out'));
  expect(sortOf(answer), JSON.stringify(answer)).toBe('ack');
  await board.shows();
  await expect(desk.at('sign-in-form')).toBeVisible();
});
