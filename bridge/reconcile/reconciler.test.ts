import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees } from '../../domain/status/plan.ts';
import type { WantedPause } from '../../domain/status/wanted.ts';
import { command, GO, LUNCH, MEETING, reconcilerBench } from '../testing/reconciler-bench.ts';
import { settle } from '../testing/settle.ts';
import { IN_FLIGHT_MS } from './reconciler.ts';

describe('[PS2] one agent’s reconciler', () => {
  it('[PS2] sends what is missing once, and nothing more when Asterisk agrees', () => {
    const { want, sent, report, clock, log } = reconcilerBench();
    want(LUNCH);
    want(LUNCH);
    expect(sent).toEqual([command(true, 'lunch')]);
    report(true, 'lunch');
    want(LUNCH);
    clock.advance(60_000);
    expect(sent).toEqual([command(true, 'lunch')]);
    expect(log.lines).toEqual([
      {
        ...{ level: 'info', message: 'queue member paused' },
        fields: { agent: '1001', queue: 'support', reason: 'lunch' },
      },
    ]);
    expect(clock.pending()).toBe(0);
  });

  it('[PS2] a repeated pause is never sent when paused and reason agree', () => {
    const { report, sent, want } = reconcilerBench();
    report(true, 'lunch');
    want(LUNCH);
    expect(sent).toEqual([]);
  });

  it('[PS4] [RG12] what changed while nobody had an opinion is drift if the opinion is the same again, else a change', () => {
    const { want, sent, report, observed, reconciler, drifts } = reconcilerBench();
    want(GO);
    report(false, '');
    want(null);
    observed.set('support', { paused: true, reason: 'somebody else', at: 0 });
    reconciler.kick();
    expect([sent.length, drifts]).toEqual([1, []]);
    want(GO);
    expect([sent.slice(1), drifts]).toEqual([[command(false, '')], [{ queue: 'support', contested: false }]]);
    report(false, '');
    want(LUNCH);
    report(true, 'lunch');
    want(null);
    want(GO);
    expect([sent.at(-1), drifts.length]).toEqual([command(false, ''), 1]);
  });

  it('[PS2] the latest wanted wins over an older one in flight', () => {
    const { want, sent, report, clock } = reconcilerBench();
    want(LUNCH);
    want(MEETING);
    want(GO);
    expect(sent).toEqual([command(true, 'lunch'), command(true, 'MEETING'), command(false, '')]);
    // The reports of the older ones come late, in their order; each time the newest is what is asked for.
    report(true, 'lunch');
    report(true, 'MEETING');
    report(false, '');
    expect(sent.slice(3)).toEqual([]);
    clock.advance(60_000);
    expect(sent.length).toBe(3);
    expect(clock.pending()).toBe(0);
  });

  it('[PS2] an old command’s report that undoes the wish is answered', () => {
    const { want, sent, report } = reconcilerBench();
    report(false, '');
    const before = sent.length;
    expect(sent.slice(0, before)).toEqual([command(true, 'lunch')]);
    // Wanted again what Asterisk still shows: nothing to send yet.
    want(GO);
    expect(sent.length).toBe(before);
    report(true, 'lunch');
    expect(sent.slice(before)).toEqual([command(false, '')]);
  });

  it('[PS2] nothing before Asterisk is ready; then at the next kick', () => {
    const { state, want, sent, reconciler, clock } = reconcilerBench();
    state.ready = false;
    want(LUNCH);
    clock.advance(60_000);
    expect(sent).toEqual([]);
    state.ready = true;
    reconciler.kick();
    expect(sent).toEqual([command(true, 'lunch')]);
  });

  it('[PS4] without a report a command is in flight for 1 s, then it is tried again after a back-off', () => {
    const { want, sent, clock, log, report } = reconcilerBench();
    want(LUNCH);
    clock.advance(IN_FLIGHT_MS - 1);
    expect([sent.length, log.said('warn')]).toEqual([1, []]);
    clock.advance(1);
    expect([sent.length, log.said('warn')]).toEqual([1, ['failed to pause in Asterisk']]);
    // amiPolicy with a draw of one half: 25 ms after the first failure, 50 after the second, 100 after the third.
    clock.advance(24);
    expect(sent.length).toBe(1);
    clock.advance(1);
    expect(sent.length).toBe(2);
    clock.advance(IN_FLIGHT_MS + 50);
    expect(sent.length).toBe(3);
    clock.advance(IN_FLIGHT_MS + 99);
    expect(sent.length).toBe(3);
    clock.advance(1);
    expect(sent.length).toBe(4);
    report(true, 'lunch');
    expect(clock.pending()).toBe(0);
  });

  it('[PS2] a refused command backs off the same way, and its words are told', async () => {
    const { want, sent, clock, log, state } = reconcilerBench();
    state.answer = () => Promise.reject(Object.assign(new Error('Interface not found'), { code: 'refused' }));
    want(GO);
    await settle();
    expect(log.lines).toEqual([
      {
        ...{ level: 'warn', message: 'failed to unpause in Asterisk' },
        fields: { agent: '1001', queue: 'support', code: 'refused', error: 'Interface not found' },
      },
    ]);
    clock.advance(25);
    expect(sent.length).toBe(2);
  });

  it('[PS2] a new wish does not wait for the back-off of an old one; the same wish does', () => {
    const { want, sent, clock, reconciler } = reconcilerBench();
    want(LUNCH);
    clock.advance(IN_FLIGHT_MS);
    reconciler.kick();
    want(LUNCH);
    expect(sent.length).toBe(1);
    want(MEETING);
    expect(sent).toEqual([command(true, 'lunch'), command(true, 'MEETING')]);
  });

  it('[PS2] after success a failure starts with the shortest back-off again', () => {
    const { want, sent, clock, report } = reconcilerBench();
    want(LUNCH);
    clock.advance(IN_FLIGHT_MS + 25);
    report(true, 'lunch');
    want(MEETING);
    clock.advance(IN_FLIGHT_MS + 25);
    expect(sent.length).toBe(4);
  });

  it('[PS2] out of reach: nothing is in flight, no timer runs, nothing is sent', async () => {
    const { want, sent, clock, reconciler, state, log } = reconcilerBench(['support', 'sales']);
    let fail: (error: Error) => void = () => undefined;
    state.answer = () => new Promise((_, reject) => (fail = reject));
    want(LUNCH);
    state.ready = false;
    reconciler.rest();
    fail(new Error('closed'));
    await settle();
    clock.advance(60_000);
    expect([sent.length, clock.pending(), log.lines]).toEqual([2, 0, []]);
    state.ready = true;
    reconciler.kick();
    expect(sent.length).toBe(4);
  });

  it('[PS2] an agent in no queue wants nothing', () => {
    const { want, sent, clock } = reconcilerBench([]);
    want(LUNCH);
    expect([sent, clock.pending()]).toEqual([[], 0]);
  });

  it('[PS2] a member that leaves while its command flies needs none any more', () => {
    const { want, sent, clock, observed, reconciler } = reconcilerBench();
    want(LUNCH);
    observed.delete('support');
    reconciler.kick();
    clock.advance(60_000);
    expect([sent.length, clock.pending()]).toEqual([1, 0]);
  });

  it('[PS2] a member that is added is brought in step, the others are left alone', () => {
    const { want, sent, report } = reconcilerBench();
    want(LUNCH);
    report(true, 'lunch');
    report(true, '', 'sales');
    expect(sent).toEqual([command(true, 'lunch'), command(true, 'lunch', 'sales')]);
  });

  it('[PS2] what somebody else changes is repaired', () => {
    const { want, sent, report } = reconcilerBench();
    want(LUNCH);
    report(true, 'lunch');
    report(false, '');
    expect(sent).toEqual([command(true, 'lunch'), command(true, 'lunch')]);
  });

  it('[PS2] no opinion: nothing is sent, whatever Asterisk holds', () => {
    const { want, sent, report } = reconcilerBench();
    want(null);
    report(false, '');
    report(true, 'x');
    expect(sent).toEqual([]);
  });
});

