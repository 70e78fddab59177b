import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../domain/protocol/errors.ts';
import { AppError } from './app-error.ts';
import type { Chosen, LogStore } from './log-store.ts';
import { createMemoryLog } from './memory-log.ts';
import { EMPTY_OUTBOX, Outbox, type OutboxView } from './outbox.ts';
import { LOST, type Answer, type Asked } from './requests.ts';
import { createFakeClock, type FakeClock } from './testing.ts';

const choice = (reason: string): Chosen => ({
  ...{ status: 'BREAK', reason, made: 1_000, offset: 5, seen: 'x' },
});
const newStore = (): LogStore =>
  createMemoryLog({ device: 'd-1', lastSequence: 0, pending: [], heard: null, last: null });

/** What a bridge stores, by sequence; it answers as the real one does. */
function createBridge() {
  const log = new Map<number, string | null>();
  const flushes: number[][] = [];
  const bridge = {
    ...{ log, flushes, live: false, refuse: '', ackLost: false },
    request(asked: Asked): Promise<Answer> {
      if (!bridge.live || asked.type !== 'outbox.flush') return Promise.resolve(LOST);
      flushes.push(asked.changes.map(({ sequence }) => sequence));
      for (const { sequence, reason } of asked.changes) {
        const refused = (code: Refusal): Promise<Answer> => {
          const lastSequence = Math.max(0, ...log.keys());
          return Promise.resolve({ ok: false, code, sequence, lastSequence });
        };
        if (reason === bridge.refuse) return refused('forbidden');
        if (log.has(sequence) && log.get(sequence) !== reason) return refused('sequence-taken');
        log.set(sequence, reason);
      }
      const lost = bridge.ackLost;
      bridge.ackLost = false;
      return Promise.resolve(lost ? LOST : { ok: true, ack: { type: 'ack', id: 'r', rev: 1 } });
    },
    stored: () => [...log].sort(([a], [b]) => a - b).map(([, reason]) => reason),
  };
  return bridge;
}

async function openOutbox(store: LogStore, bridge = createBridge(), clock: FakeClock = createFakeClock()) {
  let view: OutboxView = EMPTY_OUTBOX;
  const refused: string[] = [];
  const outbox = new Outbox({
    clock,
    stores: { open: () => store, newDevice: () => 'd-memory' },
    request: (asked) => bridge.request(asked),
    onView: (shown) => (view = shown),
    onRefused: (change, code) => refused.push(`${change.reason ?? ''} ${code}`),
  });
  const opened = outbox.open('1001');
  await clock.advance(0);
  const welcome = async (): Promise<void> => {
    bridge.live = true;
    void outbox.handleWelcome(Math.max(0, ...bridge.log.keys()));
    await clock.advance(0);
  };
  return { outbox, bridge, clock, refused, welcome, kept: await opened, view: () => view };
}

