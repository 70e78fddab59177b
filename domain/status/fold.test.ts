import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeChoice, makeIntent, makeStep, T0 } from '../testing/build.ts';
import { createAgentLog, foldTail } from './agent-log.ts';
import { EMPTY_FOLD, foldIntent, NO_INTENT, STALE_ONLINE_MS } from './fold.ts';
import { entryId, type Change, type Choice } from './log.ts';
import { CHOOSABLE_STATUSES } from './status.ts';

const idOf = (device: string, sequence: number) => entryId(device, sequence);
const at = (minute: number): number => T0 + minute * 60_000;

const supervisorBreak = (given: Partial<Choice> = {}): Choice =>
  makeChoice({ device: 's-boss', cause: 'supervisor', actor: '1100', made: at(1), ...given });

/** What of a fold matters in one line: the status in force, the question, the overruled. */
function said(entries: readonly Change[]) {
  const { folded, outcomes } = foldIntent(entries);
  const { intent, question, overruled } = folded;
  return {
    ...{ status: intent.status, entry: intent.entry },
    ...{ question: question?.id ?? null, overruled: overruled?.id ?? null },
    outcomes: entries.map((entry) => outcomes.get(entry.id)),
  };
}

describe('choices and steps', () => {
  it('[ST10] before any entry nobody is signed in', () => {
    expect(foldIntent([])).toEqual({ folded: EMPTY_FOLD, outcomes: new Map() });
    expect(EMPTY_FOLD).toEqual({ intent: NO_INTENT, question: null, overruled: null, inForce: null });
  });

  it('[ST10] a choice sets the intent, whole', () => {
    const choice = makeChoice({ reason: 'lunch' });
    expect(foldIntent([choice]).folded).toEqual({
      intent: makeIntent({ status: 'BREAK', reason: 'lunch', entry: choice.id }),
      ...{ question: null, overruled: null, inForce: choice },
    });
  });

  it('[ST10] a step counts when what it follows is in force, else it is void', () => {
    const online = makeChoice({ status: 'ONLINE', made: at(0) });
    const wrapUp = makeStep({ made: at(1), follows: online.id });
    const late = makeStep({ sequence: 2, made: at(2), follows: online.id, status: 'PAUSE' });
    expect(said([online, wrapUp, late])).toEqual({
      ...{ status: 'WRAP_UP', entry: wrapUp.id, question: null, overruled: null },
      outcomes: ['effective', 'effective', 'void'],
    });
  });

  it('[ST10] the first step of all follows nothing', () => {
    const signIn = makeStep({ status: 'ONLINE', cause: 'session', follows: null });
    const again = makeStep({ sequence: 2, status: 'ONLINE', cause: 'session', follows: null, made: at(1) });
    expect(said([signIn, again])).toMatchObject({ status: 'ONLINE', outcomes: ['effective', 'void'] });
  });

  it('[ST10] a late entry takes the ground from the step after it, and from the step after that', () => {
    const online = makeChoice({ status: 'ONLINE', made: at(0) });
    const wrapUp = makeStep({ made: at(2), follows: online.id });
    const done = makeStep({
      sequence: 2,
      made: at(3),
      follows: wrapUp.id,
      status: 'ONLINE',
      cause: 'deadline',
    });
    expect(said([online, wrapUp, done])).toMatchObject({ status: 'ONLINE', entry: done.id });
    const lunch = makeChoice({ sequence: 2, made: at(1), received: at(5) });
    expect(said([online, wrapUp, done, lunch])).toEqual({
      ...{ status: 'BREAK', entry: lunch.id, question: null, overruled: null },
      outcomes: ['effective', 'void', 'void', 'effective'],
    });
  });

  it('[PS6] a change made while cut off enters at the time it was made, however late', () => {
    const offline = makeChoice({ made: at(1), received: at(600), reason: 'lunch' });
    const later = makeChoice({ device: 's-phone', made: at(2), status: 'MEETING' });
    expect(said([later, offline])).toMatchObject({ status: 'MEETING', entry: later.id });
    expect(said([offline])).toMatchObject({ status: 'BREAK', outcomes: ['effective'] });
  });
});

