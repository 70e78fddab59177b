import { describe, expect, it } from 'vitest';
import { T0 } from '../../domain/testing/build.ts';
import { settle } from '../testing/settle.ts';
import { faults } from './fake-sources.ts';
import { SWEEP_EVERY_MS } from './sweep.ts';
import { sweepBench, sweepNow } from './sweep-bench.ts';

/** ms from T0 to the next multiple of five minutes. */
const TO_NEXT = SWEEP_EVERY_MS - (T0 % SWEEP_EVERY_MS);

describe('the sweep', () => {
  it('[RG2] when Asterisk comes into sight, every five minutes, and on demand', async () => {
    const { sweep, place, pass, reports, clock } = sweepBench({ 1001: true });
    place.ready = false;
    sweep.start();
    sweep.start();
    await settle();
    place.ready = true;
    sweep.handleReady();
    sweep.handleReady();
    await settle();
    await pass(TO_NEXT);
    await pass(SWEEP_EVERY_MS);
    await sweep.run();
    const next = T0 + TO_NEXT;
    expect(reports.map(({ cause, at }) => [cause, at])).toEqual([
      ...[
        ['start', T0],
        ['cron', next],
        ['cron', next + SWEEP_EVERY_MS],
        ['demand', next + SWEEP_EVERY_MS],
      ],
    ]);
    expect([sweep.last, sweep.totals]).toEqual([reports.at(-1), { sweeps: 4, disagreements: 0 }]);
    sweep.stop();
    expect(clock.pending()).toBe(0);
  });

  it('[RG2] started with Asterisk in sight: at once', async () => {
    const { sweep, reports } = sweepBench({ 1001: true });
    sweep.start();
    await settle();
    expect(reports.map(({ cause }) => cause)).toEqual(['start']);
    sweep.stop();
  });

  it('[RG2] two asked for at once share one run', async () => {
    const bench = sweepBench({ 1001: true });
    const [one, other] = [bench.sweep.run(), bench.sweep.run()];
    expect([(await one) === (await other), bench.sources.asked.get('agents'), bench.reports.length]).toEqual([
      ...[true, 1, 1],
    ]);
    await bench.sweep.run();
    expect(bench.sources.asked.get('agents')).toBe(2);
  });

  it('[RG5] reports duration and changes, and logs one line', async () => {
    const { sweep, sources, pass, log } = sweepBench({ 1001: true, 1002: false });
    sources.breakDown('agents', faults.unsupported);
    sources.breakDown('device-states', faults.hangs);
    const swept = sweep.run();
    await pass(5_000);
    const { at, cause, tookMs, changes } = await swept;
    expect({ at, cause, tookMs, changes }).toEqual({
      ...{ at: T0, cause: 'demand', tookMs: 5_000 },
      changes: [
        { extension: '1001', from: 'unknown', to: 'registered', by: 'contact-statuses' },
        { extension: '1002', from: 'unknown', to: 'unregistered', by: 'contact-statuses' },
      ],
    });
    expect(log.lines).toEqual([
      {
        ...{ level: 'info', message: 'registrations swept' },
        fields: {
          ...{ cause: 'demand', tookMs: 5_000, changes: 2, disagreements: 0 },
          silent: [{ method: 'device-states', problem: 'timeout' }],
        },
      },
    ]);
  });

  it('[RG5] what disagrees for 2 s is logged and counted once, listed while it lasts', async () => {
    const bench = sweepBench({ 1001: true });
    const { sources, log, sweep } = bench;
    sources.breakDown('contact-rows', faults.wrong);
    const first = await sweepNow(bench);
    expect(sources.asked.get('contact-rows')).toBe(2);
    const second = await sweepNow(bench);
    const listed = {
      ...{ extension: '1001', since: T0, verdict: 'registered', by: 'contact-statuses' },
      opinions: [{ method: 'contact-rows', verdict: 'unregistered' }],
    };
    expect([first.disagreements, second.disagreements, sweep.totals]).toEqual([
      ...[[listed], [listed], { sweeps: 2, disagreements: 1 }],
    ]);
    // Known already: nothing has to be looked at twice.
    expect(sources.asked.get('contact-rows')).toBe(3);
    sources.mend('contact-rows');
    const third = await sweepNow(bench);
    sources.breakDown('contact-rows', faults.wrong);
    await sweepNow(bench);
    expect([third.disagreements, sweep.totals]).toEqual([[], { sweeps: 4, disagreements: 2 }]);
    const { extension, ...told } = listed;
    const warning = { level: 'warn', message: 'methods disagree about a registration' };
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      { ...warning, fields: { agent: extension, ...told } },
      { ...warning, fields: { agent: extension, ...told, since: T0 + 3 * 20_000 } },
    ]);
  });

  it('[RG4] [RG5] a sweep out of sight ends no disagreement', async () => {
    const bench = sweepBench({ 1001: true });
    bench.sources.breakDown('contact-rows', faults.wrong);
    const first = await sweepNow(bench);
    bench.place.ready = false;
    const blind = await sweepNow(bench);
    bench.place.ready = true;
    const last = await sweepNow(bench);
    expect([blind.disagreements, last.disagreements, bench.sweep.totals.disagreements]).toEqual([
      ...[first.disagreements, first.disagreements, 1],
    ]);
  });

  it('[RG5] what was on its way from one method to the next is no disagreement', async () => {
    const bench = sweepBench({ 1001: true });
    bench.sources.breakDown('contact-rows', faults.wrong);
    const swept = bench.sweep.run();
    await settle();
    bench.sources.mend('contact-rows');
    await bench.pass(5_000);
    expect([(await swept).disagreements, bench.sweep.totals, bench.log.said('warn')]).toEqual([
      ...[[], { sweeps: 1, disagreements: 0 }, []],
    ]);
  });

  it('[RG3] [RG5] the second look is evidence too', async () => {
    const bench = sweepBench({ 1001: true });
    bench.sources.breakDown('contact-rows', faults.wrong);
    const swept = bench.sweep.run();
    await settle();
    bench.sources.mend('contact-rows');
    bench.sources.truth.set('1001', false);
    await bench.pass(5_000);
    expect([(await swept).changes.map(({ to }) => to), bench.states()]).toEqual([
      ...[['registered', 'unregistered'], { 1001: 'unregistered' }],
    ]);
  });

  it('[RG4] Asterisk restarted while it was asked: the answers are dropped, and it is asked again', async () => {
    const { sweep, place, sources, pass, reports, states } = sweepBench({ 1001: true });
    sweep.start();
    await settle();
    sources.truth.set('1001', false);
    sources.breakDown('queue-status', faults.hangs);
    void sweep.run();
    await settle();
    place.ready = false;
    sweep.handleReady();
    place.ready = true;
    sweep.handleReady();
    sources.mend('queue-status');
    await pass(5_000);
    await settle();
    expect(reports.map(({ cause, changes }) => [cause, changes.map(({ to }) => to)])).toEqual([
      ['start', ['registered']],
      ['demand', []],
      ['start', ['unregistered']],
    ]);
    expect(states()).toEqual({ 1001: 'unregistered' });
    sweep.stop();
  });

  it('[RG4] Asterisk lost between the two looks: the first one stands, nothing is asked of nobody', async () => {
    const { sweep, place, sources, clock } = sweepBench({ 1001: true });
    sweep.start();
    sources.breakDown('contact-rows', faults.wrong);
    await settle();
    place.ready = false;
    sweep.handleReady();
    await settle();
    expect([sweep.last?.disagreements, sweep.last?.changes.length, sources.asked.get('agents')]).toEqual([
      ...[[], 1, 1],
    ]);
    sweep.stop();
    expect(clock.pending()).toBe(0);
  });

  it('[RG2] stopped in the middle: over at once, no timer is left', async () => {
    const { sweep, sources, clock, reports } = sweepBench({ 1001: true });
    sources.breakDown('agents', faults.hangs);
    sweep.start();
    await settle();
    sweep.stop();
    await settle();
    expect([reports.length, clock.pending()]).toEqual([1, 0]);
  });

  it('[RG5] a listener that throws harms neither the others nor the sweep', async () => {
    const { sweep, reports, log } = sweepBench({ 1001: true });
    const end = sweep.onReport(() => {
      throw new Error('broken');
    });
    const late: unknown[] = [];
    sweep.onReport((report) => late.push(report));
    await sweep.run();
    end();
    await sweep.run();
    expect([reports, late.length, log.said('error')]).toEqual([late, 2, ['sweep report not told']]);
  });
});
