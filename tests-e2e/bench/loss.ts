// A browser closed and opened again, beside a real Asterisk: until Asterisk misses the contact, until a supervisor sees
// "reconnecting" and OFFLINE (RG1), and from the page's first request until calls reach the agent again (RG12).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import { buildApp } from '../../tools/app-build.ts';
import { findChromium } from '../../tools/browsers.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { demoPlan } from '../../tools/demo-plan.ts';
import { DeskPage } from '../pages/desk-page.ts';
import { watchAgent } from '../testkit/timeline.ts';
import { deviceTime } from '../testkit/wait.ts';
import { pause, quantile, random, round } from './stopwatch.ts';

const ROUNDS = 12;
const AGENT = '1001';
/** RG1: the bridge's default. */
const GRACE_MS = 8_000;
const WITHIN_MS = 20_000;

/** ms; those after the grace are without it. */
interface Loss {
  readonly missed: number;
  readonly reconnecting: number;
  readonly paused: number;
  readonly offline: number;
  readonly registered: number;
  readonly unpaused: number;
  readonly online: number;
}

/** The same browser each time: its profile keeps the session. */
type OpenBrowser = () => Promise<{ readonly desk: DeskPage; readonly context: BrowserContext }>;

async function profileIn(userDir: string, url: string): Promise<OpenBrowser> {
  const executablePath = await findChromium(console.log);
  return async () => {
    const context = await chromium.launchPersistentContext(userDir, {
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream'],
      permissions: ['microphone'],
      locale: 'en-GB',
    });
    const page = context.pages()[0] ?? (await context.newPage());
    return { context, desk: new DeskPage(page, url) };
  };
}

async function lose(centre: Centre, context: BrowserContext, open: OpenBrowser) {
  const timeline = await watchAgent(centre, AGENT);
  // The bridge's own looks at everything come in any phase.
  await pause(random(1_000));
  const closed = deviceTime();
  const closing = context.close();
  const sinceClosed = async (what: string | RegExp): Promise<number> =>
    (await timeline.find(what, closed, WITHIN_MS)).at - closed;
  const missed = await sinceClosed('contact Removed');
  const reconnecting = await sinceClosed(/ reconnecting$/);
  const offline = (await sinceClosed('board: OFFLINE sip-not-registered')) - GRACE_MS;
  const paused = (await sinceClosed('paused: Auto: SIP not registered')) - GRACE_MS;
  await closing;

  const next = await open();
  const opened = deviceTime();
  await next.desk.open();
  const sinceOpened = async (what: string | RegExp): Promise<number> =>
    (await timeline.find(what, opened, WITHIN_MS)).at - opened;
  const registered = await sinceOpened(/^contact (NonQualified|Reachable)$/);
  const unpaused = await sinceOpened('unpaused');
  const online = await sinceOpened('board: ONLINE sip-registered');
  timeline.close();
  const loss: Loss = { missed, reconnecting, paused, offline, registered, unpaused, online };
  return { loss, context: next.context };
}

async function measure(centre: Centre, open: OpenBrowser): Promise<readonly Loss[]> {
  const { context, desk } = await open();
  await desk.signIn(AGENT, centre.logins.find(({ extension }) => extension === AGENT)?.password ?? '');
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
  const found: Loss[] = [];
  let last = context;
  try {
    while (found.length < ROUNDS) {
      const { loss, context: next } = await lose(centre, last, open);
      last = next;
      found.push(loss);
    }
  } finally {
    await last.close();
  }
  return found;
}

export async function runLoss(): Promise<Readonly<Record<string, number>>> {
  const runDir = mkdtempSync(join(tmpdir(), 'bench-loss-'));
  const centre = await prepareCentre({ ...demoPlan(runDir), appDir: buildApp(console.log) });
  try {
    await centre.start();
    const found = await measure(centre, await profileIn(join(runDir, 'browser'), centre.url));
    const row = (what: string, key: keyof Loss) => {
      const at = (q: number): number =>
        round(
          quantile(
            found.map((one) => one[key]),
            q,
          ),
        );
      return { what, rounds: found.length, 'p50 ms': at(0.5), 'max ms': at(1) };
    };
    const rows = {
      missed: row('closed → contact gone in Asterisk', 'missed'),
      reconnecting: row('closed → "reconnecting" shown', 'reconnecting'),
      paused: row('closed → paused, less the grace', 'paused'),
      offline: row('closed → OFFLINE shown, less the grace', 'offline'),
      registered: row('opened → registered', 'registered'),
      unpaused: row('opened → unpaused', 'unpaused'),
      online: row('opened → ONLINE shown', 'online'),
    };
    console.table(Object.values(rows));
    return Object.fromEntries(Object.entries(rows).map(([key, one]) => [`${key}P50Ms`, one['p50 ms']]));
  } finally {
    await centre.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}
