// People in a centre behind proxies, for the tests of sweeps: their supervisor's page, their phones, how they come and go.
import { expect } from 'vitest';
import { SWEEP_EVERY_MS } from '../../bridge/sweep/sweep.ts';
import type { DeskClient } from '../testkit/desk-client.ts';
import type { SipRegistrant } from '../testkit/sip-registrant.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { isPhoneEvent, openSweptCentre, type SweptCentre } from './sweep-centre.ts';
import { truthOf, type Truth } from './sweep-truth.ts';
import { everybody, reportsSince, seen, stepsSince, sweepNow } from './sweep-watch.ts';

/** The pause of an agent who cannot be reached. */
export const UNREACHABLE = 'Auto: SIP not registered';
/** ms; the bridge compares everything by itself once a minute. */
const COMPARED_AFTER_MS = 25_000;
/** ms; longer than any test that is to have all sweeps to itself. */
const ALONE_MS = 9_000;

export interface Crew extends SweptCentre {
  readonly truth: Truth;
  readonly boss: DeskClient;
  readonly desks: ReadonlyMap<string, DeskClient>;
  /** Of those who have one now. */
  readonly phones: ReadonlyMap<string, SipRegistrant>;
  /** No event tells of a phone any more, on either transport. */
  deafen(): void;
  /** The phone's network is gone, and Asterisk knows. */
  leave(extension: string): Promise<void>;
  comeBack(extension: string): Promise<void>;
  /** Seen so by the supervisor, and paused or not in Asterisk. */
  isOffline(extension: string): Promise<void>;
  isOnline(extension: string): Promise<void>;
  /** What the bridge does by itself is over, and far off again. To be called when all is mended. */
  settle(): Promise<void>;
  /** Settled, and whoever a test left without a phone has one again. */
  gather(): Promise<void>;
  /** Nobody was seen otherwise than at frame `from`, and Asterisk holds the pauses it held then. */
  expectNothingHappened(from: number): Promise<void>;
}

/** `agents` are ONLINE with a phone, `without` signed in without one. */
export async function openCrew(agents: readonly string[], without: readonly string[] = []): Promise<Crew> {
  const place = await openSweptCentre([...agents, ...without]);
  const { bench } = place;
  let comparedAt = deviceTime();
  const truth = truthOf(bench.centre);
  const boss = await bench.desk('1100');
  const desks = new Map<string, DeskClient>();
  const phones = new Map<string, SipRegistrant>();
  for (const extension of [...agents, ...without]) desks.set(extension, await bench.desk(extension));

  const isPaused = (extension: string, reason: string) =>
    until(`${extension} ${reason === '' ? 'unpaused' : `paused with "${reason}"`}`, async () => {
      const pauses = await truth.pauses();
      return pauses[extension] === reason;
    });

  const crew: Crew = {
    ...place,
    ...{ truth, boss, desks, phones },
    deafen() {
      place.ami.drop(isPhoneEvent);
      place.ari.drop(isPhoneEvent);
    },
    async leave(extension) {
      phones.get(extension)?.destroySocket();
      phones.delete(extension);
      await truth.is(extension, 'unregistered');
    },
    async comeBack(extension) {
      const desk = desks.get(extension);
      if (desk) phones.set(extension, await bench.phone(desk.grant));
      await truth.is(extension, 'registered');
    },
    async isOffline(extension) {
      await seen(boss, extension, 'OFFLINE unregistered');
      await isPaused(extension, UNREACHABLE);
    },
    async isOnline(extension) {
      await seen(boss, extension, 'ONLINE registered');
      await isPaused(extension, '');
    },
    async settle() {
      await cronPassed();
      if (deviceTime() - comparedAt > COMPARED_AFTER_MS) await compareNow();
    },
    async gather() {
      await crew.settle();
      for (const extension of agents.filter((one) => !phones.has(one))) await crew.comeBack(extension);
      for (const extension of agents) await crew.isOnline(extension);
    },
    async expectNothingHappened(from) {
      expect(stepsSince(boss, from)).toEqual([]);
      const wanted = (extension: string): string =>
        everybody(boss)[extension]?.startsWith('ONLINE') === true ? '' : UNREACHABLE;
      expect(await truth.pauses()).toEqual(
        Object.fromEntries([...agents, ...without].map((one) => [one, wanted(one)])),
      );
    },
  };

  /** A sweep of the bridge's own would find what a test's is to find. */
  async function cronPassed(): Promise<void> {
    const left = SWEEP_EVERY_MS - (deviceTime() % SWEEP_EVERY_MS);
    if (left > ALONE_MS) return;
    const from = boss.frames.length;
    const hasSwept = (): boolean => reportsSince(boss, from).some(({ sweep }) => sweep?.cause === 'cron');
    await until('the sweep of every five minutes is over', hasSwept, left + 10_000);
  }

  /** That comparison asks some of the questions that are broken here: it is over before, and far off again. */
  async function compareNow(): Promise<void> {
    const asked = place.ami.asked('CoreShowChannels');
    comparedAt = deviceTime();
    await bench.centre.asterisk.cli('module reload res_pjsip.so');
    await until('everything is compared anew', () => place.ami.asked('CoreShowChannels') > asked);
    // Asterisk answers in order: whatever was asked before the sweep is answered.
    await sweepNow(boss);
  }

  await crew.gather();
  for (const extension of without) await crew.isOffline(extension);
  return crew;
}
