// SE8: sealed receipts in an IndexedDB of their own: it outlives the agents' databases.
import Dexie, { type EntityTable } from 'dexie';
import * as v from 'valibot';
import { ChangeSchema } from '../../../domain/protocol/client.ts';
import { ReceiptSchema } from '../../../domain/protocol/http.ts';
import { AppError } from '../../models/app-error.ts';
import type { KeptReceipt, ReceiptStore, SealedReceipt } from '../../models/receipt-store.ts';

type ReceiptDatabase = Dexie & { receipts: EntityTable<KeptReceipt, 'key'> };

const RowSchema = v.object({
  ...ReceiptSchema.entries,
  key: v.number(),
  session: v.string(),
  changes: v.array(ChangeSchema),
});

async function kept<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new AppError('storage', { retryable: false, cause });
  }
}

/** Rows that cannot be read are left out: nobody could send them. */
const read = (rows: readonly unknown[]): readonly KeptReceipt[] =>
  rows.flatMap((row) => {
    const parsed = v.safeParse(RowSchema, row);
    return parsed.success ? [parsed.output] : [];
  });

export function createReceiptStore(name: string): ReceiptStore {
  // Written through: what is sealed is all that is left of the agent's unsent changes.
  const database = new Dexie(name, { chromeTransactionDurability: 'strict' }) as ReceiptDatabase;
  database.version(1).stores({ receipts: '++key' });
  return {
    all: () => kept(async () => read(await database.receipts.toArray())),
    add: (sealed: SealedReceipt) =>
      kept(async () => {
        const { session, receipt, device, changes, signedOut } = sealed;
        const row = { session, receipt, device, changes, signedOut };
        return { ...row, key: await database.receipts.add(row) };
      }),
    remove: (key) => kept(() => database.receipts.delete(key)),
  };
}
