// PS4: somebody else changes pauses in Asterisk, at a calm moment and while we are at it ourselves.
import { describe, expect, it } from 'vitest';
import { command, GO, LUNCH, MEETING, reconcilerBench } from '../testing/reconciler-bench.ts';
import { settle } from '../testing/settle.ts';
import { JUDGED_AFTER_MS } from './foreign-changes.ts';
import { MOST_REPAIRS, REPAIRS_WITHIN_MS } from './repairs.ts';

/** In step, at work, and nothing on its way. */
function bench(queues: readonly string[] = ['support', 'sales']) {
  const kit = reconcilerBench(queues);
  kit.want(GO);
  for (const queue of queues) kit.report(false, '', queue);
  kit.sent.splice(0);
  kit.state.mayAdopt = true;
  return {
    ...kit,
    async judgement() {
      kit.clock.advance(JUDGED_AFTER_MS);
      await settle();
      return kit.judged.at(-1);
    },
  };
}

const foreign = (given: object) => ({ type: 'foreign', choice: null, holds: [], lifts: [], ...given });

describe('a change from Asterisk’s side', () => {
  it('[PS4] is judged 100 ms after the last report, together, and not repaired before', async () => {
    const { report, sent, judged, judgement, clock } = bench();
    report(true, 'lunch', 'support');
    clock.advance(JUDGED_AFTER_MS - 1);
    report(true, 'lunch', 'sales');
    clock.advance(JUDGED_AFTER_MS - 1);
    await settle();
    expect([judged, sent]).toEqual([[], []]);
    expect(await judgement()).toEqual(foreign({ choice: { status: 'PAUSE', reason: 'lunch' } }));
  });

  it('[PS4] once it is taken over nothing is sent', async () => {
    const { report, sent, judgement, state, want } = bench(['support']);
    state.record = () => want(LUNCH);
    report(true, 'lunch');
    await judgement();
    expect(sent).toEqual([]);
  });

  it('[PS4] that is nothing to take over is repaired after it was judged, and reported', async () => {
    const { report, sent, judgement, want, drifts } = bench();
    want(LUNCH);
    for (const queue of ['support', 'sales']) report(true, 'lunch', queue);
    sent.splice(0);
    report(false, '', 'sales');
    expect(await judgement()).toEqual(foreign({}));
    expect([sent, drifts]).toEqual([
      [command(true, 'lunch', 'sales')],
      [{ queue: 'sales', contested: false }],
    ]);
  });

  it('[PS4] of somebody who is not signed in, or cannot be reached, is repaired at once', async () => {
    const { report, sent, judgement, state, drifts } = bench(['support']);
    state.mayAdopt = false;
    report(true, 'lunch');
    expect(sent).toEqual([command(false, '')]);
    expect([await judgement(), drifts.length]).toEqual([undefined, 1]);
  });

  it('[PS4] while a command of ours is in flight is no choice: our wish stands', async () => {
    const { report, sent, judgement, want } = bench(['support']);
    want(LUNCH);
    // Ours was taken, and somebody unpaused right after: both reports come now.
    report(true, 'lunch');
    report(false, '');
    expect(await judgement()).toEqual(foreign({ choice: { status: 'ONLINE', reason: null } }));
    sent.splice(0);
    want(MEETING);
    report(false, '');
    expect(sent).toEqual([command(true, 'MEETING')]);
    report(true, 'MEETING');
    expect(await judgement()).toEqual(foreign({ choice: { status: 'ONLINE', reason: null } }));
  });

  it('[PS4] of one queue while a command for another is in flight is repaired', async () => {
    const { report, sent, judgement, want, judged } = bench();
    want(LUNCH);
    report(true, 'lunch', 'support');
    report(false, '', 'support');
    expect(sent).toEqual([command(true, 'lunch'), command(true, 'lunch', 'sales'), command(true, 'lunch')]);
    await judgement();
    expect(judged).toEqual([]);
  });

  it('[PS4] our own reports are ours however late they come', async () => {
    const { report, sent, judgement, want, clock, judged } = bench(['support']);
    want(LUNCH);
    clock.advance(1_500);
    want(MEETING);
    clock.advance(5_000);
    const ours = sent.map(({ paused, reason }) => [paused, reason] as const);
    expect(ours.length).toBeGreaterThan(4);
    for (const [paused, reason] of ours) report(paused, reason);
    await judgement();
    expect([judged, sent.length]).toEqual([[], ours.length]);
    // And what comes after them is somebody else's.
    report(true, 'lunch');
    expect(await judgement()).toEqual(foreign({ choice: { status: 'PAUSE', reason: 'lunch' } }));
  });

  it('[PS4] a refused command of ours is not expected to be reported', async () => {
    const { report, judgement, want, state } = bench(['support']);
    state.answer = () => Promise.reject(Object.assign(new Error('no'), { code: 'refused' }));
    want(LUNCH);
    await settle();
    state.answer = () => Promise.resolve();
    want(GO);
    report(true, 'lunch');
    expect(await judgement()).toEqual(foreign({ choice: { status: 'PAUSE', reason: 'lunch' } }));
  });

  it('[PS4] a new wish makes what was gathered history', async () => {
    const { report, sent, judgement, want, judged } = bench(['support']);
    report(true, 'x');
    want(MEETING);
    expect(sent).toEqual([command(true, 'MEETING')]);
    report(true, 'MEETING');
    await judgement();
    expect(judged).toEqual([]);
  });

  it('[PS4] after a reconnect nothing is taken over before the first snapshot was put right: it is drift', async () => {
    const { report, sent, judgement, reconciler, observed, drifts, judged, clock } = bench(['support']);
    reconciler.rest();
    report(true, 'x');
    expect(sent).toEqual([command(false, '')]);
    reconciler.unsettle();
    report(true, 'y');
    await judgement();
    expect(judged).toEqual([]);
    observed.set('support', { paused: true, reason: 'z', at: clock.now() });
    reconciler.handleSnapshot();
    report(true, 'still not right');
    await judgement();
    expect([judged, drifts.every(({ contested }) => !contested)]).toEqual([[], true]);
    report(false, '');
    report(true, 'lunch');
    expect(await judgement()).toEqual(foreign({ choice: { status: 'PAUSE', reason: 'lunch' } }));
  });

  it('[PS4] a store that is away leaves it untaken, so it is repaired', async () => {
    const { report, sent, judgement, state, log } = bench(['support']);
    state.record = () => {
      throw Object.assign(new Error('disk full'), { code: 'store-unavailable' });
    };
    report(true, 'lunch');
    await judgement();
    expect(sent).toEqual([command(false, '')]);
    expect(log.said('warn')).toContain('a change made in Asterisk could not be stored');
  });
});