describe('a supervisor’s change', () => {
  const known = makeChoice({ device: 's-desk', sequence: 1, status: 'ONLINE', made: at(0) });
  const boss = supervisorBreak();

  it('[PS5] stays in force against an agent’s later change that had not seen it', () => {
    const agent = makeChoice({ sequence: 2, status: 'ONLINE', made: at(2), seen: known.id });
    expect(said([known, boss, agent])).toEqual({
      ...{ status: 'BREAK', entry: boss.id, question: null, overruled: agent.id },
      outcomes: ['effective', 'effective', 'unseen'],
    });
  });

  it('[PS5] gives way to OFFLINE, seen or not', () => {
    const agent = makeChoice({ sequence: 2, status: 'OFFLINE', made: at(2), seen: known.id });
    expect(said([known, boss, agent])).toMatchObject({ status: 'OFFLINE', overruled: null });
  });

  it.each([
    ['the change itself', boss.id],
    ['something the bridge received after it', idOf('s-other', 1)],
  ])('[PS5] gives way to a change that had seen %s', (_name, seen) => {
    const other = makeChoice({ device: 's-other', made: at(0), received: at(2), status: 'ONLINE' });
    const agent = makeChoice({ sequence: 2, status: 'MEETING', made: at(3), seen });
    expect(said([known, other, boss, agent])).toMatchObject({ status: 'MEETING', overruled: null });
  });

  it.each([
    ['nothing', null],
    ['something the bridge received before it', known.id],
    ['something nobody knows', 's-ghost.0000000001'],
  ])('[PS5] does not give way to a change that had seen %s', (_name, seen) => {
    const agent = makeChoice({ sequence: 2, status: 'ONLINE', made: at(3), seen });
    expect(said([known, boss, agent])).toMatchObject({ status: 'BREAK', overruled: agent.id });
  });

  it('[PS5] an agent’s earlier change that arrives later is overruled by nothing: it was before', () => {
    const agent = makeChoice({
      sequence: 2,
      status: 'MEETING',
      made: at(0.5),
      received: at(9),
      seen: known.id,
    });
    expect(said([known, boss, agent])).toEqual({
      ...{ status: 'BREAK', entry: boss.id, question: null, overruled: null },
      outcomes: ['effective', 'effective', 'effective'],
    });
  });

  it('[PS5] the next change that takes effect ends the overruling; supervisors do not stop each other', () => {
    const agent = makeChoice({ sequence: 2, status: 'ONLINE', made: at(2), seen: known.id });
    const second = supervisorBreak({ device: 's-boss2', made: at(3), status: 'TRAINING' });
    expect(said([known, boss, agent, second])).toMatchObject({ status: 'TRAINING', overruled: null });
  });

  it('[PS5] is in force no more once a step followed it: then nothing of it need be seen', () => {
    const bossOnline = supervisorBreak({ status: 'ONLINE' });
    const wrapUp = makeStep({ made: at(2), follows: bossOnline.id });
    const agent = makeChoice({ sequence: 2, made: at(3), seen: known.id });
    expect(said([known, bossOnline, wrapUp, agent])).toMatchObject({ status: 'BREAK', entry: agent.id });
  });

  it('[PS5] adopted from Asterisk it needs to have seen nothing', () => {
    const adopted = makeChoice({ device: 'bridge', made: at(2), cause: 'asterisk', status: 'PAUSE' });
    expect(said([known, boss, adopted])).toMatchObject({ status: 'PAUSE', overruled: null });
  });
});

