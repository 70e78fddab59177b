// "Can I be rung?" with a real Asterisk: nobody is unpaused whose phone has not proved it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareCentre } from '../../tools/centre.ts';
import { openAmiProxy, type AmiProxy } from '../testkit/ami-proxy.ts';
import { joinDesk, type DeskClient } from '../testkit/desk-client.ts';
import { registerPhone } from '../testkit/sip-registrant.ts';
import { pass, until } from '../testkit/wait.ts';
import { benchOf, told, type CentreBench } from './bench.ts';
import { noncesOf, observe, probeOf, viewsOf, type Observer } from './probe-bench.ts';

/** Long enough for a reload on a busy machine. */
const GRACE_MS = 2_000;
const SILENT = 'Auto: phone does not answer';
const CUT = ['1020', '1021', '1022', '1023', '1024', '1025'] as const;
const AGENTS = ['1001', '1002', '1003', '1004', '1005', '1006', '1007', '1008', '1009', ...CUT];

let bench: CentreBench;
let observer: Observer;
beforeAll(async () => {
  const person = (extension: string, role: 'agent' | 'supervisor' = 'agent') => ({
    ...{ extension, name: `Person ${extension}`, role, teams: ['support'] },
  });
  bench = await benchOf((runDir) =>
    prepareCentre({
      ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2 },
      environment: { GRACE_MS: String(GRACE_MS) },
      queues: [{ name: 'support', members: AGENTS }],
      people: [...AGENTS.map((one) => person(one)), person('1100', 'supervisor')],
    }),
  );
  observer = await observe(bench);
}, 240_000);
afterEach(() => bench.leave());
afterAll(async () => {
  observer.close();
  await bench.end();
});

/** ONLINE and unpaused, with its page's answers watched. */
async function ready(extension: string) {
  const { desk, phone } = await bench.readyAgent(extension);
  const ear = bench.ear(desk.grant);
  observer.watch(extension, ear);
  return { desk, phone, ear };
}

const unpaused = (agent: string, from: number): Promise<unknown> =>
  until(`${agent} is unpaused`, () => observer.story(agent, from).includes('unpaused'), 8_000);
const isProbed = (desk: DeskClient, agent: string, probe: string): Promise<unknown> =>
  until(`${agent} is ${probe}`, () => probeOf(desk, agent) === probe, 8_000);
/** The desk gets an ack to a request. */
async function request(desk: DeskClient, body: object): Promise<string> {
  const id = `x${desk.frames.length}`;
  desk.sendText(JSON.stringify({ ...body, id }));
  const answer = await until('an answer', () => desk.frames.find((frame) => frame['id'] === id));
  return answer.type;
}

describe('from a break to ONLINE', () => {
  it('[RG12] the member is unpaused after the page told of Asterisk’s question, and not before', async () => {
    const { desk, ear } = await ready('1001');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1001', 'lunch');
    const from = observer.mark();
    ear.works = false;
    await desk.setStatus('ONLINE', null);
    await told(desk, '1001', 'ONLINE');
    // Asterisk has asked more than once before the page hears it.
    const heard = noncesOf(desk).length;
    await until('asked again', () => noncesOf(desk).length > heard);
    expect([observer.story('1001', from), probeOf(desk, '1001')]).toEqual([[], 'pending']);
    ear.works = true;
    await unpaused('1001', from);
    expect(observer.story('1001', from)).toEqual(['told', 'unpaused']);
    await isProbed(desk, '1001', 'proven');
  });

  it('[RG12] a phone Asterisk reaches, with a page that hears nothing: paused, asked every 5 s, healed by its first word', async () => {
    const { desk, ear } = await ready('1002');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1002', 'lunch');
    const [from, asked] = [observer.mark(), new Set(noncesOf(desk)).size];
    ear.works = false;
    await desk.setStatus('ONLINE', null);
    await isProbed(desk, '1002', 'silent');
    await bench.shown('1002', SILENT);
    await until('another question', () => new Set(noncesOf(desk)).size === asked + 2, 6_000);
    expect(observer.story('1002', from)).toEqual([`paused: ${SILENT}`]);
    // It was reachable all the time, by what Asterisk knows.
    expect(viewsOf(desk, '1002').at(-1)).toMatchObject({ status: 'ONLINE', mark: null });
    ear.works = true;
    await unpaused('1002', from);
    expect(observer.story('1002', from)).toEqual([`paused: ${SILENT}`, 'told', 'unpaused']);
  });
});

