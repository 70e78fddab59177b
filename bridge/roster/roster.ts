// The bridge's picture of everybody: facts go in, records come out, listeners hear of what changed. No I/O.
import { isSame } from '../../domain/equal.ts';
import { createAgentLog, type AgentLog } from '../../domain/status/agent-log.ts';
import { foldHolds } from '../../domain/status/holds.ts';
import { isChange, type Change, type HoldFact, type LogEntry } from '../../domain/status/log.ts';
import { newRecord, type AgentRecord, type Person } from '../../domain/roster/record.ts';
import { reduceAgent, type AgentFact } from '../../domain/roster/reduce.ts';

export type RosterListener = (now: AgentRecord, before: AgentRecord) => void;
export type LoggedListener = (change: Change, late: boolean) => void;

/** A round trip is never twice the same: half as long, or twice, is news. */
const coarse = (roundTripMs: number | null): number | null =>
  roundTripMs && Math.round(Math.log2(Math.max(1, roundTripMs)));

/** The record without the times at which it was last heard of. */
const timeless = (record: AgentRecord): AgentRecord => ({
  ...record,
  registration: { ...record.registration, asOf: 0 },
  contacts: record.contacts.map((contact) => {
    return { ...contact, at: 0, roundTripMs: coarse(contact.roundTripMs) };
  }),
  members: record.members.map((member) => ({
    ...member,
    observed: member.observed && { ...member.observed, at: 0 },
  })),
});

/** A look at everything confirms thousands of agents a minute: that is kept, and no news for anybody. */
const isOnlyFresher = (now: AgentRecord, before: AgentRecord): boolean =>
  isSame(timeless(now), timeless(before));

const isHold = (entry: LogEntry): entry is HoldFact => entry.kind === 'hold';

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
  /** Takes in a stored entry. What changes neither intent nor holds is only counted. */
  record(entry: LogEntry, rev: number): void;
  changedSince(rev: number): readonly AgentRecord[];
  /** A listener that changes something itself hears of that after all have heard of this. */
  onChange(listener: RosterListener): () => void;
  /** Hears of every change of an agent's log, before what it does to the record; `late`: others sort after it. */
  onLogged(listener: LoggedListener): () => void;
}

/** Each person's log and holds, and the record they make. */
function pictureOf(people: readonly Person[], entries: readonly LogEntry[]) {
  const byAgent = Map.groupBy(entries, (entry) => entry.agent);
  const logs = new Map<string, AgentLog>();
  const holdFacts = new Map<string, readonly HoldFact[]>();
  const records = new Map<string, AgentRecord>();
  for (const person of people) {
    const own = byAgent.get(person.extension) ?? [];
    const [log, facts] = [createAgentLog(own.filter(isChange)), own.filter(isHold)];
    logs.set(person.extension, log);
    holdFacts.set(person.extension, facts);
    records.set(person.extension, {
      ...newRecord(person),
      ...{ folded: log.folded, lastReceived: log.lastReceived, holds: foldHolds(facts) },
    });
  }
  return { logs, holdFacts, records };
}

/** Everybody hears of everything in the order in which it happened, also when a listener brings the next about. */
function inOrder(listeners: Iterable<RosterListener>): RosterListener {
  const news: Parameters<RosterListener>[] = [];
  let telling = false;
  return (...change) => {
    news.push(change);
    if (telling) return;
    telling = true;
    try {
      for (let one = news.shift(); one; one = news.shift())
        for (const listener of listeners) listener(...one);
    } finally {
      telling = false;
    }
  };
}

/** `entries`: the whole log, in any order. */
export function createRoster(
  people: readonly Person[],
  entries: readonly LogEntry[],
  startRev: number,
): Roster {
  const { logs, holdFacts, records } = pictureOf(people, entries);
  const changedAt = new Map<string, number>();
  const listeners = new Set<RosterListener>();
  const loggedListeners = new Set<LoggedListener>();
  let rev = startRev;
  const tell = inOrder(listeners);

  const logOf = (extension: string): AgentLog => {
    const log = logs.get(extension);
    if (!log) throw new Error(`no agent ${extension}`);
    return log;
  };

  function apply(extension: string, fact: AgentFact): void {
    const before = records.get(extension);
    if (!before) return;
    const now = reduceAgent(before, fact);
    if (now === before) return;
    if (isOnlyFresher(now, before)) records.set(extension, now);
    else keep(now, before);
  }

  function keep(now: AgentRecord, before: AgentRecord): void {
    const { extension } = now.person;
    rev += 1;
    records.set(extension, now);
    changedAt.set(extension, rev);
    tell(now, before);
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
    record(entry, storedRev) {
      const { agent } = entry;
      const place = isChange(entry) ? logOf(agent).add(entry) : 'newest';
      if (!place) return;
      // Never behind the store's counter, so that a rev told before a restart is not given out again.
      rev = Math.max(rev, storedRev);
      if (isHold(entry)) {
        const facts = [...(holdFacts.get(agent) ?? []), entry];
        holdFacts.set(agent, facts);
        apply(agent, { type: 'holds', holds: foldHolds(facts) });
      } else if (isChange(entry)) {
        const log = logOf(agent);
        for (const listener of loggedListeners) listener(entry, place === 'late');
        apply(agent, { type: 'folded', folded: log.folded, lastReceived: log.lastReceived });
      }
    },
    changedSince: (since) =>
      [...records.values()].filter((one) => (changedAt.get(one.person.extension) ?? 0) > since),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLogged(listener) {
      loggedListeners.add(listener);
      return () => loggedListeners.delete(listener);
    },
  };
}