describe('outbox', () => {
  it('[AP2] a choice is a draft at once, pending when durable, gone when acknowledged', async () => {
    const { outbox, clock, welcome, view, bridge } = await openOutbox(newStore());
    await welcome();
    const added = outbox.add(choice('a'));
    expect(view()).toEqual({ drafts: [choice('a')], pending: [], kept: true });
    await added;
    expect(view()).toEqual({ drafts: [], pending: [{ ...choice('a'), key: 1, sequence: 1 }], kept: true });
    await clock.advance(0);
    expect([view(), bridge.stored()]).toEqual([EMPTY_OUTBOX, ['a']]);
  });

  it('[PS6] what was chosen while cut off is sent in order after the next welcome', async () => {
    const { outbox, welcome, view, bridge } = await openOutbox(newStore());
    for (const reason of ['a', 'b', 'c']) await outbox.add(choice(reason));
    expect(view().pending.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    await welcome();
    expect([bridge.flushes, bridge.stored(), view()]).toEqual([[[1, 2, 3]], ['a', 'b', 'c'], EMPTY_OUTBOX]);
  });

  it('[PS5] a socket cut between storing and the ack: sent again with the same number, stored once', async () => {
    const { outbox, clock, welcome, view, bridge } = await openOutbox(newStore());
    await welcome();
    bridge.ackLost = true;
    await outbox.add(choice('a'));
    await clock.advance(0);
    expect(view().pending).toHaveLength(1);
    await welcome();
    expect([bridge.flushes, bridge.stored(), view()]).toEqual([[[1], [1]], ['a'], EMPTY_OUTBOX]);
  });

  it('[AP2] a page that dies leaves its outbox to the next one', async () => {
    const store = newStore();
    const first = await openOutbox(store);
    await first.outbox.add(choice('a'));
    const next = await openOutbox(store, first.bridge);
    expect(next.view().pending).toHaveLength(1);
    await next.welcome();
    expect([next.bridge.stored(), next.view()]).toEqual([['a'], EMPTY_OUTBOX]);
  });

  it('[AP2] a refused change is told, those before and after it arrive', async () => {
    const { outbox, welcome, bridge, refused } = await openOutbox(newStore());
    bridge.refuse = 'b';
    for (const reason of ['a', 'b', 'c']) await outbox.add(choice(reason));
    await welcome();
    expect([bridge.stored(), refused]).toEqual([['a', 'c'], ['b forbidden']]);
  });

  it('[PS5] a number that is taken moves that change and those after it', async () => {
    const { outbox, clock, bridge, view } = await openOutbox(newStore());
    bridge.log.set(1, 'other');
    bridge.live = true;
    for (const reason of ['a', 'b']) await outbox.add(choice(reason));
    await clock.advance(0);
    expect([bridge.stored(), view()]).toEqual([['other', 'a', 'b'], EMPTY_OUTBOX]);
  });

  it('[WR3] a bridge that cannot store is asked again, without a new welcome', async () => {
    const { outbox, clock, welcome, bridge, view } = await openOutbox(newStore());
    await welcome();
    const real = bridge.request;
    bridge.request = () =>
      Promise.resolve({ ok: false, code: 'store-unavailable', lastSequence: null, sequence: 1 });
    await outbox.add(choice('a'));
    await clock.advance(100);
    bridge.request = real;
    await clock.advance(1_900);
    expect([bridge.stored(), view()]).toEqual([['a'], EMPTY_OUTBOX]);
  });

  it('[AP2] many go in several frames, one in the air at a time', async () => {
    const { outbox, clock, welcome, bridge } = await openOutbox(newStore());
    for (let index = 0; index < 120; index += 1) await outbox.add(choice(String(index)));
    await welcome();
    await clock.advance(0);
    expect(bridge.flushes.map((flush) => flush.length)).toEqual([50, 50, 20]);
  });

  it.each<[string, Partial<LogStore>]>([
    ['fails', { add: () => Promise.reject(new AppError('storage', { retryable: false })) }],
    ['never answers', { add: () => new Promise(() => undefined) }],
  ])('[AP2] a storage that %s: the change is sent directly, and that is told', async (_what, broken) => {
    const { outbox, clock, welcome, bridge, view } = await openOutbox({ ...newStore(), ...broken });
    await welcome();
    void outbox.add(choice('a'));
    await clock.advance(2_000);
    expect([bridge.stored(), view()]).toEqual([['a'], { ...EMPTY_OUTBOX, kept: false }]);
  });

  it('[AP2] a storage that cannot be opened: a device of its own for as long as the page lives', async () => {
    const load = () => Promise.reject(new AppError('storage', { retryable: false }));
    const { outbox, welcome, bridge, view, kept } = await openOutbox({ ...newStore(), load });
    expect([kept.device, view().kept]).toEqual(['d-memory', false]);
    await outbox.add(choice('a'));
    await welcome();
    expect(bridge.stored()).toEqual(['a']);
  });

  it.each([true, false])('[SE8] closed, forgetting %s: the store is told so', async (forget) => {
    const closed: boolean[] = [];
    const close = (told: boolean) => Promise.resolve(void closed.push(told));
    const { outbox } = await openOutbox({ ...newStore(), close });
    await outbox.close(forget);
    expect(closed).toEqual([forget]);
  });

  it('[SE8] what a receipt has to carry: all that waits, also what is only just being kept', async () => {
    const { outbox, welcome } = await openOutbox(newStore());
    await outbox.add(choice('a'));
    void outbox.add(choice('b'));
    expect(await outbox.unsent()).toEqual({
      device: 'd-1',
      changes: [
        { ...choice('a'), sequence: 1 },
        { ...choice('b'), sequence: 2 },
      ],
    });
    await welcome();
    expect(await outbox.unsent()).toEqual({ device: 'd-1', changes: [] });
  });

  it('[PS5] whatever is lost on the way, each change is stored once and in the order made', async () => {
    const step = fc.constantFrom('add', 'cut', 'welcome', 'ack lost', 'reload');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = newStore();
        let desk = await openOutbox(store);
        const made: string[] = [];
        for (const what of steps) {
          if (what === 'add') {
            made.push(`r${made.length}`);
            await desk.outbox.add(choice(made.at(-1) ?? ''));
          } else if (what === 'cut') desk.bridge.live = false;
          else if (what === 'ack lost') desk.bridge.ackLost = true;
          else if (what === 'welcome') await desk.welcome();
          else desk = await openOutbox(store, desk.bridge);
        }
        desk.bridge.ackLost = false;
        await desk.welcome();
        expect(desk.bridge.stored()).toEqual(made);
        expect(desk.view()).toEqual(EMPTY_OUTBOX);
      }),
      { numRuns: 60 },
    );
  });
});
