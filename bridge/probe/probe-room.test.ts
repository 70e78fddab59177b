import { describe, expect, it } from 'vitest';
import { makePerson, makeStep, T0 } from '../../domain/testing/build.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { createFakePbx, pbxContact } from '../testing/fake-pbx.ts';
import { settle } from '../testing/settle.ts';
import { ASK_EVERY_MS, SILENT_AFTER_MS } from './inquiry.ts';
import { watchPresence } from './presence.ts';
import { MEASURED_AFTER_MS, ProbeRoom } from './probe-room.ts';

const AGENT = '1001';
const PAGE = pbxContact(AGENT, { uri: 'sip:s-a@h1' });
const DESK_PHONE = pbxContact(AGENT, { uri: 'sip:4711@10.0.0.7' });

/** One agent; sessions `s-a` and `s-b` are open. */
function bench() {
  const clock = createFakeClock(T0);
  const log = createFakeLog();
  const pbx = createFakePbx('ready');
  const roster = createRoster([makePerson()], [], 0);
  const here = new Set<string>();
  const told: [session: string, nonce: string][] = [];
  let hear: (session: string) => void = () => undefined;
  const hub = {
    sessions: () => new Set(here),
    onPresence: (listener: (session: string) => void) => void (hear = listener),
    tellSession: (session: string, { nonce }: { nonce: string }) => told.push([session, nonce]),
  };
  const presence = watchPresence({ hub, agentOf: (session) => (session === 's-x' ? null : AGENT) });
  let nonces = 0;
  const newNonce = (): string => `n${(nonces += 1)}`;
  const room = new ProbeRoom({ roster, hub, presence, pbx, clock, log, newNonce });
  let sequence = 0;
  const contact = (one: typeof PAGE) =>
    roster.apply(AGENT, { type: 'contact', contact: one, at: clock.now() });
  return {
    ...{ clock, log, pbx, roster, room, told, contact },
    choose(status: ChoosableStatus) {
      sequence += 1;
      const follows = roster.logOf(AGENT).folded.intent.entry;
      roster.record(makeStep({ sequence, status, follows, made: clock.now() }), sequence);
    },
    page(session: string, is: boolean) {
      if (is) here.add(session);
      else here.delete(session);
      hear(session);
    },
    probe: () => roster.get(AGENT)?.probe,
    /** Asterisk lists this round trip of that contact now. */
    trip: (uri: string, microseconds: number) => void (pbx.trips = [{ extension: AGENT, uri, microseconds }]),
  };
}

/** ONLINE, page connected, phone registered: just asked. */
async function asked() {
  const given = bench();
  given.choose('ONLINE');
  given.page('s-a', true);
  given.contact(PAGE);
  await settle();
  return given;
}

