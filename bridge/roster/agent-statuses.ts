// OP5: the current truth as rows for other programs: derived from the roster, written behind it, never read by the bridge.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import { statusOf } from '../../domain/roster/view.ts';
import type { AutoReason } from '../../domain/status/derive.ts';
import { NO_INTENT } from '../../domain/status/fold.ts';
import { errorFields, type Log } from '../log.ts';
import type { Roster } from './roster.ts';

export interface AgentStatusRow {
  readonly extension: string;
  readonly status: string;
  readonly reason: string | null;
  /** ms; null: no entry ever. */
  readonly since: number | null;
  /** Beside ON_CALL: the status that follows. */
  readonly next: string | null;
}

/** Rejects with StoreError. */
export interface AgentStatusRows {
  write(rows: readonly AgentStatusRow[]): Promise<void>;
  /** Removes the rows of everybody else. */
  retain(extensions: readonly string[]): Promise<void>;
}

/** ms in which changes are gathered into one write. */
export const GATHER_MS = 100;
/** ms until what could not be written is tried again. */
export const REWRITE_MS = 5_000;

/** ST4, ST5: the same words as in Asterisk. */
const AUTO_TEXT: Readonly<Record<AutoReason, string>> = {
  'sip-not-registered': 'Auto: SIP not registered',
  'sip-registered': 'Auto: SIP registered',
};

export function statusRow(record: AgentRecord): AgentStatusRow {
  const { status, reason, auto, since, next } = statusOf(record);
  return {
    ...{ extension: record.person.extension, status, next: next?.status ?? null },
    reason: reason ?? (auto === null ? null : AUTO_TEXT[auto]),
    since: since === NO_INTENT.since ? null : since,
  };
}

const sameRow = (a: AgentStatusRow | undefined, b: AgentStatusRow): boolean =>
  a?.status === b.status && a.reason === b.reason && a.since === b.since && a.next === b.next;

interface Deps {
  readonly roster: Roster;
  readonly rows: AgentStatusRows;
  readonly clock: Clock;
  readonly log: Log;
}

/** All of them at once, then what changes. A write that fails is a warning and tried again. Returns how to stop. */
export function publishStatuses({ roster, rows, clock, log }: Deps): () => void {
  const written = new Map<string, AgentStatusRow>();
  const dirty = new Set([...roster.all()].map(({ person }) => person.extension));
  let cleaned = false;
  let writing = false;
  let stopped = false;
  let timer: Cancel | null = null;

  function later(delayMs: number): void {
    if (!writing && !stopped) timer ??= clock.after(delayMs, () => void flush());
  }

  async function write(extensions: readonly string[]): Promise<void> {
    if (!cleaned) await rows.retain([...roster.all()].map(({ person }) => person.extension));
    cleaned = true;
    const records = extensions.map((one) => roster.get(one)).filter((record) => record !== undefined);
    const changed = records.map(statusRow).filter((row) => !sameRow(written.get(row.extension), row));
    if (changed.length > 0) await rows.write(changed);
    for (const row of changed) written.set(row.extension, row);
  }

  async function flush(): Promise<void> {
    timer = null;
    writing = true;
    const extensions = [...dirty];
    dirty.clear();
    let nextMs = GATHER_MS;
    try {
      await write(extensions);
    } catch (error) {
      log.warn(errorFields(error), 'agent_statuses not written');
      for (const one of extensions) dirty.add(one);
      nextMs = REWRITE_MS;
    }
    writing = false;
    if (dirty.size > 0) later(nextMs);
  }

  later(0);
  const unsubscribe = roster.onChange((now) => {
    dirty.add(now.person.extension);
    later(GATHER_MS);
  });
  return () => {
    stopped = true;
    unsubscribe();
    timer?.();
  };
}
