import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { createMemoryDeadlineStore } from '../testing/memory-stores.ts';
import { settle } from '../testing/settle.ts';
import { AGAIN_MS, createDeadlines, type Deadlines } from './deadlines.ts';
import type { Deadline } from './ports.ts';

const NOW = 1_700_000_000_000;

const at = (dueMs: number, given: Partial<Deadline> = {}): Deadline => ({
  ...{ key: 'a', agent: '1001', kind: 'desk', dueMs: NOW + dueMs, follows: 's-desk.0000000001' },
  ...given,
});

function bench() {
  const clock = createFakeClock(NOW);
  const log = createFakeLog();
  const store = createMemoryDeadlineStore();
  const fired: (readonly [string, number])[] = [];
  const listen = (room: Deadlines): void =>
    room.on('desk', ({ key }) => (fired.push([key, clock.now() - NOW]), Promise.resolve()));
  return {
    ...{ clock, log, store, fired, listen },
    async start() {
      const room = await createDeadlines({ store, clock, log });
      listen(room);
      return room;
    },
    async advance(ms: number) {
      clock.advance(ms);
      await settle();
    },
  };
}

describe('a deadline', () => {
  it('[ST7] fires at its time, once, and is gone', async () => {
    const { start, advance, fired, store, clock } = bench();
    const room = await start();
    await room.set(at(1_000));
    expect([await store.all(), room.get('a')]).toEqual([[at(1_000)], at(1_000)]);
    await advance(999);
    expect(fired).toEqual([]);
    await advance(1);
    await advance(60_000);
    expect([fired, await store.all(), room.get('a'), clock.pending()]).toEqual([
      ...[[['a', 1_000]], [], undefined, 0],
    ]);
  });

  it('[ST7] set again is replaced; cancelled it never fires', async () => {
    const { start, advance, fired, store } = bench();
    const room = await start();
    await room.set(at(1_000));
    await room.set(at(5_000));
    await room.set(at(2_000, { key: 'b' }));
    await room.cancel('b');
    await room.cancel('nobody’s');
    await advance(10_000);
    expect([fired, await store.all()]).toEqual([[['a', 5_000]], []]);
  });

  it('[ST7] survives a restart: at its time when that is to come, at once when it has passed', async () => {
    const { start, advance, fired } = bench();
    const first = await start();
    await first.set(at(1_000));
    await first.set(at(60_000, { key: 'later' }));
    first.stop();
    await advance(30_000);
    expect(fired).toEqual([]);
    await start();
    await advance(0);
    expect(fired).toEqual([['a', 30_000]]);
    await advance(30_000);
    expect(fired).toEqual([
      ['a', 30_000],
      ['later', 60_000],
    ]);
    await start();
    await advance(60_000);
    expect(fired.length).toBe(2);
  });

  it('[ST7] waits until somebody handles its kind', async () => {
    const { start, advance, fired, listen } = bench();
    const room = await start();
    await room.set(at(1_000, { kind: 'other' }));
    await advance(5_000);
    room.on('other', ({ key }) => (fired.push([key, -1]), Promise.resolve()));
    await advance(0);
    listen(room);
    expect(fired).toEqual([['a', -1]]);
  });

  it('[ST7] whose handler fails is tried again, and does not fire beside one set meanwhile', async () => {
    const { start, advance, log } = bench();
    const room = await start();
    const tried: number[] = [];
    let works = false;
    room.on('desk', ({ dueMs }) => {
      tried.push(dueMs - NOW);
      return works ? Promise.resolve() : Promise.reject(new Error('away'));
    });
    await room.set(at(1_000));
    await advance(1_000);
    await advance(AGAIN_MS);
    await room.set(at(20_000));
    await advance(10_000);
    works = true;
    await advance(20_000);
    expect([tried, log.said('warn')]).toEqual([
      [1_000, 1_000, 20_000],
      Array(2).fill('a deadline could not be kept; tried again'),
    ]);
  });

  it('[ST7] set anew by its own handler goes on', async () => {
    const { start, advance, store } = bench();
    const room = await start();
    let count = 0;
    room.on('desk', () => ((count += 1), count < 3 ? room.set(at(1_000 * (count + 1))) : Promise.resolve()));
    await room.set(at(1_000));
    for (let second = 0; second < 9; second += 1) await advance(1_000);
    expect([count, await store.all()]).toEqual([3, []]);
  });
});

describe('without the store', () => {
  it('[ST7] [OP2] a deadline that could not be stored is not there; one that could not be cancelled stands', async () => {
    const { start, advance, fired, store } = bench();
    const room = await start();
    await room.set(at(1_000));
    store.failing = true;
    await expect(room.set(at(90_000))).rejects.toThrow('the store did not take it');
    await expect(room.cancel('a')).rejects.toThrow('the store did not take it');
    await advance(1_000);
    expect(fired).toEqual([['a', 1_000]]);
  });

  it('[ST7] what fired is not asked again though it could not be removed', async () => {
    const { start, advance, fired, store, log } = bench();
    const room = await start();
    await room.set(at(1_000));
    store.failing = true;
    await advance(1_000);
    await advance(60_000);
    expect([fired.length, log.said('warn')]).toEqual([1, ['a deadline that is over was not removed']]);
  });
});