describe('a reload', () => {
  it('[RG1] [RG12] within the grace: not one word to Asterisk, nothing changes for others but the mark', async () => {
    const boss = await bench.desk('1100');
    const { desk, phone, ear } = await ready('1003');
    await told(boss, '1003', 'ONLINE');
    const [from, frames] = [observer.mark(), boss.frames.length];
    const since = viewsOf(boss, '1003').at(-1)?.since;
    phone.destroySocket();
    desk.close();
    await until('the loss is told', () => viewsOf(boss, '1003', frames).at(-1)?.mark === 'reconnecting');
    const again = await bench.join(desk.grant);
    await bench.phone(desk.grant);
    await isProbed(again, '1003', 'proven');
    await until('back', () => viewsOf(boss, '1003', frames).at(-1)?.mark === null);
    expect(observer.story('1003', from).filter((one) => one !== 'told')).toEqual([]);
    expect(observer.story('1003', from)).toContain('told');
    const shown = viewsOf(boss, '1003', frames).map((view) => `${view.status} ${view.since} ${view.mark}`);
    expect(new Set(shown)).toEqual(new Set([`ONLINE ${since} null`, `ONLINE ${since} reconnecting`]));
    expect(ear.works).toBe(true);
  });

  it('[RG1] [RG12] longer than the grace: paused as not registered; back, unpaused after the proof', async () => {
    const { desk, phone, ear } = await ready('1004');
    const from = observer.mark();
    phone.destroySocket();
    await bench.shown('1004', 'Auto: SIP not registered');
    expect(await told(desk, '1004', 'OFFLINE')).toMatchObject({ auto: 'sip-not-registered' });
    ear.works = false;
    await bench.phone(desk.grant);
    await told(desk, '1004', 'ONLINE');
    const heard = noncesOf(desk).length;
    await until('asked again', () => noncesOf(desk).length > heard);
    expect(observer.story('1004', from)).toEqual(['paused: Auto: SIP not registered']);
    ear.works = true;
    await unpaused('1004', from);
    expect(observer.story('1004', from)).toEqual(['paused: Auto: SIP not registered', 'told', 'unpaused']);
  });

  it('[RG12] [PS1] the bridge’s restart pauses nobody and asks everybody; without a page Asterisk’s word is enough', async () => {
    const { desk } = await ready('1005');
    const alone = await ready('1006');
    const from = observer.mark();
    await bench.centre.bridge.kill();
    await bench.centre.bridge.start();
    const again = await bench.join(desk.grant);
    await isProbed(again, '1005', 'proven');
    expect(observer.story('1005', from).filter((one) => one !== 'told')).toEqual([]);
    const boss = await bench.desk('1100');
    await isProbed(boss, '1006', 'proven');
    expect(observer.story('1006', from)).toEqual([]);
    expect(await alone.desk.closed).toBe(1006);
  });
});

describe('without a page', () => {
  it('[RG12] a desk phone is proven by the round trip Asterisk measures', async () => {
    const boss = await bench.desk('1100');
    const grant = await bench.signIn('1007');
    const from = observer.mark();
    const phone = registerPhone({ ...grant.sip, contactName: 'desk-1007' });
    await phone.registered;
    await unpaused('1007', from);
    await isProbed(boss, '1007', 'proven');
    expect(observer.story('1007', from)).toEqual(['unpaused']);
    phone.destroySocket();
    await told(boss, '1007', 'OFFLINE');
  });
});