describe('a member that somebody else keeps changing', () => {
  /** Another program unpauses, we pause again, and so on. */
  function fight(kit: ReturnType<typeof bench>, rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      kit.report(false, '');
      if (kit.sent.length > 0) kit.report(true, 'lunch');
      kit.sent.splice(0);
    }
  }
  function onBreak() {
    const kit = bench(['support']);
    kit.state.mayAdopt = false;
    kit.want(LUNCH);
    kit.report(true, 'lunch');
    kit.sent.splice(0);
    return kit;
  }
  const isContested = ({ members }: ReturnType<typeof bench>) => members()[0]?.contestedSince !== null;

  it('[PS2] after more than 5 repairs in a minute is contested, left alone, and a supervisor told', () => {
    const kit = onBreak();
    fight(kit, MOST_REPAIRS);
    expect([isContested(kit), kit.drifts.length]).toEqual([false, MOST_REPAIRS]);
    kit.report(false, '');
    expect([isContested(kit), kit.sent, kit.drifts.at(-1)]).toEqual([
      true,
      [],
      { queue: 'support', contested: true },
    ]);
    kit.clock.advance(10 * REPAIRS_WITHIN_MS);
    kit.reconciler.kick();
    expect([kit.sent, kit.drifts.length]).toEqual([[], MOST_REPAIRS + 1]);
  });

  it('[PS2] spread over more than a minute it is repaired each time', () => {
    const kit = onBreak();
    for (let time = 0; time < 20; time += 1) {
      fight(kit, 1);
      kit.clock.advance(REPAIRS_WITHIN_MS / MOST_REPAIRS);
    }
    expect([isContested(kit), kit.drifts.length]).toEqual([false, 20]);
  });

  it.each<[string, (kit: ReturnType<typeof bench>) => void]>([
    ['a new choice', (kit) => kit.want(MEETING)],
    [
      'the same choice made again',
      (kit) => {
        kit.state.wishes += 1;
        kit.reconciler.kick();
      },
    ],
    [
      'a reconnect',
      (kit) => {
        kit.reconciler.rest();
        kit.reconciler.handleSnapshot();
      },
    ],
  ])('[PS2] is put right again after %s', (_name, end) => {
    const kit = onBreak();
    fight(kit, MOST_REPAIRS);
    kit.report(false, '');
    end(kit);
    expect([isContested(kit), kit.sent.length]).toEqual([false, 1]);
  });

  it('[PS2] is no longer contested when it agrees; a new quarrel in the same minute is one again at once', () => {
    const kit = onBreak();
    fight(kit, MOST_REPAIRS);
    kit.report(false, '');
    kit.report(true, 'lunch');
    expect(isContested(kit)).toBe(false);
    kit.report(false, '');
    expect([isContested(kit), kit.sent]).toEqual([true, []]);
  });
});
