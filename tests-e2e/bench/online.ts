// RG12: from the click on ONLINE to Asterisk's report that the member is unpaused, the proof that the device can be rung
// in between, beside the pause of a break that needs none. Page and phone are ours: what a browser adds is not in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { createEar } from '../testkit/ear.ts';
import { joinDesk, signIn } from '../testkit/desk-client.ts';
import { connectRawAmi, type RawAmi } from '../testkit/raw-ami.ts';
import { registerPhone } from '../testkit/sip-registrant.ts';
import { now, pause, quantile, random, round } from './stopwatch.ts';

const SAMPLES = 500;
const WARM_UP = 50;
const AGENT = '1001';

/** Resolves at the observer's QueueMemberPause of the agent with that `Paused`; the time is taken on arrival. */
function reported(observer: RawAmi, paused: '0' | '1'): Promise<number> {
  return new Promise((resolve) => {
    const stop = observer.onMessage((message) => {
      if (message.get('event') !== 'QueueMemberPause' || message.get('membername') !== AGENT) return;
      if (message.get('paused') !== paused) return;
      stop();
      resolve(now());
    });
  });
}

interface Samples {
  readonly online: number[];
  readonly onBreak: number[];
}

async function measure({ asterisk, url, logins }: Centre): Promise<Samples> {
  const { host, ports, ami } = asterisk;
  const observer = await connectRawAmi({ host, port: ports.ami, ...ami.watch });
  const grant = await signIn(url, AGENT, logins.find(({ extension }) => extension === AGENT)?.password ?? '');
  const ear = createEar();
  const first = reported(observer, '0');
  const desk = await joinDesk(url, grant, ear);
  const cut = desk.closed.then((code): never => {
    throw new Error(`the desk’s socket was closed with ${code}`);
  });
  const phone = registerPhone(grant.sip, ear);
  await phone.registered;
  await first;
  const found: Samples = { online: [], onBreak: [] };
  const take = async (status: string, paused: '0' | '1', into: number[], keep: boolean): Promise<void> => {
    // Slow enough for the limit of frames (WR4): three a round, 200 a second.
    await pause(10 + random(10));
    const seen = reported(observer, paused);
    const began = now();
    const ack = desk.setStatus(status, null);
    const ms = (await Promise.race([seen, cut])) - began;
    await ack;
    if (keep) into.push(ms);
  };
  for (let index = 0; index < WARM_UP + SAMPLES; index += 1) {
    await take('BREAK', '1', found.onBreak, index >= WARM_UP);
    await take('ONLINE', '0', found.online, index >= WARM_UP);
  }
  cut.catch(() => undefined);
  phone.destroySocket();
  desk.close();
  observer.close();
  return found;
}

export async function runOnline(): Promise<Readonly<Record<string, number>>> {
  const runDir = mkdtempSync(join(tmpdir(), 'bench-online-'));
  const agents = Array.from({ length: 10 }, (_, index) => String(1001 + index));
  const people = agents.map((extension) => {
    return { extension, name: `Agent ${extension}`, role: 'agent' as const, teams: ['all'] };
  });
  const queues = [{ name: 'support', members: agents }];
  const centre = await prepareCentre({ runDir, name: 'bench', queues, people, demo: true });
  try {
    await centre.start();
    const { online, onBreak } = await measure(centre);
    const row = (what: string, samples: readonly number[]) => {
      const at = (q: number): number => round(quantile(samples, q));
      return { what, samples: samples.length, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'max ms': at(1) };
    };
    const rows = [row('click BREAK → paused', onBreak), row('click ONLINE → unpaused', online)];
    console.table(rows);
    return {
      onlineP50Ms: rows[1]?.['p50 ms'] ?? Number.NaN,
      onlineP99Ms: rows[1]?.['p99 ms'] ?? Number.NaN,
    };
  } finally {
    await centre.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}