describe('on demand', () => {
  it('[RG12] [WR4] a supervisor asks a phone on a break: the answer is shown, and so is silence; nothing else changes', async () => {
    const [boss, { desk, ear }] = [await bench.desk('1100'), await ready('1008')];
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1008', 'lunch');
    const [from, before] = [observer.mark(), noncesOf(desk).length];
    expect(await request(boss, { type: 'probe.run', agent: '1008' })).toBe('ack');
    await until('told', () => observer.story('1008', from).length > 0);
    await isProbed(boss, '1008', 'proven');
    ear.works = false;
    expect(await request(desk, { type: 'probe.run' })).toBe('ack');
    await isProbed(boss, '1008', 'silent');
    expect(noncesOf(desk).length).toBeGreaterThan(before + 1);
    expect(viewsOf(boss, '1008').at(-1)).toMatchObject({ status: 'BREAK' });
    expect(observer.story('1008', from)).toEqual(['told']);
  });
});

describe('a network that stands still', () => {
  interface Held {
    readonly agent: string;
    readonly cutAtMs: number | 'question';
    readonly desk: DeskClient;
    readonly proxies: readonly AmiProxy[];
    /** What the page had told the bridge when it was cut. */
    told: number;
    from: number;
    isCut: boolean;
  }
  /** Nothing gets through for that long; TCP stays open. */
  const HELD_MS = 10_000;

  /** Page and phone behind proxies; on a break. */
  async function prepare(agent: string, cutAtMs: Held['cutAtMs']): Promise<Held> {
    const { url, asterisk } = bench.centre;
    const proxies = await Promise.all(
      [Number(new URL(url).port), asterisk.ports.http].map((port) =>
        openAmiProxy({ host: '127.0.0.1', port }),
      ),
    );
    const [web, sip] = proxies.map(({ port }) => port);
    const grant = await bench.signIn(agent);
    const ear = bench.ear(grant);
    observer.watch(agent, ear);
    const desk = await joinDesk(`http://127.0.0.1:${web}`, grant, ear);
    const sipUrl = new URL(grant.sip.url);
    sipUrl.port = String(sip);
    await registerPhone({ ...grant.sip, url: sipUrl.href }, ear).registered;
    await bench.shown(agent, '');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown(agent, 'lunch');
    const held: Held = { agent, cutAtMs, desk, proxies, told: 0, from: 0, isCut: false };
    const ask = ear.ask.bind(ear);
    ear.ask = (tell) => {
      if (cutAtMs === 'question') cut(held);
      ask(tell);
    };
    return held;
  }

  function cut(held: Held): void {
    if (held.isCut) return;
    held.isCut = true;
    for (const proxy of held.proxies) proxy.delay(HELD_MS);
    held.told = observer.story(held.agent, held.from).filter((one) => one === 'told').length;
  }

  async function chooseAndCut(held: Held): Promise<void> {
    held.from = observer.mark();
    void held.desk.setStatus('ONLINE', null);
    if (held.cutAtMs !== 'question') {
      await pass(held.cutAtMs);
      cut(held);
    }
    await until(`${held.agent} is cut`, () => held.isCut);
  }

  it(
    '[RG12] page and phone cut within 20 ms of ONLINE, for 10 s: nobody is unpaused who had not answered before the cut',
    { timeout: 90_000 },
    async () => {
      const moments = ['question', 1, 2, 4, 8, 20] as const;
      const all = await Promise.all(moments.map((moment, index) => prepare(CUT[index]!, moment)));
      await Promise.all(all.map(chooseAndCut));
      await pass(HELD_MS - 1_500);
      const story = (held: Held): readonly string[] => observer.story(held.agent, held.from);
      for (const held of all) {
        const name = `cut at ${held.cutAtMs}`;
        process.stdout.write(`${name}: ${held.told} answers before, then ${story(held).join(', ')}\n`);
        expect(story(held).includes('unpaused') ? held.told : 1, name).toBeGreaterThan(0);
      }
      // The one that was asked and could not answer: paused all the while.
      expect(story(all[0]!).includes('unpaused')).toBe(false);
      for (const { proxies } of all) for (const proxy of proxies) proxy.clear();
      // What was held arrives and proves nothing: they are asked anew, and answer.
      for (const { agent } of all) await bench.shown(agent, '', 20_000);
      expect(story(all[0]!).slice(-2)).toEqual(['told', 'unpaused']);
      for (const { proxies, desk } of all) {
        desk.close();
        await Promise.all(proxies.map((proxy) => proxy.close()));
      }
    },
  );
});