describe('asking', () => {
  it('[RG12] a phone that comes is asked by Asterisk, with a nonce to its page alone; the page’s word with it proves', async () => {
    const given = bench();
    const { pbx, told, room, probe } = given;
    given.choose('ONLINE');
    given.page('s-a', true);
    given.page('s-b', true);
    expect([told, pbx.qualified, probe()]).toEqual([[], [], 'pending']);
    given.contact(PAGE);
    expect([told, pbx.qualified, probe()]).toEqual([[['s-a', 'n1']], [AGENT], 'pending']);
    await settle();
    room.seen(AGENT, 's-a', 'n0');
    room.seen(AGENT, 's-b', 'n1');
    expect(probe()).toBe('pending');
    room.seen(AGENT, 's-a', 'n1');
    expect(probe()).toBe('proven');
    given.clock.advance(ASK_EVERY_MS * 3);
    expect([told.length, given.clock.pending()]).toEqual([1, 0]);
  });

  it('[RG12] the same nonce again at 0.5 s and 1.5 s, silence at 3 s, another nonce at 5 s', async () => {
    const { told, pbx, clock, probe, log, room } = await asked();
    clock.advance(SILENT_AFTER_MS - 1);
    expect([told.map(([, nonce]) => nonce), pbx.qualified.length, probe()]).toEqual([
      ...[['n1', 'n1', 'n1'], 3, 'pending'],
    ]);
    clock.advance(1);
    expect(probe()).toBe('silent');
    expect(log.lines).toEqual([
      { level: 'warn', message: 'phone does not answer', fields: { agent: AGENT } },
    ]);
    clock.advance(ASK_EVERY_MS - SILENT_AFTER_MS);
    expect([told.at(-1), probe()]).toEqual([['s-a', 'n2'], 'silent']);
    room.seen(AGENT, 's-a', 'n1');
    expect(probe()).toBe('silent');
    room.seen(AGENT, 's-a', 'n2');
    expect([probe(), clock.pending()]).toEqual(['proven', 0]);
  });

  it('[RG12] ONLINE chosen: unproven in the same step, before anybody hears of it', async () => {
    const given = await asked();
    given.room.seen(AGENT, 's-a', 'n1');
    given.choose('BREAK');
    expect(given.probe()).toBe('proven');
    const heard: unknown[] = [];
    given.roster.onChange((now) => heard.push([now.folded.intent.status, now.probe]));
    given.choose('ONLINE');
    expect(heard).toEqual([['ONLINE', 'pending']]);
    expect(given.told.at(-1)).toEqual(['s-a', 'n2']);
  });

  it('[RG12] a page that comes back is asked; one of a session without a phone, or that ended, is not', async () => {
    const given = await asked();
    given.room.seen(AGENT, 's-a', 'n1');
    given.page('s-b', true);
    given.page('s-x', true);
    given.page('s-a', false);
    expect([given.probe(), given.told.length]).toEqual(['proven', 1]);
    given.page('s-a', true);
    expect([given.probe(), given.told.at(-1)]).toEqual(['pending', ['s-a', 'n2']]);
  });

  it('[RG12] on demand it resolves when Asterisk took the question, and rejects when it did not', async () => {
    const given = await asked();
    given.room.seen(AGENT, 's-a', 'n1');
    await given.room.demand(AGENT);
    expect([given.probe(), given.told.at(-1)]).toEqual(['pending', ['s-a', 'n2']]);
    given.pbx.onQualify = () => Promise.reject(Object.assign(new Error('away'), { code: 'closed' }));
    await expect(given.room.demand(AGENT)).rejects.toThrow('away');
    expect(given.probe()).toBe('pending');
  });

  it('[RG12] a question that Asterisk does not take stays open; back in sight it is put', async () => {
    const given = bench();
    given.pbx.onQualify = () => Promise.reject(Object.assign(new Error('away'), { code: 'closed' }));
    given.choose('ONLINE');
    given.page('s-a', true);
    given.contact(PAGE);
    await settle();
    given.clock.advance(SILENT_AFTER_MS);
    expect(given.probe()).toBe('pending');
    given.roster.apply(AGENT, { type: 'sight.lost', at: given.clock.now() });
    given.clock.advance(60_000);
    const before = given.pbx.qualified.length;
    given.contact(PAGE);
    expect([given.pbx.qualified.length, given.probe()]).toEqual([before + 1, 'pending']);
    given.room.seen(AGENT, 's-a', given.told.at(-1)![1]);
    expect(given.probe()).toBe('proven');
  });

  it('[RG12] the 3 s begin when Asterisk takes the question, however late that is', async () => {
    const given = bench();
    let take: () => void = () => undefined;
    given.pbx.onQualify = () => new Promise((resolve) => (take = resolve));
    given.choose('ONLINE');
    given.page('s-a', true);
    given.contact(PAGE);
    given.clock.advance(SILENT_AFTER_MS - 1);
    take();
    await settle();
    given.clock.advance(SILENT_AFTER_MS - 1);
    expect(given.probe()).toBe('pending');
    given.clock.advance(1);
    expect(given.probe()).toBe('silent');
  });

  it('[RG12] stopped, it asks nobody and leaves no timer', async () => {
    const given = await asked();
    given.room.stop();
    expect(given.clock.pending()).toBe(0);
    given.choose('BREAK');
    given.choose('ONLINE');
    expect(given.told.length).toBe(1);
  });
});

describe('without a page', () => {
  it('[RG12] a desk phone is proven when Asterisk measures it anew', async () => {
    const given = bench();
    given.trip(DESK_PHONE.uri, 4_000);
    given.choose('ONLINE');
    given.contact(DESK_PHONE);
    await settle();
    given.trip(DESK_PHONE.uri, 4_100);
    expect(given.probe()).toBe('pending');
    given.clock.advance(MEASURED_AFTER_MS);
    await settle();
    expect([given.probe(), given.told]).toEqual(['proven', []]);
  });

  it('[RG12] an old measurement is none: silent after 3 s, proven with the next answer', async () => {
    const given = bench();
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 50) {
        given.clock.advance(50);
        await settle();
      }
    };
    given.trip(DESK_PHONE.uri, 4_000);
    given.choose('ONLINE');
    given.contact(DESK_PHONE);
    await settle();
    await pass(SILENT_AFTER_MS);
    expect(given.probe()).toBe('silent');
    given.trip(DESK_PHONE.uri, 4_200);
    await pass(ASK_EVERY_MS - SILENT_AFTER_MS + MEASURED_AFTER_MS);
    // Measured before the new question: whoever asked then, this one has to be answered itself.
    expect(given.probe()).toBe('silent');
    given.trip(DESK_PHONE.uri, 4_300);
    await pass(500);
    expect(given.probe()).toBe('proven');
  });

  it('[RG12] hundreds at once share one reading of Asterisk’s list', async () => {
    const given = bench();
    let readings = 0;
    const { roundTrips } = given.pbx;
    given.pbx.roundTrips = () => {
      readings += 1;
      return roundTrips();
    };
    given.choose('ONLINE');
    given.contact(DESK_PHONE);
    given.contact(pbxContact(AGENT, { uri: 'sip:4712@10.0.0.8' }));
    await settle();
    expect([readings, given.pbx.qualified.length]).toEqual([1, 2]);
  });
});
