import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deskPolicy } from '../../domain/connection/reconnect.ts';
import { MAX_FLUSH, type DeviceChange } from '../../domain/protocol/client.ts';
import type { Receipt } from '../../domain/protocol/http.ts';
import { AppError, type ErrorCode } from './app-error.ts';
import type { KeptReceipt, ReceiptStore, SealedReceipt } from './receipt-store.ts';
import { Receipts, receiptsOf } from './receipts.ts';
import { createFakeClock, fixedRng } from './testing.ts';

const change = (sequence: number, reason = 'lunch'): DeviceChange => ({
  ...{ sequence, status: 'BREAK', reason, made: 1_000 + sequence, offset: 5, seen: null },
});
const sealed = (session: string, changes: readonly DeviceChange[] = []): SealedReceipt => ({
  ...{ session, receipt: `token of ${session}`, device: 'd-0123456789abcdef', changes },
  signedOut: { made: 2_000, offset: 5, everywhere: false },
});
const wire = (session: string, changes: DeviceChange[] = []): Receipt => ({
  ...{ receipt: `token of ${session}`, device: 'd-0123456789abcdef', changes },
  signedOut: { made: 2_000, offset: 5, everywhere: false },
});

function createStore(...before: readonly KeptReceipt[]): ReceiptStore & { rows: readonly KeptReceipt[] } {
  const store = {
    rows: before,
    all: () => Promise.resolve(store.rows),
    add(one: SealedReceipt) {
      const row = { ...one, key: store.rows.length + 1 };
      store.rows = [...store.rows, row];
      return Promise.resolve(row);
    },
    remove(key: number) {
      store.rows = store.rows.filter((row) => row.key !== key);
      return Promise.resolve();
    },
  };
  return store;
}

function setUp(store: ReceiptStore & { rows: readonly KeptReceipt[] } = createStore()) {
  const clock = createFakeClock();
  const posted: Receipt[] = [];
  const bridge: { answer: ErrorCode | 'ok' } = { answer: 'ok' };
  const counts: number[] = [];
  const receipts = new Receipts({
    ...{ store, clock, rng: fixedRng(0.5), policy: deskPolicy },
    post(receipt) {
      posted.push(receipt);
      const { answer } = bridge;
      if (answer === 'ok') return Promise.resolve();
      const retryable = ['network', 'store-unavailable', 'bad-answer'].includes(answer);
      return Promise.reject(new AppError(answer, { retryable }));
    },
    onWaiting: (count) => counts.push(count),
  });
  return { clock, store, receipts, posted, bridge, counts };
}

describe('sealed receipts', () => {
  it('[SE8] one that is sealed is durable, told, and gone', async () => {
    const { receipts, store, posted, counts } = setUp();
    expect(await receipts.seal(sealed('s-1', [change(1)]))).toBe(true);
    expect([store.rows, receipts.has('s-1'), receipts.has('s-2')]).toEqual([
      [{ ...sealed('s-1', [change(1)]), key: 1 }],
      true,
      false,
    ]);
    await receipts.flush();
    expect([posted, store.rows, receipts.has('s-1'), counts.at(-1)]).toEqual([
      [wire('s-1', [change(1)])],
      [],
      false,
      0,
    ]);
  });

  it.each<ErrorCode>(['network', 'store-unavailable', 'too-fast'])(
    '[SE8] %s: kept and told again, without end, until the centre hears it',
    async (code) => {
      const { receipts, store, posted, bridge, clock } = setUp();
      bridge.answer = code;
      await receipts.seal(sealed('s-1'));
      await receipts.flush();
      await clock.advance(20 * 60_000);
      expect(store.rows).toHaveLength(1);
      expect(posted.length).toBeGreaterThan(60);
      bridge.answer = 'ok';
      await clock.advance(30_000);
      expect([store.rows, receipts.count]).toEqual([[], 0]);
    },
  );

  it.each<ErrorCode>(['unauthorised', 'bad-request', 'session-ended'])(
    '[SE8] %s is a refusal for good',
    async (code) => {
      const { receipts, store, bridge } = setUp();
      bridge.answer = code;
      await receipts.seal(sealed('s-1'));
      await receipts.flush();
      expect([store.rows, receipts.count]).toEqual([[], 0]);
    },
  );

  it('[SE8] several are told in the order they were sealed, those of an earlier page first', async () => {
    const { receipts, posted } = setUp(createStore({ ...sealed('s-0'), key: 1 }));
    await receipts.seal(sealed('s-1'));
    await receipts.flush();
    expect(posted).toEqual([wire('s-0'), wire('s-1')]);
  });

  it('[SE8] one that is refused does not hold up the next', async () => {
    const { receipts, store, posted, bridge } = setUp();
    await receipts.seal(sealed('s-1'));
    await receipts.seal(sealed('s-2'));
    bridge.answer = 'unauthorised';
    await receipts.flush();
    expect([posted.length, store.rows]).toEqual([2, []]);
  });

  it('[SE8] one that the centre heard by another way is not told again', async () => {
    const { receipts, store, posted } = setUp();
    await receipts.seal(sealed('s-1'));
    await receipts.seal(sealed('s-2'));
    await receipts.drop('s-1');
    await receipts.flush();
    expect([posted, store.rows]).toEqual([[wire('s-2')], []]);
  });

  it('[SE8] a storage that never answers is none', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const { clock, receipts, posted } = setUp({ ...createStore(), all: silent, add: silent });
    const durable = receipts.seal(sealed('s-1'));
    await clock.advance(4_000);
    await receipts.flush();
    expect([await durable, posted]).toEqual([false, [wire('s-1')]]);
  });

  it('[SE8] without storage it is told from memory as long as the page lives', async () => {
    const broken = () => Promise.reject(new AppError('storage', { retryable: false }));
    const { receipts, posted } = setUp({ ...createStore(), all: broken, add: broken, remove: broken });
    expect(await receipts.seal(sealed('s-1'))).toBe(false);
    await receipts.flush();
    expect([posted, receipts.count]).toEqual([[wire('s-1')], 0]);
  });

  it('[SE8] however many changes waited, each is sent once, in order, in bodies the bridge takes', () => {
    const reason = fc.string({ maxLength: 120, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(reason, { maxLength: 600 }), (reasons) => {
        const changes = reasons.map((text, index) => change(index + 1, text));
        const parts = receiptsOf(sealed('s-1', changes));
        expect(parts.flatMap((part) => part.changes)).toEqual(changes);
        for (const part of parts) {
          expect(part.changes.length).toBeLessThanOrEqual(MAX_FLUSH);
          expect(new TextEncoder().encode(JSON.stringify(part)).length).toBeLessThan(16_384);
        }
      }),
    );
  });
});