describe('an ONLINE that comes late', () => {
  const lunch = makeChoice({ made: at(0) });
  const late = (delayMs: number, given: Partial<Choice> = {}): Choice =>
    makeChoice({ ...{ sequence: 2, status: 'ONLINE', made: at(1), received: at(1) + delayMs }, ...given });

  it('[PS6] over 60 s late it is declined: the intent stays, and one question is asked', () => {
    const stale = late(STALE_ONLINE_MS + 1);
    expect(said([lunch, stale])).toEqual({
      ...{ status: 'BREAK', entry: lunch.id, question: stale.id, overruled: null },
      outcomes: ['effective', 'declined'],
    });
  });

  it('[PS6] 60 s late, or not yet received, it counts', () => {
    expect(said([lunch, late(60_000)])).toMatchObject({ status: 'ONLINE', question: null });
    expect(said([lunch, late(0, { received: null })])).toMatchObject({ status: 'ONLINE', question: null });
  });

  it('[PS6] a supervisor’s is declined as well, and asks the agent nothing', () => {
    const stale = supervisorBreak({ status: 'ONLINE', made: at(1), received: at(9) });
    expect(said([lunch, stale])).toMatchObject({ status: 'BREAK', question: null });
    expect(said([lunch, stale]).outcomes).toEqual(['effective', 'declined']);
  });

  it('[PS4] [PS6] what is adopted from Asterisk is never late', () => {
    const adopted = makeChoice({
      device: 'bridge',
      cause: 'asterisk',
      status: 'ONLINE',
      made: at(1),
      received: at(9),
    });
    expect(said([lunch, adopted])).toMatchObject({ status: 'ONLINE', entry: adopted.id });
  });

  it('[PS6] two of them ask one question, about the last', () => {
    const [first, second] = [late(90_000), late(90_000, { sequence: 3, made: at(1) + 1 })];
    expect(said([lunch, first, second])).toMatchObject({ status: 'BREAK', question: second.id });
  });

  it.each<[string, Change]>([
    ['a choice', makeChoice({ sequence: 3, made: at(3), status: 'MEETING' })],
    ['a prompt ONLINE', makeChoice({ sequence: 3, made: at(3), status: 'ONLINE' })],
    ['a supervisor’s choice', supervisorBreak({ made: at(3) })],
    ['a step that counts', makeStep({ made: at(3), follows: lunch.id, status: 'PAUSE', cause: 'deadline' })],
  ])('[PS6] %s closes the question', (_name, closing) => {
    expect(said([lunch, late(90_000), closing])).toMatchObject({ question: null, entry: closing.id });
  });

  it('[PS6] a void step does not close it', () => {
    const stale = late(90_000);
    expect(said([lunch, stale, makeStep({ made: at(3), follows: 'gone' })])).toMatchObject({
      question: stale.id,
    });
  });

  it('[PS6] a step does not follow a declined ONLINE', () => {
    const stale = late(90_000);
    expect(said([lunch, stale, makeStep({ made: at(3), follows: stale.id })])).toMatchObject({
      ...{ status: 'BREAK', outcomes: ['effective', 'declined', 'void'] },
    });
  });
});

// Generated logs: an agent on two devices, a supervisor, the bridge; made and received apart, `seen` of any kind.
const DEVICES = [
  { device: 's-desk', cause: 'agent', actor: '1001' },
  { device: 's-phone', cause: 'agent', actor: '1001' },
  { device: 's-boss', cause: 'supervisor', actor: '1100' },
] as const;
const ids = [...DEVICES.map(({ device }) => device), 'bridge'].flatMap((device) =>
  [1, 2, 3, 4].map((sequence) => idOf(device, sequence)),
);
const times = fc.record({ made: fc.nat(6), delay: fc.oneof(fc.nat(3), fc.constant(61_000)) });
const someId = fc.option(fc.constantFrom(...ids, 'nobody.0000000001'));
const change: fc.Arbitrary<Change> = fc
  .oneof(
    { weight: 3, arbitrary: fc.record({ by: fc.constantFrom(...DEVICES), step: fc.constant(false) }) },
    { weight: 2, arbitrary: fc.record({ by: fc.constant(DEVICES[0]), step: fc.constant(true) }) },
  )
  .chain(({ by, step }) =>
    fc
      .record({
        sequence: fc.integer({ min: 1, max: 4 }),
        time: times,
        other: someId,
        status: fc.constantFrom(...CHOOSABLE_STATUSES),
      })
      .map(({ sequence, time, other, status }): Change => {
        const when = { made: T0 + time.made, received: T0 + time.made + time.delay };
        if (step) return makeStep({ sequence, status, follows: other, ...when });
        return makeChoice({ ...by, sequence, status, seen: other, ...when });
      }),
  );
