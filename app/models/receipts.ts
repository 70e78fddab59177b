// SE8: tells the centre of sign-outs it could not be told of at the time, with the changes that waited then; until each is
// told, or refused for good. Their sessions are over here: nothing opens them again.
//
//   sealed --2xx, refused for good--> gone
//   sealed --no answer, cannot store--> sealed, told again by the policy and whenever the network is back
import { MAX_FLUSH, type DeviceChange } from '../../domain/protocol/client.ts';
import type { Receipt } from '../../domain/protocol/http.ts';
import { AppError, asAppError, type ErrorCode } from './app-error.ts';
import { Backoff, type BackoffPorts } from './backoff.ts';
import type { KeptReceipt, ReceiptStore, SealedReceipt } from './receipt-store.ts';

export interface ReceiptsPorts extends BackoffPorts {
  readonly store: ReceiptStore;
  /** Rejects with `AppError`. */
  readonly post: (receipt: Receipt) => Promise<void>;
  /** How many the centre has not been told of. */
  readonly onWaiting: (count: number) => void;
}

/** The bridge takes bodies of 16 KiB; the rest is for token and times. */
const CHANGES_BYTES = 12_000;
/** A browser that takes longer keeps nothing. */
const STORE_WITHIN_MS = 2_000;
/** Refusals that are no judgement of the receipt. */
const TOO_MUCH: readonly ErrorCode[] = ['too-fast', 'too-many-attempts'];

const bytesOf = (change: DeviceChange): number => new TextEncoder().encode(JSON.stringify(change)).length + 1;

/** In order, as many in one as fit; one without changes when there are none. */
export function receiptsOf({ receipt, device, changes, signedOut }: SealedReceipt): readonly Receipt[] {
  const parts: DeviceChange[][] = [[]];
  let bytes = 0;
  for (const change of changes) {
    const more = bytesOf(change);
    const last = parts.at(-1) ?? [];
    if (last.length > 0 && (last.length === MAX_FLUSH || bytes + more > CHANGES_BYTES)) {
      parts.push([change]);
      bytes = more;
    } else {
      last.push(change);
      bytes += more;
    }
  }
  return parts.map((part) => ({ receipt, device, changes: part, signedOut }));
}

export class Receipts {
  readonly #ports: ReceiptsPorts;
  #waiting: readonly KeptReceipt[] = [];
  /** Those that could not be kept live as long as the page. */
  #unkept = 0;
  #loading: Promise<void> | null = null;
  #posting: Promise<void> | null = null;
  readonly #backoff: Backoff;

  constructor(ports: ReceiptsPorts) {
    this.#ports = ports;
    this.#backoff = new Backoff(ports);
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Whether the centre has yet to hear that this session is over. */
  has(session: string): boolean {
    return this.#waiting.some((one) => one.session === session);
  }

  /** Never rejects; resolves with whether it is durable. Not posted yet. */
  async seal(sealed: SealedReceipt): Promise<boolean> {
    await this.#load();
    try {
      this.#set([...this.#waiting, await this.#within(this.#ports.store.add(sealed))]);
      return true;
    } catch {
      this.#unkept += 1;
      this.#set([...this.#waiting, { ...sealed, key: -this.#unkept }]);
      return false;
    }
  }

  /** The centre heard it by another way. */
  async drop(session: string): Promise<void> {
    const heard = this.#waiting.filter((one) => one.session === session);
    this.#set(this.#waiting.filter((one) => one.session !== session));
    for (const { key } of heard) await this.#remove(key);
  }

  /** Tries each once, oldest first; resolves when that is done, whatever came of it. */
  flush(): Promise<void> {
    this.#posting ??= this.#flush().finally(() => (this.#posting = null));
    return this.#posting;
  }

  async #flush(): Promise<void> {
    this.#backoff.cancel();
    await this.#load();
    for (const one of this.#waiting) {
      if (!(await this.#post(one))) continue;
      this.#set(this.#waiting.filter(({ key }) => key !== one.key));
      await this.#remove(one.key);
    }
    if (this.#waiting.length === 0) this.#backoff.reset();
    else this.#backoff.again(() => void this.flush());
  }

  /** A receipt told twice changes nothing: one that cannot be removed is told again by the next page. */
  async #remove(key: number): Promise<void> {
    if (key > 0) await this.#ports.store.remove(key).catch(() => undefined);
  }

  /** Whether there is nothing more to tell of it. */
  async #post(sealed: SealedReceipt): Promise<boolean> {
    try {
      for (const receipt of receiptsOf(sealed)) await this.#ports.post(receipt);
      return true;
    } catch (error) {
      const { code, retryable } = asAppError(error);
      return !retryable && !TOO_MUCH.includes(code);
    }
  }

  /** Once; what an earlier page left comes before what this one seals. */
  #load(): Promise<void> {
    this.#loading ??= this.#within(this.#ports.store.all()).then(
      (kept) => this.#set([...kept, ...this.#waiting]),
      () => undefined,
    );
    return this.#loading;
  }

  #within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new AppError('storage', { retryable: false }));
      const cancel = this.#ports.clock.after(STORE_WITHIN_MS, late);
      work.then(resolve, (error: unknown) => reject(asAppError(error))).finally(cancel);
    });
  }

  #set(waiting: readonly KeptReceipt[]): void {
    this.#waiting = waiting;
    this.#ports.onWaiting(waiting.length);
  }
}
