// ST10, PS5, PS6 as tables: what people and the bridge did, in the order in which the bridge heard of it, on a real store;
// and what is in force after it, the same after a restart.
import { describe, expect, it } from 'vitest';
import { makePerson, registeredSince } from '../../domain/testing/build.ts';
import { useStoreFiles } from '../testing/store-bench.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createChanges } from './changes.ts';
import { createLogClock } from './log-clock.ts';
import { createRoster } from './roster.ts';

const files = useStoreFiles();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 1_700_000_000_000;
const ada = makePerson();
const grace = makePerson({ extension: '1100', role: 'supervisor' });

/** At minute `at` the bridge hears of something; `made` (minutes on the device's clock) when it was done. */
type Heard =
  | {
      readonly at: number;
      readonly by: 'desk' | 'phone' | 'boss';
      readonly sets: string;
      readonly made?: number;
      /** What the device knew: the entry heard as the nth of this table; none when absent. */
      readonly saw?: number;
      /** Counted by the device; in the order of hearing when absent. */
      readonly sequence?: number;
      /** ms the device has to add to its clock, as it believes. */
      readonly offset?: number;
    }
  | { readonly at: number; readonly step: 'WRAP_UP' | 'ONLINE' | 'PAUSE' };

async function play(heard: readonly Heard[]) {
  const store = await files.open();
  const clock = createFakeClock(START);
  const roster = createRoster([ada, grace], [], 0);
  roster.apply('1001', { type: 'registration.restored', registration: registeredSince(START) });
  const changes = createChanges({
    ...{ roster, store: store.log, logClock: createLogClock(clock, 0), lastOwnSequence: 0 },
    isSignedIn: () => true,
  });
  const ids: (string | null)[] = [];
  const counts = new Map<string, number>();
  for (const one of heard) {
    clock.advance(START + one.at * MINUTE - clock.now());
    if ('step' in one) {
      await changes.step('1001', { status: one.step, cause: one.step === 'ONLINE' ? 'deadline' : 'call' });
    } else {
      const { by, sets: status, made = one.at, saw, offset } = one;
      const sequence = one.sequence ?? (counts.get(by) ?? 0) + 1;
      counts.set(by, Math.max(sequence, counts.get(by) ?? 0));
      const seen = saw === undefined ? null : (ids[saw] ?? null);
      const change = { sequence, status, reason: null, made: START + made * MINUTE, seen };
      const actor = by === 'boss' ? grace : ada;
      const request = { actor, device: by, target: '1001' };
      const full = { ...request, change: offset === undefined ? change : { ...change, offset } };
      expect(await changes.setStatus(full)).toMatchObject({ ok: true });
      // Each is heard of twice: a replay changes nothing.
      expect(await changes.setStatus(full)).toMatchObject({ ok: true });
    }
    ids.push(roster.logOf('1001').lastReceived);
  }
  const { intent, question, overruled } = roster.logOf('1001').folded;
  const entries = await store.log.load();
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  const again = createRoster([ada, grace], entries, 0).logOf('1001').folded;
  expect(again).toEqual(roster.logOf('1001').folded);
  return { status: intent.status, asked: question !== null, overruled: overruled?.status ?? null };
}

const calm = { asked: false, overruled: null };

describe('who is in force when things cross', () => {
  it.each<[string, readonly Heard[], object]>([
    [
      'a break chosen offline, heard of after the wrap-up that came later: the wrap-up has lost its ground',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 5, step: 'WRAP_UP' },
        { at: 9, by: 'desk', sets: 'BREAK', made: 3 },
      ],
      { status: 'BREAK', ...calm },
    ],
    [
      'and after the wrap-up’s deadline, too',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 5, step: 'WRAP_UP' },
        { at: 6, step: 'ONLINE' },
        { at: 9, by: 'desk', sets: 'BREAK', made: 3 },
      ],
      { status: 'BREAK', ...calm },
    ],
    [
      'a break chosen offline after the wrap-up began',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 5, step: 'WRAP_UP' },
        { at: 7, step: 'ONLINE' },
        { at: 9, by: 'desk', sets: 'BREAK', made: 6 },
      ],
      { status: 'BREAK', ...calm },
    ],
    [
      'a supervisor’s break the agent’s later ONLINE had not seen',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 2, by: 'boss', sets: 'BREAK' },
        { at: 3, by: 'desk', sets: 'ONLINE', saw: 0 },
      ],
      { status: 'BREAK', asked: false, overruled: 'ONLINE' },
    ],
    [
      'and the agent’s later PAUSE',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 2, by: 'boss', sets: 'BREAK' },
        { at: 4, by: 'desk', sets: 'PAUSE', made: 3, saw: 0 },
      ],
      { status: 'BREAK', asked: false, overruled: 'PAUSE' },
    ],
    [
      'seen, it gives way; unseen it gives way to OFFLINE',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 2, by: 'boss', sets: 'BREAK' },
        { at: 3, by: 'desk', sets: 'MEETING', saw: 1 },
        { at: 4, by: 'boss', sets: 'TRAINING' },
        { at: 5, by: 'desk', sets: 'OFFLINE', saw: 2 },
      ],
      { status: 'OFFLINE', ...calm },
    ],
    [
      'two devices: the later choice counts, whichever is heard of first',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 4, by: 'phone', sets: 'MEETING', made: 3 },
        { at: 6, by: 'desk', sets: 'BREAK', made: 2 },
      ],
      { status: 'MEETING', ...calm },
    ],
    [
      'a device whose clock was set 3 h ahead: its next choice is of the moment it came',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 2, by: 'desk', sets: 'BREAK', made: 2 + 3 * 60 },
        { at: 3, by: 'phone', sets: 'MEETING' },
      ],
      { status: 'MEETING', ...calm },
    ],
    [
      'the same once it has measured the clock anew',
      [
        { at: 0, by: 'desk', sets: 'ONLINE' },
        { at: 3, by: 'phone', sets: 'MEETING' },
        { at: 4, by: 'desk', sets: 'BREAK', made: 2 + 3 * 60, offset: -3 * HOUR },
      ],
      { status: 'MEETING', ...calm },
    ],
    [
      'changes of a device in the wrong order stand in its order',
      [
        { at: 5, by: 'desk', sets: 'BREAK', sequence: 2, made: 2 },
        { at: 6, by: 'desk', sets: 'MEETING', sequence: 1, made: 4 },
      ],
      { status: 'BREAK', ...calm },
    ],
    [
      'an old ONLINE is declined and asked about',
      [
        { at: 0, by: 'desk', sets: 'BREAK' },
        { at: 9, by: 'desk', sets: 'ONLINE', made: 5 },
      ],
      { status: 'BREAK', asked: true, overruled: null },
    ],
    [
      'until any later change',
      [
        { at: 0, by: 'desk', sets: 'BREAK' },
        { at: 9, by: 'desk', sets: 'ONLINE', made: 5 },
        { at: 10, by: 'desk', sets: 'ONLINE' },
      ],
      { status: 'ONLINE', ...calm },
    ],
  ])('[ST10] [PS5] [PS6] %s', async (_name, heard, outcome) => {
    expect(await play(heard)).toEqual(outcome);
  });
});
