// SE8: the port to the sealed receipts this browser keeps: sign-outs the centre has not been told of.
import type { DeviceChange } from '../../domain/protocol/client.ts';
import type { Receipt } from '../../domain/protocol/http.ts';

/** What a sign-out while cut off leaves behind: enough to tell the centre, and good for nothing else. */
export interface SealedReceipt extends Omit<Receipt, 'changes'> {
  /** Which session it ends: that one is never resumed here. */
  readonly session: string;
  /** The agent's changes the bridge has not answered for, by sequence; any number of them. */
  readonly changes: readonly DeviceChange[];
}

export interface KeptReceipt extends SealedReceipt {
  readonly key: number;
}

/** All methods reject with `AppError` `storage` when nothing can be kept. */
export interface ReceiptStore {
  /** In the order they were sealed. */
  all(): Promise<readonly KeptReceipt[]>;
  /** Durable when it resolves. */
  add(sealed: SealedReceipt): Promise<KeptReceipt>;
  remove(key: number): Promise<void>;
}
