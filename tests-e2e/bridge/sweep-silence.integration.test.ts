// The best way to learn of a registration is gone on a real Asterisk, then the next, until none is left.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import { pass, until } from '../testkit/wait.ts';
import { GRACE_MS, type Fault } from './sweep-centre.ts';
import { openCrew, type Crew } from './sweep-crew.ts';
import { countsOf, seen, stepsSince, sweepNow } from './sweep-watch.ts';

const AGENTS = ['1001', '1002', '1003'] as const;

let crew: Crew;
beforeAll(async () => {
  crew = await openCrew(AGENTS);
}, 60_000);
afterEach(() => {
  crew.wire.clear();
  crew.mend();
});
afterAll(() => crew.end());

const breakAll = (methods: readonly Method[], fault: Exclude<Fault, 'wrong'>): void => {
  for (const method of methods) crew.breakDown(method, method === 'contact-rows' ? 'fails' : fault);
};

describe('contact statuses are gone, events are dropped', () => {
  beforeEach(() => crew.settle());

  /** One after the other: the phone of 1001 goes with the first, is back with the second, and so on. */
  const rungs: readonly (readonly [missing: number, Exclude<Fault, 'wrong'>, by: Method])[] = [
    [1, 'fails', 'ari-endpoints'],
    [1, 'empty', 'ari-endpoints'],
    [1, 'hangs', 'ari-endpoints'],
    [2, 'fails', 'device-states'],
    [3, 'empty', 'queue-status'],
    [4, 'fails', 'agents'],
    [5, 'empty', 'contact-rows'],
    [0, 'fails', 'contact-statuses'],
  ];

  it.each(rungs)('[RG3] each of the best %d %s: the next decides, %s', async (missing, fault, by) => {
    const leaves = crew.phones.has('1001');
    crew.deafen();
    await (leaves ? crew.leave('1001') : crew.comeBack('1001'));
    breakAll(METHODS.slice(0, missing), fault);
    // The pool says who is logged in there: this time 1001 is.
    if (by === 'agents') crew.breakDown('agents', 'wrong', ['1001']);
    const from = crew.boss.frames.length;
    const report = await sweepNow(crew.boss);
    const [was, is] = leaves ? ['registered', 'unregistered'] : ['unregistered', 'registered'];
    expect(report.changes).toEqual([{ extension: '1001', from: was, to: is, by }]);
    expect(report.disagreements).toEqual([]);
    // Unpaused is who proved to be there (RG12), and without a list of contacts nobody knows whom to ask.
    if (leaves) await crew.isOffline('1001');
    else if (by === 'contact-statuses') await crew.isOnline('1001');
    else await seen(crew.boss, '1001', 'ONLINE registered');
    const steps = stepsSince(crew.boss, from);
    expect(steps.at(-1)).toBe(leaves ? '1001 OFFLINE unregistered' : '1001 ONLINE registered');
    expect(steps.every((step) => step.startsWith('1001 '))).toBe(true);
  });
});

describe('no method answers', () => {
  beforeEach(() => crew.gather());

  it.each(['fails', 'hangs'] as const)(
    '[RG4] each %s: nobody changes, nobody is set OFFLINE',
    async (fault) => {
      const from = crew.boss.frames.length;
      crew.deafen();
      await crew.leave('1001');
      breakAll(METHODS, fault);
      const report = await sweepNow(crew.boss);
      const silent = fault === 'fails' ? 'failed' : 'timed-out';
      expect(report.methods.map(({ method, state, unknown }) => [method, state, unknown])).toEqual(
        METHODS.map((method) => [method, method === 'contact-rows' ? 'failed' : silent, 4]),
      );
      expect([report.changes, report.disagreements]).toEqual([[], []]);
      await pass(2 * GRACE_MS);
      await crew.expectNothingHappened(from);
      // It was only that nobody said so.
      crew.mend();
      expect((await sweepNow(crew.boss)).changes).toMatchObject([{ extension: '1001', to: 'unregistered' }]);
      await crew.isOffline('1001');
    },
  );

  it('[RG3] nobody has a contact: the empty lists are no opinion, ARI decides', async () => {
    crew.deafen();
    for (const extension of AGENTS) await crew.leave(extension);
    const report = await sweepNow(crew.boss);
    expect(countsOf(report)).toEqual({
      ...{ 'contact-statuses': '0 0 4 empty', 'ari-endpoints': '0 4 0', 'device-states': '0 4 0' },
      ...{ 'queue-status': '0 3 1', agents: '0 0 4 empty', 'contact-rows': '0 0 4 empty' },
    });
    expect(report.changes).toEqual(
      AGENTS.map((extension) => ({
        ...{ extension, from: 'registered', to: 'unregistered', by: 'ari-endpoints' },
      })),
    );
    for (const extension of AGENTS) await crew.isOffline(extension);
  });
});

describe('contact statuses are gone while the bridge compares everything', () => {
  beforeEach(() => crew.gather());

  it.each(['fails', 'empty'] as const)(
    '[RG3] [RG4] [PS2] %s: nobody changes, and after a reconnect the next method decides',
    async (fault) => {
      const from = crew.boss.frames.length;
      crew.breakDown('contact-statuses', fault);
      const asked = crew.ami.asked('CoreShowChannels');
      await crew.bench.centre.asterisk.cli('module reload res_pjsip.so');
      await until('everything is compared', () => crew.ami.asked('CoreShowChannels') > asked);
      expect((await sweepNow(crew.boss)).changes).toEqual([]);
      await pass(2 * GRACE_MS);
      await crew.expectNothingHappened(from);

      crew.wire.cut();
      await seen(crew.boss, '1001', 'ONLINE as-of unknown');
      await crew.leave('1001');
      crew.wire.clear();
      await crew.isOffline('1001');
      await crew.isOnline('1002');
      expect(stepsSince(crew.boss, from).filter((step) => step.startsWith('1002'))).toEqual([
        '1002 ONLINE as-of unknown',
        '1002 ONLINE registered',
      ]);
    },
  );
});