// A simulated Asterisk: takes commands in their order, each after a delay; loses some commands and some answers; tells
// of every change in order, after a delay; goes away and comes back with a snapshot.
type Weather =
  | { readonly do: 'want'; readonly wanted: WantedPause }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'foreign'; readonly queue: string; readonly paused: boolean }
  | { readonly do: 'lose'; readonly count: number }
  | { readonly do: 'refuse'; readonly count: number }
  | { readonly do: 'restart'; readonly ms: number };

const weather: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ do: fc.constant('want' as const), wanted: fc.constantFrom(LUNCH, MEETING, GO, null) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 30, 300, 1_500) }),
  fc.record({
    ...{ do: fc.constant('foreign' as const), queue: fc.constantFrom('support', 'sales') },
    paused: fc.boolean(),
  }),
  fc.record({ do: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('refuse' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('restart' as const), ms: fc.constantFrom(5, 2_000) }),
);

async function sail(days: readonly Weather[], delays: readonly number[]) {
  const kit = reconcilerBench(['support', 'sales']);
  const { clock, state, reconciler, observed, sent } = kit;
  const held = new Map([...observed].map(([queue]) => [queue, { paused: true, reason: '' }]));
  let [lost, refused, life, turn] = [0, 0, 0, 0];
  const delay = (): number => delays[turn++ % delays.length] ?? 0;
  let next = 0;
  /** Runs in the order of asking, never before the one asked before. */
  const inTurn = (run: () => void): void => {
    next = Math.max(next, clock.now() + delay());
    const born = life;
    clock.after(next - clock.now(), () => born === life && run());
  };
  const tell = (queue: string): void => {
    const now = held.get(queue)!;
    inTurn(() => kit.report(now.paused, now.reason, queue));
  };
  state.answer = () => {
    const asked = sent.at(-1)!;
    if (refused > 0) {
      refused -= 1;
      return Promise.reject(new Error('refused'));
    }
    if (lost > 0) {
      lost -= 1;
      return new Promise(() => undefined);
    }
    inTurn(() => {
      held.set(asked.queue, { paused: asked.paused, reason: asked.reason });
      tell(asked.queue);
    });
    return Promise.resolve();
  };
  reconciler.kick();
  for (const day of days) {
    if (day.do === 'want') kit.want(day.wanted);
    if (day.do === 'wait') clock.advance(day.ms);
    if (day.do === 'lose') lost = day.count;
    if (day.do === 'refuse') refused = day.count;
    if (day.do === 'foreign') {
      held.set(day.queue, { paused: day.paused, reason: '' });
      tell(day.queue);
    }
    if (day.do === 'restart') {
      life += 1;
      state.ready = false;
      reconciler.rest();
      for (const queue of observed.keys()) {
        observed.set(queue, null);
        held.set(queue, { paused: true, reason: '' });
      }
      clock.advance(day.ms);
      next = clock.now();
      state.ready = true;
      for (const queue of observed.keys()) observed.set(queue, { ...held.get(queue)!, at: clock.now() });
      reconciler.handleSnapshot();
    }
    await settle();
  }
  // Calm: nothing is lost any more. Failures so far may have grown the back-off to its 1 s.
  [lost, refused] = [0, 0];
  for (let second = 0; second < 8; second += 1) {
    clock.advance(1_000);
    await settle();
  }
  return kit;
}

it('[PS2] whatever Asterisk loses, refuses or does late, it ends in agreement and then rests', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(weather, { maxLength: 12 }),
      fc.array(fc.constantFrom(0, 1, 5, 40, 400), { minLength: 1, maxLength: 8 }),
      async (days, delays) => {
        const { members, clock, sent } = await sail(days, delays);
        // What somebody else keeps changing is left alone, and marked so.
        const wrong = members().filter(({ wanted, observed }) => !agrees(wanted, observed));
        expect(wrong.filter(({ contestedSince }) => contestedSince === null)).toEqual([]);
        const before = sent.length;
        clock.advance(600_000);
        await settle();
        expect([sent.length - before, clock.pending()]).toEqual([0, 0]);
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);
