import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { SealedReceipt } from '../../models/receipt-store.ts';
import { createReceiptStore } from './receipts.ts';

const sealed = (session: string): SealedReceipt => ({
  ...{ session, receipt: `token of ${session}`, device: 'd-0123456789abcdef' },
  changes: [
    { sequence: 1, status: 'BREAK', reason: 'lunch', made: 1_000, offset: 5, seen: null },
    { sequence: 2, status: 'PAUSE', reason: null, made: 2_000, offset: 5, seen: '1001-d.1' },
  ],
  signedOut: { made: 3_000, offset: 5, everywhere: true },
});

describe('kept receipts', () => {
  it('[SE8] the next page finds them in order, with all that was sealed', async () => {
    const store = createReceiptStore('receipts-1');
    const first = await store.add(sealed('s-1'));
    const second = await store.add(sealed('s-2'));
    expect(first).toEqual({ ...sealed('s-1'), key: first.key });
    expect(await createReceiptStore('receipts-1').all()).toEqual([first, second]);
  });

  it('[SE8] what is told is removed, the others stay', async () => {
    const store = createReceiptStore('receipts-2');
    const first = await store.add(sealed('s-1'));
    const second = await store.add(sealed('s-2'));
    await store.remove(first.key);
    await store.remove(first.key);
    expect(await store.all()).toEqual([second]);
  });

  it('[SE8] what nobody could send is left out', async () => {
    const store = createReceiptStore('receipts-3');
    await store.add({ ...sealed('s-1'), device: 'not a device' });
    expect(await store.all()).toEqual([]);
  });
});
