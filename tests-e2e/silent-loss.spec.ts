// A phone that goes silent without a word, and one whose line breaks in the middle of a call: what Asterisk finds out, what a
// supervisor is shown, and what the queue does.
import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { prepareCentre, root, type Centre } from '../tools/centre.ts';
import { demoPlan } from '../tools/demo-plan.ts';
import { DeskPage } from './pages/desk-page.ts';
import { membersOf } from './testkit/asterisk-truth.ts';
import { processesOf, type BrowserProcesses } from './testkit/browser-processes.ts';
import { signIn } from './testkit/desk-client.ts';
import { expect, test as base } from './testkit/fixtures.ts';
import { samePicture } from './testkit/picture.ts';
import { openSipCut, type SipCut } from './testkit/sip-cut.ts';
import { keepPeers, soundFlows } from './testkit/sound.ts';
import { watchAgent, type Timeline } from './testkit/timeline.ts';
import { deviceTime, until } from './testkit/wait.ts';

const QUALIFY_S = 2;
/** Asterisk's wait for an answer to its question (asterisk/reference/endpoint.ts). */
const QUALIFY_TIMEOUT_S = 3;
const GRACE_MS = 2_000;
/** Of a machine that has other things to do as well. */
const SLOWER = 5;
const LOST = 'Auto: SIP not registered';

interface Place {
  readonly centre: Centre;
  readonly sip: SipCut;
}

interface OwnBrowser {
  readonly desk: DeskPage;
  readonly processes: BrowserProcesses;
}

async function openPlace(runDir: string): Promise<Place> {
  const centre = await prepareCentre({ ...demoPlan(runDir), qualifyFrequencyS: QUALIFY_S });
  const sip = await openSipCut(centre.asterisk.sipWebSocketUrl);
  await centre.asterisk.start();
  await centre.bridge.start({ SIP_URL: sip.url, GRACE_MS: String(GRACE_MS) });
  return { centre, sip };
}

const test = base.extend<
  {
    readonly timeline: Timeline;
    readonly ownBrowser: OwnBrowser;
    readonly signedOut: undefined;
  },
  { readonly place: Place }
>({
  place: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants the pattern
    async ({}, use) => {
      const runDir = mkdtempSync(join(tmpdir(), 'e2e-loss-'));
      const place = await openPlace(runDir);
      await use(place);
      await place.centre.stop();
      await place.sip.close();
      rmSync(runDir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  centre: [({ place }, use) => use(place.centre), { scope: 'worker' }],
  /** The next test finds 1001 signed out, whatever became of this one's desk. */
  signedOut: [
    async ({ centre, place: { sip }, passwordOf }, use) => {
      await use(undefined);
      sip.mend();
      const { accessToken } = await signIn(centre.url, '1001', passwordOf('1001'));
      await fetch(`${centre.url}/api/sign-out`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ everywhere: true }),
      });
    },
    { auto: true },
  ],
  /** A browser process of this test alone, at the sign-in form. */
  ownBrowser: async ({ playwright, centre }, use) => {
    const browser = await playwright.chromium.launch();
    const context = await browser.newContext({ permissions: ['microphone'], locale: 'en-GB' });
    const desk = new DeskPage(await context.newPage(), centre.url);
    const processes = await processesOf(browser);
    await use({ desk, processes });
    await processes.thawNetwork();
    await browser.close();
  },
  timeline: async ({ centre }, use) => {
    const timeline = await watchAgent(centre, '1001');
    await use(timeline);
    timeline.close();
  },
});

async function asteriskSays(centre: Centre, reason: string): Promise<void> {
  const wanted = JSON.stringify([{ queue: 'support', paused: reason !== '', reason }]);
  await until(
    `1001 in Asterisk: ${wanted}`,
    async () => JSON.stringify(await membersOf(centre, '1001')) === wanted,
    10_000,
  );
}

/** At the desk, registered, ONLINE, and unpaused in Asterisk. */
async function begin(desk: DeskPage, centre: Centre, password: string): Promise<void> {
  await desk.signIn('1001', password);
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  await asteriskSays(centre, '');
}

/** The answers of one page to "are you there?" (RG12), on their way to the bridge. */
interface Answers {
  hold(): void;
  readonly held: number;
  release(): void;
}

/** Before the page is opened. */
async function answersOf(page: Page): Promise<Answers> {
  let holding = false;
  const waiting: (() => void)[] = [];
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const bridge = socket.connectToServer();
    socket.onMessage((text) => {
      const send = (): void => bridge.send(text);
      if (holding && text.includes('"probe.seen"')) waiting.push(send);
      else send();
    });
  });
  return {
    hold: () => void (holding = true),
    get held() {
      return waiting.length;
    },
    release() {
      holding = false;
      for (const send of waiting.splice(0)) send();
    },
  };
}

