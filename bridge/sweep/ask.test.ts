import { describe, expect, it } from 'vitest';
import { T0 } from '../../domain/testing/build.ts';
import { METHODS } from '../../domain/registration/evidence.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { settle } from '../testing/settle.ts';
import { askAll, type Answers } from './ask.ts';
import { createFakeSources, faults } from './fake-sources.ts';

function bench() {
  const clock = createFakeClock(T0);
  const sources = createFakeSources({ 1001: true, 1002: false });
  const abort = new AbortController();
  const ask = () =>
    askAll({
      ...{ sources, clock, deadlineMs: 5_000, signal: abort.signal },
      extensionOf: (device) => device.replace(/^PJSIP\//, ''),
    });
  return { clock, sources, abort, ask };
}

const shown = ({ all }: Answers) =>
  all.map(({ method, state, tookMs, problem }) => ({ method, state, tookMs, problem }));
const well = METHODS.map((method) => ({ ...{ method, state: 'answered', tookMs: 0, problem: null } }));
const wellBut = (method: string, given: object) =>
  well.map((one) => (one.method === method ? { ...one, ...given } : one));

describe('asking', () => {
  it('[RG2] all six at once, answered in the order of their reliability', async () => {
    const { ask, sources, clock } = bench();
    const asked = ask();
    expect([...sources.asked.values()]).toEqual([1, 1, 1, 1, 1, 1]);
    const answers = await asked;
    expect([shown(answers), answers.at, clock.pending()]).toEqual([well, T0, 0]);
    expect(answers.contacts?.map(({ extension }) => extension)).toEqual(['9999', '1001']);
  });

  it.each(METHODS)('[RG2] %s hangs: it alone is late, and what it says later is dropped', async (method) => {
    const { ask, sources, clock } = bench();
    let answerLate = (_items: readonly unknown[]): void => undefined;
    sources.breakDown(method, () => new Promise((resolve) => (answerLate = resolve)));
    const asked = ask();
    await settle();
    expect(clock.pending()).toBe(1);
    clock.advance(5_000);
    const answers = await asked;
    answerLate([{ extension: '1002', state: 'reachable' }]);
    await settle();
    expect(shown(answers)).toEqual(
      wellBut(method, { state: 'timed-out', tookMs: 5_000, problem: 'timeout' }),
    );
    expect(answers.contacts === null).toBe(method === 'contact-statuses');
    expect(answers.all.find((one) => one.method === method)?.opinions).toEqual({
      ...{ method, listed: new Map(), others: null },
    });
  });

  it.each(
    METHODS.flatMap((method) => [
      { method, fault: 'fails', state: 'failed', problem: 'refused' } as const,
      { method, fault: 'throws', state: 'failed', problem: 'error' } as const,
      { method, fault: 'unsupported', state: 'unsupported', problem: 'unsupported' } as const,
      { method, fault: 'empty', state: 'empty', problem: null } as const,
    ]),
  )('[RG3] $method $fault: no opinion, and no words of the error', async ({ method, fault, ...expected }) => {
    const { ask, sources, clock } = bench();
    sources.breakDown(method, faults[fault]);
    const answers = await ask();
    expect([shown(answers), clock.pending()]).toEqual([wellBut(method, expected), 0]);
    expect(answers.all.find((one) => one.method === method)?.opinions).toEqual({
      ...{ method, listed: new Map(), others: null },
    });
    expect(answers.contacts === null).toBe(method === 'contact-statuses');
  });

  it('[RG3] an answer that cannot be read is a failure', async () => {
    const { ask, sources } = bench();
    sources.breakDown('contact-rows', () => Promise.resolve([null]));
    expect(shown(await ask())).toEqual(wellBut('contact-rows', { state: 'failed', problem: 'error' }));
  });

  it('[RG2] given up: at once, and no timer is left', async () => {
    const { ask, sources, clock, abort } = bench();
    for (const method of METHODS) sources.breakDown(method, faults.hangs);
    const asked = ask();
    abort.abort();
    const answers = await asked;
    expect([new Set(answers.all.map(({ problem }) => problem)), clock.pending()]).toEqual([
      ...[new Set(['stopped']), 0],
    ]);
  });
});
