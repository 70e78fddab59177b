import { describe, expect, it } from 'vitest';
import { LOST, type Answer } from './requests.ts';
import { SweepRun } from './sweep-run.ts';
import { createFakeClock } from './testing.ts';

const DONE: Answer = { ok: true, ack: { type: 'ack', id: 'r', rev: 1 } };

function setUp() {
  const clock = createFakeClock();
  const states: unknown[] = [];
  let settle: (answer: Answer) => void = () => undefined;
  let asked = 0;
  const run = new SweepRun({
    clock,
    request() {
      asked += 1;
      return new Promise((resolve) => (settle = resolve));
    },
    onState: (running, outcome) => states.push(running ? 'running' : outcome),
  });
  const answer = async (given: Answer): Promise<void> => {
    settle(given);
    await clock.advance(0);
  };
  return { clock, run, states, answer, asked: () => asked };
}

describe('a sweep on demand', () => {
  it('[RG2] is done when it is answered and its report is there, whichever comes first', async () => {
    for (const reportFirst of [true, false]) {
      const { run, states, answer } = setUp();
      void run.run();
      if (reportFirst) run.handleSwept();
      else await answer(DONE);
      expect(states).toEqual(['running']);
      if (reportFirst) await answer(DONE);
      else run.handleSwept();
      expect(states).toEqual(['running', 'done']);
    }
  });

  it('[RG2] does not wait for a report for ever', async () => {
    const { clock, run, states, answer } = setUp();
    void run.run();
    await answer(DONE);
    await clock.advance(3_000);
    expect(states).toEqual(['running', 'done']);
    run.handleSwept();
    expect(states).toEqual(['running', 'done']);
  });

  it.each<[Answer, string]>([
    [{ ok: false, code: 'asterisk-unavailable', lastSequence: null, sequence: null }, 'asterisk-unavailable'],
    [LOST, 'connection-lost'],
  ])('[RG2] refused, it says why', async (refusal, code) => {
    const { run, states, answer } = setUp();
    void run.run();
    await answer(refusal);
    expect(states).toEqual(['running', code]);
  });

  it('[RG2] one at a time, and again after it', async () => {
    const { run, answer, asked } = setUp();
    void run.run();
    void run.run();
    expect(asked()).toBe(1);
    run.handleSwept();
    await answer(DONE);
    void run.run();
    expect(asked()).toBe(2);
  });

  it('[RG2] what is answered after the desk was left is nobody’s', async () => {
    const { run, states, answer } = setUp();
    void run.run();
    run.clear();
    await answer(DONE);
    expect(states).toEqual(['running', null]);
  });
});
