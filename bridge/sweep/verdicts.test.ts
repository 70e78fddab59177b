// RG3-RG5 through the whole room: each method broken in every way, alone and with the others.
import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import { T0 } from '../../domain/testing/build.ts';
import { faults } from './fake-sources.ts';
import { sweepBench, sweepNow, type SweepBench } from './sweep-bench.ts';

const TRUTH = { 1001: true, 1002: false, 1003: true };
const AS_IT_IS = { 1001: 'registered', 1002: 'unregistered', 1003: 'registered' };
const NOTHING_KNOWN = { 1001: 'unknown', 1002: 'unknown', 1003: 'unknown' };
const UPSIDE_DOWN = { 1001: 'unregistered', 1002: 'registered', 1003: 'unregistered' };

/** Everybody as it is, for some time. */
function known(bench: SweepBench): SweepBench {
  for (const [extension, is] of Object.entries(TRUTH))
    bench.tell(extension, is ? 'registered' : 'unregistered', T0 - 60_000);
  return bench;
}

const others = (method: Method): readonly Method[] => METHODS.filter((one) => one !== method);
const inOneWay = METHODS.flatMap((method) =>
  (['fails', 'throws', 'unsupported', 'hangs', 'empty'] as const).map((fault) => ({ method, fault })),
);

describe('verdicts', () => {
  it.each(inOneWay)('[RG3] $method $fault: everybody is known by the others', async ({ method, fault }) => {
    const bench = sweepBench(TRUTH);
    bench.sources.breakDown(method, faults[fault]);
    const report = await sweepNow(bench);
    expect([bench.states(), report.disagreements]).toEqual([AS_IT_IS, []]);
    expect(report.changes.map(({ from, by }) => [from, by])).toEqual(
      Object.keys(TRUTH).map(() => ['unknown', others(method)[0]]),
    );
  });

  it.each(METHODS.slice(1))('[RG3] [RG5] %s is wrong: outvoted and listed', async (method) => {
    const bench = known(sweepBench(TRUTH));
    bench.sources.breakDown(method, faults.wrong);
    const report = await sweepNow(bench);
    // The pool can only say registered: of the three it is wrong about one.
    const wrongAbout = Object.entries(TRUTH).filter(([, is]) => method !== 'agents' || !is);
    expect([bench.states(), report.changes]).toEqual([AS_IT_IS, []]);
    expect(report.disagreements).toEqual(
      wrongAbout.map(([extension, is]) => ({
        ...{ extension, since: T0, by: 'contact-statuses' },
        verdict: is ? 'registered' : 'unregistered',
        opinions: [{ method, verdict: is ? 'unregistered' : 'registered' }],
      })),
    );
  });

  it('[RG3] [RG5] contact statuses are wrong: they decide, and all who differ are listed', async () => {
    const bench = known(sweepBench(TRUTH));
    bench.sources.breakDown('contact-statuses', faults.wrong);
    const report = await sweepNow(bench);
    expect(bench.states()).toEqual(UPSIDE_DOWN);
    expect(
      report.disagreements.map(({ extension, by, opinions }) => [extension, by, opinions.length]),
    ).toEqual([
      ['1001', 'contact-statuses', 5],
      // Agents has no opinion of who is not there.
      ['1002', 'contact-statuses', 4],
      ['1003', 'contact-statuses', 5],
    ]);
  });

  it.each(METHODS)('[RG3] all fail but %s: it decides', async (method) => {
    const bench = sweepBench(TRUTH);
    for (const other of others(method)) bench.sources.breakDown(other, faults.fails);
    const report = await sweepNow(bench);
    const seen = method === 'agents' ? { ...AS_IT_IS, 1002: 'unknown' } : AS_IT_IS;
    expect([bench.states(), new Set(report.changes.map(({ by }) => by))]).toEqual([seen, new Set([method])]);
  });

  it.each(['fails', 'throws', 'unsupported', 'hangs', 'empty'] as const)(
    '[RG4] every method %s: nobody is set OFFLINE, nobody else is changed either',
    async (fault) => {
      const bench = known(sweepBench(TRUTH));
      const before = [...bench.roster.all()];
      for (const method of METHODS) bench.sources.breakDown(method, faults[fault]);
      const report = await sweepNow(bench);
      expect([...bench.roster.all()]).toEqual(before);
      expect([report.changes, report.disagreements]).toEqual([[], []]);
    },
  );

  it('[RG4] agents pool alone: it sets nobody OFFLINE, wrong or right', async () => {
    const bench = known(sweepBench(TRUTH));
    for (const method of others('agents')) bench.sources.breakDown(method, faults.fails);
    bench.sources.breakDown('agents', (truthfully) =>
      Promise.resolve(truthfully(new Map([['1002', false]]))),
    );
    await sweepNow(bench);
    expect(bench.states()).toEqual(AS_IT_IS);
  });

  it('[RG3] every method counts what it thinks, also where it does not decide', async () => {
    const bench = sweepBench(TRUTH);
    bench.sources.breakDown('queue-status', faults.empty);
    const { methods } = await sweepNow(bench);
    const counted = {
      state: 'answered',
      tookMs: 0,
      registered: 2,
      unregistered: 1,
      unknown: 0,
      problem: null,
    };
    const nothing = { ...counted, state: 'empty', registered: 0, unregistered: 0, unknown: 3 };
    expect(methods).toEqual([
      { method: 'contact-statuses', ...counted },
      { method: 'ari-endpoints', ...counted },
      { method: 'device-states', ...counted },
      { method: 'queue-status', ...nothing },
      { method: 'agents', ...counted, unregistered: 0, unknown: 1 },
      { method: 'contact-rows', ...counted },
    ]);
  });

  it('[RG4] out of sight: what is left behind, such as rows, changes nobody', async () => {
    const bench = sweepBench(TRUTH);
    bench.place.ready = false;
    for (const method of others('contact-rows')) bench.sources.breakDown(method, faults.fails);
    const report = await sweepNow(bench);
    expect([bench.states(), report.changes, report.disagreements]).toEqual([NOTHING_KNOWN, [], []]);
    expect(report.methods.at(-1)).toEqual({
      ...{ method: 'contact-rows', state: 'answered', tookMs: 0 },
      ...{ registered: 2, unregistered: 1, unknown: 0, problem: null },
    });
  });
});