const someLog = fc.uniqueArray(change, { selector: (entry) => entry.id, maxLength: 14 });
/** A log, and the same entries in another order with some of them twice. */
const twoOrders = someLog.chain((log) =>
  fc.record({
    log: fc.constant(log),
    other: fc
      .tuple(fc.shuffledSubarray(log, { minLength: log.length }), fc.subarray(log))
      .map(([shuffled, twice]) => [...shuffled, ...twice]),
  }),
);

describe('[ST10] any order of arrival', () => {
  it('[ST10] [PS5] the same log gives the same intent in any order, with duplicates', () => {
    fc.assert(
      fc.property(twoOrders, ({ log, other }) => {
        const [one, two] = [foldIntent(log), foldIntent(other)];
        expect(two.folded).toEqual(one.folded);
        expect(new Map([...two.outcomes].sort())).toEqual(new Map([...one.outcomes].sort()));
      }),
      { numRuns: 500 },
    );
  });

  it('[ST10] [PS6] a log kept up to date entry by entry equals the fold over the whole, after every entry', () => {
    fc.assert(
      fc.property(twoOrders, ({ other }) => {
        const log = createAgentLog();
        other.forEach((entry, index) => {
          log.add(entry);
          expect(log.folded).toEqual(foldIntent(other.slice(0, index + 1)).folded);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('[ST10] [PS5] the end of a log folds to the same as the whole, however short it is, after every entry', () => {
    fc.assert(
      fc.property(twoOrders, fc.integer({ min: 1, max: 5 }), ({ other }, tailEntries) => {
        const log = createAgentLog([], tailEntries);
        other.forEach((entry, index) => {
          const before = new Set(other.slice(0, index).map(({ id }) => id));
          expect(log.add(entry) === false).toBe(before.has(entry.id));
          const { folded } = foldIntent(other.slice(0, index + 1));
          expect([log.folded, foldTail(log.tail(), [])]).toEqual([folded, folded]);
          expect(log.tail().entries.length).toBeLessThanOrEqual(tailEntries);
        });
        expect(createAgentLog(other, tailEntries).tail()).toEqual(log.tail());
      }),
      { numRuns: 500 },
    );
  });

  it('[ST10] the desk folds its own changes in as the bridge will once it has them', () => {
    const online = makeChoice({ status: 'ONLINE', made: at(0) });
    const wrapUp = makeStep({ made: at(2), follows: online.id });
    const log = createAgentLog([online, wrapUp]);
    const pending = makeChoice({ sequence: 2, made: at(1), received: null });
    expect(foldTail(log.tail(), [pending]).intent).toMatchObject({ status: 'BREAK', entry: pending.id });
    log.add({ ...pending, received: at(9) });
    expect(log.folded.intent).toMatchObject({ status: 'BREAK', entry: pending.id });
  });

  it('[ST10] steps that lose their ground change nothing: without them the intent is the same', () => {
    fc.assert(
      fc.property(someLog, (log) => {
        const { folded, outcomes } = foldIntent(log);
        const grounded = log.filter((entry) => outcomes.get(entry.id) !== 'void');
        // A void step may still be what a device had seen, so only logs where none is named are compared.
        const named = log.some(
          (entry) => entry.kind === 'choice' && outcomes.get(entry.seen ?? '') === 'void',
        );
        fc.pre(!named);
        expect(foldIntent(grounded).folded).toEqual(folded);
      }),
    );
  });

  it('[PS5] a supervisor’s choice is only ended by what had seen it, OFFLINE, a supervisor or a step', () => {
    fc.assert(
      fc.property(someLog, (log) => {
        const { folded, outcomes } = foldIntent(log);
        const unseen = log.filter((entry) => outcomes.get(entry.id) === 'unseen');
        expect(unseen.filter((entry) => entry.status === 'OFFLINE' || entry.cause !== 'agent')).toEqual([]);
        expect(unseen.map((entry) => entry.id)).not.toContain(folded.intent.entry);
      }),
    );
  });
});
