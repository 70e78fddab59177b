import { describe, expect, it } from 'vitest';
import { ProbeAnswer } from './probe.ts';
import { createFakeClock } from './testing.ts';

function setUp() {
  const clock = createFakeClock();
  const answered: string[] = [];
  const line = { registered: true };
  const probe = new ProbeAnswer({
    clock,
    isRegistered: () => line.registered,
    answer: (nonce) => answered.push(nonce),
  });
  return { clock, probe, answered, line };
}

describe('the page’s half of the probe', () => {
  it('[RG12] a question after the nonce is told, once', () => {
    const { probe, answered } = setUp();
    probe.handleProbe('a');
    expect(answered).toEqual([]);
    probe.handleAsked();
    probe.handleAsked();
    expect(answered).toEqual(['a']);
  });

  it.each([
    [250, ['a']],
    [251, []],
  ])('[RG12] a question %i ms before its nonce: told %j', async (ms, told) => {
    const { clock, probe, answered } = setUp();
    probe.handleAsked();
    await clock.advance(ms);
    probe.handleProbe('a');
    expect(answered).toEqual(told);
  });

  it('[RG12] somebody who sets the clock does not make an old question new', async () => {
    const { clock, probe, answered } = setUp();
    probe.handleAsked();
    await clock.advance(5_000);
    clock.step(-5_000);
    probe.handleProbe('a');
    expect(answered).toEqual([]);
  });

  it('[RG12] asked again after silence, the newest nonce is told', () => {
    const { probe, answered } = setUp();
    probe.handleProbe('a');
    probe.handleProbe('b');
    probe.handleAsked();
    expect(answered).toEqual(['b']);
  });

  it('[RG12] a tab without a registration does not answer, whatever it hears', () => {
    const { probe, answered, line } = setUp();
    line.registered = false;
    probe.handleProbe('a');
    probe.handleAsked();
    line.registered = true;
    probe.handleProbe('b');
    expect(answered).toEqual([]);
  });

  it('[RG12] what was heard before the connection was lost proves nothing after it', () => {
    const { probe, answered } = setUp();
    probe.handleProbe('a');
    probe.reset();
    probe.handleAsked();
    probe.reset();
    probe.handleProbe('b');
    expect(answered).toEqual([]);
  });
});
