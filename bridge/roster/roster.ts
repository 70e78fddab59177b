// The bridge's picture of everybody: facts go in, records come out, listeners hear of what changed. No I/O.
import { createAgentLog, type AgentLog } from '../../domain/status/agent-log.ts';
import type { Change } from '../../domain/status/log.ts';
import { newRecord, type AgentRecord, type Person } from '../../domain/roster/record.ts';
import { reduceAgent, type AgentFact } from '../../domain/roster/reduce.ts';

export type RosterListener = (now: AgentRecord, before: AgentRecord) => void;

export interface Roster {
  /** The change counter (WR1): grows with every change anybody can see. */
  readonly rev: number;
  get(extension: string): AgentRecord | undefined;
  all(): Iterable<AgentRecord>;
  logOf(extension: string): AgentLog;
  /** Adds a person, or takes over what changed of one; false when nothing did. */
  enrol(person: Person): boolean;
  /** Facts about nobody we know are ignored. */
  apply(extension: string, fact: AgentFact): void;
  /** Adds a stored change to its agent's log; false when it was there already. */
  record(change: Change, rev: number): boolean;
  changedSince(rev: number): readonly AgentRecord[];
  onChange(listener: RosterListener): () => void;
}

export function createRoster(
  people: readonly Person[],
  changes: readonly Change[],
  startRev: number,
): Roster {
  const byAgent = Map.groupBy(changes, (change) => change.agent);
  const logs = new Map(
    people.map(({ extension }) => [extension, createAgentLog(byAgent.get(extension) ?? [])]),
  );
  const records = new Map(people.map((person) => [person.extension, withLog(newRecord(person), logs)]));
  const changedAt = new Map<string, number>();
  const listeners = new Set<RosterListener>();
  let rev = startRev;

  const logOf = (extension: string): AgentLog => {
    const log = logs.get(extension);
    if (!log) throw new Error(`no agent ${extension}`);
    return log;
  };

  function apply(extension: string, fact: AgentFact): void {
    const before = records.get(extension);
    if (!before) return;
    const now = reduceAgent(before, fact);
    if (now !== before) keep(now, before);
  }

  function keep(now: AgentRecord, before: AgentRecord): void {
    const { extension } = now.person;
    rev += 1;
    records.set(extension, now);
    changedAt.set(extension, rev);
    for (const listener of listeners) listener(now, before);
  }

  return {
    get rev() {
      return rev;
    },
    get: (extension) => records.get(extension),
    all: () => records.values(),
    logOf,
    enrol(person) {
      const before = records.get(person.extension);
      if (before) {
        apply(person.extension, { type: 'person', person });
      } else {
        logs.set(person.extension, createAgentLog());
        keep(newRecord(person), newRecord(person));
      }
      return records.get(person.extension) !== before;
    },
    apply,
    record(change, storedRev) {
      const log = logOf(change.agent);
      if (!log.add(change)) return false;
      // Never behind the store's counter, so that a rev told before a restart is not given out again.
      rev = Math.max(rev, storedRev);
      apply(change.agent, { type: 'folded', folded: log.folded, lastReceived: log.lastReceived });
      return true;
    },
    changedSince: (since) =>
      [...records.values()].filter((one) => (changedAt.get(one.person.extension) ?? 0) > since),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function withLog(record: AgentRecord, logs: ReadonlyMap<string, AgentLog>): AgentRecord {
  const log = logs.get(record.person.extension);
  return log ? { ...record, folded: log.folded, lastReceived: log.lastReceived } : record;
}