test('[RG1] [RG6] [RG12] [ST3] [ST4] [ST5] a phone that falls silent is found out, waited for, paused and shown OFFLINE; it is back by itself, rung once it answered', async ({
  centre,
  ownBrowser: { desk, processes },
  passwordOf,
  timeline,
}) => {
  let loads = 0;
  desk.page.on('load', () => (loads += 1));
  const answers = await answersOf(desk.page);
  await begin(desk, centre, passwordOf('1001'));

  const lost = deviceTime();
  await processes.freezeNetwork();
  const withinMs = (QUALIFY_S + QUALIFY_TIMEOUT_S) * 1_000 + GRACE_MS;
  const offline = await timeline.find('board: OFFLINE sip-not-registered', lost, SLOWER * withinMs);
  const paused = await timeline.find(`paused: ${LOST}`, lost);
  const unreachable = await timeline.find('contact Unreachable', lost);
  const reconnecting = await timeline.find('board: ONLINE reconnecting', lost);
  expect(reconnecting.free).toBe(false);
  const [first, second, ...later] = timeline.story(lost);
  expect([first, second]).toEqual([unreachable.what, reconnecting.what]);
  // The pause is some 20 ms earlier, unless the machine is busy: nothing makes one wait for the other.
  expect(later.sort()).toEqual([offline.what, paused.what]);
  for (const { at } of [offline, paused]) {
    // Asterisk's word to the test may be slower than to the bridge by a little.
    expect(at - unreachable.at).toBeGreaterThanOrEqual(GRACE_MS - 100);
  }
  await samePicture(centre, timeline, ['1001 Unreachable']);

  answers.hold();
  const back = deviceTime();
  await processes.thawNetwork();
  const online = await timeline.find('board: ONLINE sip-registered', back, SLOWER * withinMs);
  await until('the page has answered', () => answers.held > 0);
  expect([online.free, timeline.story(back)]).toEqual([
    false,
    ['contact Reachable', 'board: ONLINE sip-registered'],
  ]);
  expect((await membersOf(centre, '1001')).map((member) => member.paused)).toEqual([true]);
  answers.release();
  await timeline.find('unpaused', back);
  await timeline.find('probe: proven', back);
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  await samePicture(centre, timeline, ['1001 Reachable']);
  expect(loads).toBe(1);
});

/** A caller in `support`; the way to hang up. */
function call({ asterisk }: Centre): () => void {
  const args = [join(root, 'asterisk/call.ts'), '--queue', 'support', '--run', asterisk.runDir];
  const caller = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
  return () => void caller.kill('SIGINT');
}

/** 1001 talks to a caller, and the line breaks. Returns how the caller hangs up, and when it broke (ms). */
async function cutInCall(desk: DeskPage, { centre, sip }: Place, password: string) {
  await keepPeers(desk.page);
  await begin(desk, centre, password);
  const hangUp = call(centre);
  await expect(desk.at('call-card')).toHaveAttribute('data-state', 'ringing');
  await desk.at('call-answer').click();
  await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
  await soundFlows(desk.page);
  const at = deviceTime();
  sip.cut();
  return { hangUp, at };
}

test('[RG11] [RG1] [ST3] [ST4] [ST5] a line that breaks in a call: the call goes on, the queue is paused, OFFLINE shows when it ends', async ({
  centre,
  openBrowser,
  passwordOf,
  place,
  timeline,
}) => {
  const desk = await openBrowser();
  const cut = await cutInCall(desk, place, passwordOf('1001'));
  const paused = await timeline.find(`paused: ${LOST}`, cut.at, SLOWER * GRACE_MS);
  expect(paused.at - cut.at).toBeGreaterThanOrEqual(GRACE_MS - 100);
  expect(timeline.story(cut.at)).toEqual([
    'contact Removed',
    'board: ON_CALL connection-lost',
    `paused: ${LOST}`,
  ]);
  await soundFlows(desk.page);
  await expect(desk.at('call-card')).toHaveAttribute('data-state', 'in-call');
  await expect(desk.at('strip')).toHaveAttribute('data-gone', 'phone');

  const ended = deviceTime();
  cut.hangUp();
  // ST6: WRAP_UP instead, once a call's end brings it by itself.
  await timeline.find('board: OFFLINE sip-not-registered', ended);
  expect(timeline.story(ended)).toEqual(['board: OFFLINE sip-not-registered']);
  const mended = deviceTime();
  place.sip.mend();
  await timeline.find('board: ONLINE sip-registered', mended, 15_000);
  await asteriskSays(centre, '');
  await desk.expectReachable();
  await samePicture(centre, timeline, ['1001 Reachable']);
});

for (const [when, late] of [
  ['after the caller left', true],
  ['before the caller left', false],
] as const) {
  // The caller's BYE went to the broken line: the desk stays in a call that is over, and declines every other one.
  test(`[AP5] [AP7] a line that broke in a call and came back ${when}: the desk is free again, and rings`, async ({
    centre,
    openBrowser,
    passwordOf,
    place,
    timeline,
  }) => {
    const desk = await openBrowser();
    const { at, hangUp } = await cutInCall(desk, place, passwordOf('1001'));
    await timeline.find('board: ON_CALL connection-lost', at);
    if (late) hangUp();
    if (late) await timeline.find('board: OFFLINE sip-not-registered', at, SLOWER * GRACE_MS);
    place.sip.mend();
    await timeline.find('contact Reachable', at, 15_000);
    if (!late) hangUp();
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'idle');
    await desk.expectStatus('ONLINE');
    await asteriskSays(centre, '');
    const leave = call(centre);
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'ringing');
    leave();
    await expect(desk.at('call-card')).toHaveAttribute('data-state', 'idle');
  });
}
