// AP2, SE8: one Dexie database per agent: `changes` (the outbox and what became of it), `log` (what the bridge told), `meta`.
import Dexie, { liveQuery, type EntityTable } from 'dexie';
import * as v from 'valibot';
import type { Refusal } from '../../../domain/protocol/errors.ts';
import { LoggedChangeSchema, LogTailSchema, tailToWire } from '../../../domain/protocol/log-entries.ts';
import { AgentViewSchema } from '../../../domain/protocol/views.ts';
import type { LogTail } from '../../../domain/status/agent-log.ts';
import { compareEntries, type Change } from '../../../domain/status/log.ts';
import { AppError } from '../../models/app-error.ts';
import type {
  Chosen,
  KeptLog,
  LastWord,
  LogStore,
  LogStorePort,
  PendingChange,
  Settled,
} from '../../models/log-store.ts';

interface ChangeRow extends Chosen {
  readonly key: number;
  readonly sequence: number;
  readonly state: 'pending' | 'stored' | 'refused';
  readonly code: Refusal | null;
}

interface MetaRow {
  readonly name: 'device' | 'sequence' | 'base' | 'last';
  readonly value: unknown;
}

type LogDatabase = Dexie & {
  changes: EntityTable<ChangeRow, 'key'>;
  log: EntityTable<Change, 'id'>;
  meta: EntityTable<MetaRow, 'name'>;
};

const LastSchema = v.object({ own: AgentViewSchema, at: v.number(), offset: v.number() });

function createDatabase(name: string): LogDatabase {
  // A change that was shown as kept must survive a power cut: Chrome writes through only when asked.
  const database = new Dexie(name, { chromeTransactionDurability: 'strict' }) as LogDatabase;
  database.version(1).stores({ changes: '++key, state, sequence', log: 'id', meta: 'name' });
  return database;
}

/** The one place where Dexie's and the browser's failures become ours: whatever it is, nothing can be kept. */
async function kept<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new AppError('storage', { retryable: false, cause });
  }
}

const toPending = ({ key, sequence, status, reason, made, offset, seen }: ChangeRow): PendingChange => ({
  ...{ key, sequence, status, reason, made, offset, seen },
});

class DexieLog implements LogStore {
  readonly #database: LogDatabase;
  readonly #newDevice: () => string;

  constructor(name: string, newDevice: () => string) {
    this.#database = createDatabase(name);
    this.#newDevice = newDevice;
  }

  load(settledSince: number): Promise<KeptLog> {
    const { changes, log, meta } = this.#database;
    return kept(() =>
      this.#database.transaction('rw', changes, log, meta, async (): Promise<KeptLog> => {
        const old = ({ state, made }: ChangeRow): boolean => state !== 'pending' && made < settledSince;
        await changes.filter(old).delete();
        const device = await this.#device();
        const last = v.safeParse(LastSchema, (await meta.get('last'))?.value);
        return {
          ...{ device, lastSequence: await this.#count(0) },
          ...{ pending: await this.#pending(), heard: await this.#heard() },
          last: last.success ? last.output : null,
        };
      }),
    );
  }

  add(chosen: Chosen): Promise<PendingChange> {
    const { changes, meta } = this.#database;
    return kept(() =>
      this.#database.transaction('rw', changes, meta, async () => {
        // Deleted under us, it opens anew and empty: what is written there belongs to nobody.
        if (!(await meta.get('device'))) throw new Error('the database was deleted');
        const sequence = await this.#next(0);
        const { status, reason, made, offset, seen } = chosen;
        const row = { status, reason, made, offset, seen, sequence, state: 'pending', code: null } as const;
        return { ...chosen, sequence, key: await changes.add(row) };
      }),
    );
  }

  pending(): Promise<readonly PendingChange[]> {
    return kept(() => this.#pending());
  }

  settle(settled: readonly Settled[]): Promise<void> {
    const { changes } = this.#database;
    return kept(() =>
      this.#database.transaction('rw', changes, async () => {
        for (const { key, refused } of settled)
          await changes.update(key, { state: refused === null ? 'stored' : 'refused', code: refused });
      }),
    );
  }

  async countFrom(lastSequence: number): Promise<void> {
    const { meta } = this.#database;
    await kept(() => this.#database.transaction('rw', meta, () => this.#count(lastSequence)));
  }

  renumber(key: number, lastSequence: number): Promise<void> {
    const { changes, meta } = this.#database;
    return kept(() =>
      this.#database.transaction('rw', changes, meta, async () => {
        const from = (await changes.get(key))?.sequence ?? Infinity;
        for (const change of await this.#pending()) {
          if (change.sequence < from) continue;
          await changes.update(change.key, { sequence: await this.#next(lastSequence) });
        }
      }),
    );
  }

  keepHeard(heard: LogTail): Promise<void> {
    const { log, meta } = this.#database;
    return kept(() =>
      this.#database.transaction('rw', log, meta, async () => {
        await log.clear();
        await log.bulkPut([...heard.entries]);
        await meta.put({ name: 'base', value: tailToWire(heard) });
      }),
    );
  }

  async keepLast(last: LastWord): Promise<void> {
    await kept(() => this.#database.meta.put({ name: 'last', value: last }));
  }

  watch(changed: () => void): () => void {
    const watched = liveQuery(() => this.#database.changes.where('state').equals('pending').primaryKeys());
    // A failing query shows at the next write, where it matters.
    const subscription = watched.subscribe({ next: () => changed(), error: () => undefined });
    return () => subscription.unsubscribe();
  }

  async close(forget: boolean): Promise<void> {
    this.#database.close({ disableAutoOpen: !forget });
    if (forget) await kept(() => this.#database.delete());
  }

  async #pending(): Promise<PendingChange[]> {
    const { changes } = this.#database;
    const rows = await changes.where('state').equals('pending').sortBy('sequence');
    return rows.map(toPending);
  }

  async #device(): Promise<string> {
    const { meta } = this.#database;
    const found = (await meta.get('device'))?.value;
    if (typeof found === 'string') return found;
    const device = this.#newDevice();
    await meta.put({ name: 'device', value: device });
    return device;
  }

  /** Within the caller's transaction: the highest number given so far, `atLeast` this. */
  async #count(atLeast: number): Promise<number> {
    const { meta } = this.#database;
    const found = (await meta.get('sequence'))?.value;
    const sequence = Math.max(typeof found === 'number' ? found : 0, atLeast);
    await meta.put({ name: 'sequence', value: sequence });
    return sequence;
  }

  async #next(atLeast: number): Promise<number> {
    return this.#count((await this.#count(atLeast)) + 1);
  }

  async #heard(): Promise<LogTail | null> {
    const { log, meta } = this.#database;
    const base = v.safeParse(LogTailSchema, (await meta.get('base'))?.value);
    const entries = v.safeParse(v.array(LoggedChangeSchema), await log.toArray());
    if (!base.success || !entries.success) return null;
    const { state, heard } = base.output;
    return { base: { state, heard: new Map(heard) }, entries: entries.output.sort(compareEntries) };
  }
}

/** `newDevice` draws an id that no other device has. */
export const createLogStores = (newDevice: () => string): LogStorePort => ({
  open: (extension) => new DexieLog(`desk-${extension}`, newDevice),
  newDevice,
});
