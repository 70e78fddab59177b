import { describe, expect, it } from 'vitest';
import { createAgentLog } from '../../domain/status/agent-log.ts';
import { changeToWire, tailToWire } from '../../domain/protocol/log-entries.ts';
import { makeChoice, T0 } from '../../domain/testing/build.ts';
import { foldOwn, judgeAnswer, NOTHING_HEARD, withHeard, type OwnFoldInput } from './changes.ts';
import type { PendingChange } from './log-store.ts';
import { LOST, type Answer } from './requests.ts';

const device = '1001-d-0123456789abcdef';
const change = (sequence: number, given: Partial<PendingChange> = {}): PendingChange => ({
  ...{ key: sequence + 100, sequence, status: 'BREAK', reason: null, made: T0, offset: 0, seen: null },
  ...given,
});
const nack = (given: Partial<Extract<Answer, { ok: false }>>): Answer => ({
  ...{ ok: false, code: 'forbidden', lastSequence: null, sequence: null },
  ...given,
});
const stored = (key: number) => ({ key, refused: null });
const three = [change(4), change(5), change(6)];

describe('the answer to a flush', () => {
  it.each<[string, Answer, ReturnType<typeof judgeAnswer>]>([
    [
      'an ack: all are stored',
      { ok: true, ack: { type: 'ack', id: 'r1', rev: 1 } },
      { settled: [stored(104), stored(105), stored(106)], renumber: null, next: 'on' },
    ],
    ['a lost connection: all wait', LOST, { settled: [], renumber: null, next: 'later' }],
    [
      'a nack that names one: those before it stand, it is refused, those after it go on',
      nack({ sequence: 5 }),
      { settled: [stored(104), { key: 105, refused: 'forbidden' }], renumber: null, next: 'on' },
    ],
    [
      'a store that fails: what was not stored waits',
      nack({ code: 'store-unavailable', sequence: 5 }),
      { settled: [stored(104)], renumber: null, next: 'later' },
    ],
    [
      'a taken number: that change gets another',
      nack({ code: 'sequence-taken', sequence: 5, lastSequence: 40 }),
      { settled: [stored(104)], renumber: { key: 105, above: 40 }, next: 'on' },
    ],
    [
      'a nack that names none: they are sent one by one',
      nack({ code: 'bad-request' }),
      { settled: [], renumber: null, next: 'single' },
    ],
  ])('[AP2] %s', (_what, answer, verdict) => {
    expect(judgeAnswer(three, answer)).toEqual(verdict);
  });

  it('[AP2] a nack to a single change is about that one, named or not', () => {
    expect(judgeAnswer([change(4)], nack({ code: 'bad-request' }))).toEqual({
      ...{ settled: [{ key: 104, refused: 'bad-request' }], renumber: null, next: 'on' },
    });
  });
});

const fold = (given: Partial<OwnFoldInput>) =>
  foldOwn({
    ...{ extension: '1001', device, heard: NOTHING_HEARD, unconfirmed: [], bridgeNow: T0 + 60_000 },
    ...given,
  });
const heardOf = (...entries: readonly ReturnType<typeof makeChoice>[]) => createAgentLog(entries).tail();
const supervisors = makeChoice({
  ...{ device: 's-super', sequence: 1, made: T0 + 1_000, status: 'BREAK', reason: 'meeting' },
  ...{ cause: 'supervisor', actor: '1100' },
});

describe('the fold on the desk', () => {
  it('[ST10] the newest unconfirmed change is in force, whether it has a number or not', () => {
    const folded = fold({
      unconfirmed: [change(7), { ...change(8, { status: 'MEETING', made: T0 + 5 }), sequence: null }],
    });
    expect(folded.intent).toMatchObject({ status: 'MEETING', since: T0 + 5, entry: `${device}.0000000008` });
    expect([...folded.unconfirmed]).toEqual([`${device}.0000000007`, `${device}.0000000008`]);
  });

  it('[PS5] a supervisor’s change that the change had not seen stays in force', () => {
    const unseen = change(1, { made: T0 + 2_000, status: 'PAUSE' });
    expect(fold({ heard: heardOf(supervisors), unconfirmed: [unseen] })).toMatchObject({
      intent: { status: 'BREAK', actor: '1100' },
      overruled: { status: 'PAUSE' },
    });
    const seen = { ...unseen, seen: supervisors.id };
    expect(fold({ heard: heardOf(supervisors), unconfirmed: [seen] }).intent.status).toBe('PAUSE');
  });

  it('[PS6] a change enters at the time it was made, by the measured offset', () => {
    const earlier = change(1, { made: T0 - 3_600_000 + 500, offset: 3_600_000, status: 'PAUSE' });
    const folded = fold({ heard: heardOf(supervisors), unconfirmed: [earlier] });
    expect(folded.intent).toMatchObject({ status: 'BREAK', actor: '1100' });
    expect(folded.overruled).toBeNull();
  });

  it('[PS5] a clock that is wrong cannot move it before its own device’s last entry nor past now', () => {
    const own = makeChoice({ device, sequence: 3, made: T0 + 10_000, status: 'TRAINING' });
    const early = change(4, { made: T0 - 99_000 });
    expect(fold({ heard: heardOf(own), unconfirmed: [early] }).intent).toMatchObject({
      ...{ status: 'BREAK', since: T0 + 10_000 },
    });
    const late = change(4, { made: T0 + 999_000 });
    expect(fold({ heard: heardOf(own), unconfirmed: [late] }).intent.since).toBe(T0 + 60_000);
  });

  it('[PS6] an ONLINE that waits for the centre is not declined here: only its arrival tells how late it is', () => {
    const old = change(1, { status: 'ONLINE', made: T0 - 3_600_000 });
    expect(fold({ unconfirmed: [old] })).toMatchObject({ intent: { status: 'ONLINE' }, question: null });
  });

  it('[PS5] what the bridge told of a change stands over what was sent', () => {
    const own = makeChoice({ device, sequence: 4, made: T0 + 700, status: 'BREAK' });
    const folded = fold({ heard: heardOf(own), unconfirmed: [change(4, { made: T0 + 900 })] });
    expect(folded.intent).toMatchObject({ status: 'BREAK', since: T0 + 700 });
  });
});

describe('what the bridge tells of the log', () => {
  const first = makeChoice({ sequence: 1 });
  const second = makeChoice({ sequence: 2, made: T0 + 1, status: 'PAUSE' });
  const { folded: state } = createAgentLog([first]);
  const whole = { base: { state, heard: new Map<string, number>() }, entries: [second] };

  it('[PS5] a tail replaces what was known, later entries follow it once', () => {
    const event = { type: 'self:log' as const, tail: tailToWire(whole), entries: [changeToWire(second)] };
    const heard = withHeard(heardOf(supervisors), event);
    expect(heard).toEqual(whole);
    const third = changeToWire(makeChoice({ sequence: 3, made: T0 + 2 }));
    const more = withHeard(heard, { type: 'self:log', tail: null, entries: [changeToWire(second), third] });
    expect(more.entries.map(({ id }) => id)).toEqual([second.id, third.id]);
  });
});
