// Asterisk killed with -9: from its FullyBooted to the agreement of all members, and to a desk in a real Chromium that is
// registered again without a reload. Seen by an independent AMI connection and by the page itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { buildApp } from '../../tools/app-build.ts';
import { findChromium } from '../../tools/browsers.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { DeskPage } from '../pages/desk-page.ts';
import { openDesk } from '../testkit/desk-client.ts';
import { connectRawAmi, type RawAmi } from '../testkit/raw-ami.ts';
import { until } from '../testkit/wait.ts';
import { now, pause, quantile, random, round } from './stopwatch.ts';

const KILLS = 12;
const QUEUE = 'support';
/** In the browser, ONLINE. */
const AGENT = '1001';
const ON_BREAK = ['1002', '1003', '1004', '1005', '1006', '1007', '1008', '1009', '1010'];
const OFFLINE = ['1011', '1012', '1013', '1014', '1015', '1016', '1017', '1018', '1019', '1020'];
const EVERYBODY = [AGENT, ...ON_BREAK, ...OFFLINE];
/** Asterisk stays away that long at most: the desk's next try comes at any moment of its backoff. */
const AWAY_MS = 3_000;
/** PS9, RG1: it starts paused without a reason, and in the grace nobody adds one; after that it is not registered. */
const AGENT_GONE = ['none', 'Auto: SIP not registered'];

/** ms after FullyBooted. */
interface Recovery {
  readonly agreed: number;
  readonly registered: number;
  /** The agent in the browser is unpaused: calls reach it again. */
  readonly online: number;
}

/** Extension → reason of the pause, `none` if it has none, '' for unpaused. */
async function members(ami: RawAmi): Promise<ReadonlyMap<string, string>> {
  const answer = await ami.ask('QueueStatus', { Queue: QUEUE });
  const found = answer.filter((message) => message.get('event') === 'QueueMember');
  return new Map(
    found.map((message) => [
      message.get('name') ?? '',
      message.get('paused') === '1' ? message.get('pausedreason') || 'none' : '',
    ]),
  );
}

/** All are as wanted; the agent in the browser too, who is wanted unpaused only once its phone is back. */
const agreed = (shown: ReadonlyMap<string, string>): boolean =>
  ON_BREAK.every((one) => shown.get(one) === 'lunch') &&
  OFFLINE.every((one) => shown.get(one) === 'offline') &&
  ['', ...AGENT_GONE].includes(shown.get(AGENT) ?? '?');

async function connectObserver({ asterisk }: Centre): Promise<{ ami: RawAmi; booted: Promise<number> }> {
  const address = { host: asterisk.host, port: asterisk.ports.ami, ...asterisk.ami.watch };
  const ami = await until('AMI login', () => connectRawAmi(address).catch(() => null), 30_000);
  const booted = new Promise<number>((resolve) => {
    ami.onMessage((message) => {
      if (message.get('event') === 'FullyBooted') resolve(now());
    });
  });
  return { ami, booted };
}

async function restart(centre: Centre, desk: DeskPage): Promise<Recovery> {
  const phone = desk.at('truth-phone');
  const phoneState = (): Promise<string | null> => phone.getAttribute('data-state');
  await centre.asterisk.kill();
  await until('the desk has noticed', async () => (await phoneState()) !== 'ok', 10_000);
  await pause(random(AWAY_MS));
  const starting = centre.asterisk.start();
  const { ami, booted } = await connectObserver(centre);
  await starting;
  const since = await Promise.race([booted, pause(5_000).then(() => null)]);
  if (since === null) throw new Error('the observer missed FullyBooted');
  const after = async (what: string, probe: () => Promise<boolean>): Promise<number> => {
    await until(what, probe, 60_000);
    return now() - since;
  };
  const [all, registered, online] = await Promise.all([
    after('all members agree', async () => agreed(await members(ami))),
    after('the desk is registered', async () => (await phoneState()) === 'ok'),
    after('the agent is unpaused', async () => (await members(ami)).get(AGENT) === ''),
  ]);
  ami.close();
  return { agreed: all, registered, online };
}

async function measure(centre: Centre): Promise<readonly Recovery[]> {
  const passwordOf = (extension: string): string =>
    centre.logins.find((login) => login.extension === extension)?.password ?? '';
  for (const extension of ON_BREAK) {
    const desk = await openDesk(centre.url, extension, passwordOf(extension));
    await desk.setStatus('BREAK', 'lunch');
    desk.close();
  }
  const browser = await chromium.launch({
    executablePath: await findChromium(console.log),
    args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream'],
  });
  try {
    const context = await browser.newContext({ permissions: ['microphone'], locale: 'en-GB' });
    const page = await context.newPage();
    let loads = 0;
    page.on('load', () => (loads += 1));
    const desk = new DeskPage(page, centre.url);
    await desk.signIn(AGENT, passwordOf(AGENT));
    await desk.expectReachable();
    const { ami } = await connectObserver(centre);
    await until('all is as it should be', async () => {
      const shown = await members(ami);
      return agreed(shown) && shown.get(AGENT) === '';
    });
    ami.close();
    const loadsBefore = loads;
    const found: Recovery[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) found.push(await restart(centre, desk));
    if (loads !== loadsBefore) throw new Error('the page was loaded anew');
    return found;
  } finally {
    await browser.close();
  }
}

export async function runRecovery(): Promise<Readonly<Record<string, number>>> {
  const appDir = buildApp(console.log);
  const runDir = mkdtempSync(join(tmpdir(), 'bench-recovery-'));
  const people = EVERYBODY.map((extension) => {
    return { extension, name: `Agent ${extension}`, role: 'agent' as const, teams: ['all'] };
  });
  const queues = [{ name: QUEUE, members: EVERYBODY }];
  const centre = await prepareCentre({ runDir, name: 'bench', queues, people, demo: true, appDir });
  try {
    await centre.start();
    const found = await measure(centre);
    const row = (what: string, goal: number | string, key: keyof Recovery) => {
      const samples = found.map((one) => one[key]);
      const at = (q: number): number => round(quantile(samples, q));
      return { what, kills: samples.length, 'goal ms': goal, 'p50 ms': at(0.5), 'max ms': at(1) };
    };
    const rows = [
      row(`${EVERYBODY.length} members agree`, 1_000, 'agreed'),
      row('desk registered', 3_000, 'registered'),
      row('agent unpaused', '', 'online'),
    ];
    console.table(rows);
    const [agreedRow, registeredRow] = rows;
    return {
      agreedP50Ms: agreedRow?.['p50 ms'] ?? Number.NaN,
      registeredP50Ms: registeredRow?.['p50 ms'] ?? Number.NaN,
    };
  } finally {
    await centre.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}
