import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { describe, expect, it } from 'vitest';
import { createAgentLog } from '../../../domain/status/agent-log.ts';
import { makeChoice, T0 } from '../../../domain/testing/build.ts';
import { AppError } from '../../models/app-error.ts';
import type { Chosen, LogStore } from '../../models/log-store.ts';
import { agent } from '../../models/testing.ts';
import { createLogStores } from './log-store.ts';

let agents = 0;
function setUp() {
  agents += 1;
  let devices = 0;
  const stores = createLogStores(() => `d-${(devices += 1)}`);
  const extension = `x${agents}`;
  return { extension, tab: (): LogStore => stores.open(extension) };
}

const choice = (made: number): Chosen => ({
  ...{ status: 'BREAK', reason: 'lunch', made, offset: 5, seen: null },
});
const numbers = async (store: LogStore): Promise<readonly number[]> =>
  (await store.pending()).map(({ sequence }) => sequence);

describe('what the device keeps', () => {
  it('[AP2] begins with a device of its own and keeps it', async () => {
    const { tab } = setUp();
    const nothing = { device: 'd-1', lastSequence: 0, pending: [], heard: null, last: null };
    expect(await tab().load(0)).toEqual(nothing);
    expect(await tab().load(0)).toEqual(nothing);
  });

  it('[AP2] changes, what was heard and the last word are there for the next page', async () => {
    const { tab } = setUp();
    const first = tab();
    await first.load(0);
    const added = await first.add(choice(T0));
    const heard = createAgentLog([
      makeChoice({ cause: 'supervisor', actor: '1100' }),
      makeChoice({ sequence: 2, made: T0 + 1, seen: 's-desk.0000000001' }),
    ]).tail();
    await first.keepHeard(heard);
    const last = { own: agent(), at: T0, offset: 7 };
    await first.keepLast(last);
    expect(await tab().load(0)).toEqual({ device: 'd-1', lastSequence: 1, pending: [added], heard, last });
  });

  it('[PS5] two tabs never give the same number', async () => {
    const { tab } = setUp();
    const tabs = [tab(), tab()] as const;
    await tabs[0].load(0);
    await Promise.all(Array.from({ length: 20 }, (_, index) => tabs[index % 2 ? 1 : 0].add(choice(index))));
    expect(await numbers(tabs[0])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('[PS5] counts on from what the bridge has stored, and gives taken numbers anew', async () => {
    const { tab } = setUp();
    const store = tab();
    await store.load(0);
    await store.countFrom(7);
    const kept = [await store.add(choice(1)), await store.add(choice(2)), await store.add(choice(3))];
    expect(await numbers(store)).toEqual([8, 9, 10]);
    await store.renumber(kept[1]?.key ?? 0, 40);
    expect(await numbers(store)).toEqual([8, 41, 42]);
    await store.countFrom(3);
    expect((await store.add(choice(4))).sequence).toBe(43);
  });

  it('[AP2] settled changes stay for a while, pending ones for ever', async () => {
    const { tab, extension } = setUp();
    const store = tab();
    await store.load(0);
    const [one, two, three] = [
      ...[await store.add(choice(100)), await store.add(choice(100)), await store.add(choice(900))],
    ];
    await store.settle([{ key: one?.key ?? 0, refused: null }]);
    await store.settle([{ key: three?.key ?? 0, refused: 'forbidden' }]);
    expect(await numbers(store)).toEqual([two?.sequence]);
    await tab().load(500);
    const rows = await new Dexie(`desk-${extension}`).open().then((raw) => raw.table('changes').toArray());
    expect(rows).toEqual([
      { ...two, state: 'pending', code: null },
      { ...three, state: 'refused', code: 'forbidden' },
    ]);
  });

  it('[AP2] another tab’s change is noticed', async () => {
    const { tab } = setUp();
    const [one, other] = [tab(), tab()];
    await one.load(0);
    let stop = (): void => undefined;
    const noticed = new Promise<void>((resolve) => {
      stop = one.watch(() => void numbers(one).then((list) => list.length === 1 && resolve()));
    });
    await other.add(choice(1));
    await noticed;
    stop();
  });

  it('[AP2] a database deleted under us keeps nothing, and says so', async () => {
    const { tab, extension } = setUp();
    const store = tab();
    await store.load(0);
    await Dexie.delete(`desk-${extension}`);
    await expect(store.add(choice(1))).rejects.toEqual(new AppError('storage', { retryable: false }));
  });

  it('[AP2] a browser without storage says so', async () => {
    const { tab } = setUp();
    const { indexedDB } = Dexie.dependencies;
    Dexie.dependencies.indexedDB = undefined as unknown as IDBFactory;
    try {
      const refused = { name: 'AppError', code: 'storage', retryable: false };
      await expect(tab().load(0)).rejects.toMatchObject(refused);
    } finally {
      Dexie.dependencies.indexedDB = indexedDB;
    }
  });

  it('[SE8] forgets everything when told, and nothing when only closed', async () => {
    const { tab } = setUp();
    const store = tab();
    await store.load(0);
    await store.add(choice(1));
    await store.close(false);
    expect((await tab().load(0)).pending).toHaveLength(1);
    const again = tab();
    await again.load(0);
    await again.close(true);
    expect(await tab().load(0)).toMatchObject({ device: 'd-2', pending: [] });
  });
});
