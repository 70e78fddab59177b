// The stores in memory, for tests of the rooms that use them.
import type { Person } from '../../domain/roster/record.ts';
import type { LogEntry } from '../../domain/status/log.ts';
import { StoreError, type LogStore, type PeopleStore } from '../roster/ports.ts';
import type { Deadline, DeadlineStore } from '../deadlines/ports.ts';
import type {
  Account,
  AccountStore,
  ClosedSession,
  Closing,
  OpenSession,
  RefreshToken,
  Session,
  SessionStore,
  SipAccounts,
  SipSecret,
} from '../sessions/ports.ts';

export interface MemoryLogStore extends LogStore {
  readonly entries: readonly LogEntry[];
  /** While true every write is refused. */
  failing: boolean;
}

export function createMemoryLogStore(): MemoryLogStore {
  const entries: LogEntry[] = [];
  const store: MemoryLogStore = {
    entries,
    failing: false,
    append(entry) {
      if (store.failing) return Promise.reject(new StoreError(new Error('disk full')));
      const known = entries.findIndex((one) => one.id === entry.id);
      if (known < 0) entries.push(entry);
      return Promise.resolve({ rev: known < 0 ? entries.length : known + 1, added: known < 0 });
    },
    async appendAll(all) {
      const stored = new Map<string, number>();
      for (const entry of all) {
        const { rev, added } = await store.append(entry);
        if (added) stored.set(entry.id, rev);
      }
      return stored;
    },
    load: () => Promise.resolve([...entries]),
    lastSequence: (device) =>
      Promise.resolve(
        Math.max(0, ...entries.filter((one) => one.device === device).map((one) => one.sequence)),
      ),
    lastRev: () => Promise.resolve(entries.length),
    lastReceived: () => Promise.resolve(Math.max(0, ...entries.map((one) => one.received ?? 0))),
  };
  return store;
}

export interface MemorySessionStore extends SessionStore {
  readonly closed: readonly (Closing & { readonly id: string })[];
  readonly online: ReadonlyMap<string, boolean>;
  readonly tokens: ReadonlyMap<string, RefreshToken>;
  /** How often presence was written. */
  readonly notes: number;
}

type Stored = OpenSession | ClosedSession;

const isOpen = (session: Stored): session is OpenSession => !('closedAt' in session);

const isOrphan = (session: Stored | undefined): session is ClosedSession =>
  session !== undefined && 'closedWhy' in session && session.closedWhy === 'orphan';

const newlyOpen = (session: Session): OpenSession => ({
  ...session,
  ...{ lastSeenAt: null, absentMs: 0, ending: null, offlineEntry: null },
});

export function createMemorySessionStore(): MemorySessionStore {
  const all = new Map<string, Stored>();
  const tokens = new Map<string, RefreshToken>();
  const closed: (Closing & { id: string })[] = [];
  const online = new Map<string, boolean>();
  let notes = 0;
  const change = (id: string, given: Partial<ClosedSession>): Promise<void> => {
    const session = all.get(id);
    if (session) all.set(id, { ...session, ...given });
    return Promise.resolve();
  };
  const openOnes = (): OpenSession[] => [...all.values()].filter(isOpen);
  return {
    ...{ closed, online, tokens },
    get notes() {
      return notes;
    },
    open(session, refreshHash) {
      all.set(session.id, newlyOpen(session));
      const { id, openedAt: issuedAt } = session;
      tokens.set(refreshHash, { session: id, issuedAt, replacedAt: null, successor: null });
      return Promise.resolve();
    },
    close(id, closing) {
      const session = all.get(id);
      if (!session || !isOpen(session)) return Promise.resolve();
      closed.push({ id, ...closing });
      const { at: closedAt, why: closedWhy, offlineEntry } = closing;
      return change(id, { closedAt, closedWhy, offlineEntry, ending: null });
    },
    reopen(id, at) {
      const session = all.get(id);
      if (!session || !isOrphan(session)) return Promise.resolve(false);
      const { extension, deviceLabel, openedAt, offlineEntry } = session;
      const again = newlyOpen({ id, extension, deviceLabel, openedAt });
      all.set(id, { ...again, lastSeenAt: at, offlineEntry });
      return Promise.resolve(true);
    },
    seal(id, closedWhy, at = 0) {
      const session = all.get(id);
      if (!isOrphan(session)) return Promise.resolve();
      return change(id, { closedWhy, offlineEntry: null, closedAt: Math.max(session.closedAt, at) });
    },
    async sealOrphans(extension, closedWhy, openedBy = Infinity) {
      for (const one of all.values()) {
        if (one.extension === extension && isOrphan(one) && one.openedAt <= openedBy)
          await change(one.id, { closedWhy, offlineEntry: null });
      }
    },
    find: (id) => Promise.resolve(all.get(id) ?? null),
    setEnding: (id, ending) => change(id, { ending }),
    clearOfflineEntry: (id) => change(id, { offlineEntry: null }),
    async noteSeen(seen) {
      notes += 1;
      for (const { id, lastSeenAt, absentMs } of seen) await change(id, { lastSeenAt, absentMs });
    },
    allOpen: () => Promise.resolve(openOnes()),
    refreshToken: (hash) => Promise.resolve(tokens.get(hash) ?? null),
    exchange(hash, successor, session, at) {
      if (!tokens.has(successor))
        tokens.set(successor, { session, issuedAt: at, replacedAt: null, successor: null });
      const before = tokens.get(hash);
      if (before?.replacedAt === null) tokens.set(hash, { ...before, replacedAt: at, successor });
      return Promise.resolve();
    },
    setOnline(extension, is) {
      online.set(extension, is);
      return Promise.resolve();
    },
    rewriteOnline() {
      online.clear();
      for (const { extension } of openOnes()) online.set(extension, true);
      return Promise.resolve();
    },
    sessionTimes: () => Promise.reject(new Error('not for tests')),
  };
}

export interface MemoryDeadlineStore extends DeadlineStore {
  /** While true every write is refused. */
  failing: boolean;
}

export function createMemoryDeadlineStore(): MemoryDeadlineStore {
  const rows = new Map<string, Deadline>();
  const refused = () => Promise.reject(new StoreError(new Error('disk full')));
  const store: MemoryDeadlineStore = {
    failing: false,
    all: () => Promise.resolve([...rows.values()]),
    put(deadline) {
      if (store.failing) return refused();
      rows.set(deadline.key, deadline);
      return Promise.resolve();
    },
    remove(key, dueMs) {
      if (store.failing) return refused();
      if (dueMs === undefined || rows.get(key)?.dueMs === dueMs) rows.delete(key);
      return Promise.resolve();
    },
  };
  return store;
}

export function createMemoryAccounts(accounts: readonly Account[]): AccountStore {
  const byExtension = new Map(accounts.map((account) => [account.person.extension, account]));
  const nothing = () => Promise.reject(new Error('not for tests'));
  return {
    find: (extension) => Promise.resolve(byExtension.get(extension) ?? null),
    ...{ add: nothing, setPassword: nothing, setRole: nothing, countAdmins: nothing },
  };
}

export interface MemorySipAccounts extends SipAccounts {
  readonly secrets: ReadonlyMap<string, SipSecret>;
  /** Sessions and URIs, in order. */
  readonly expired: readonly string[];
  /** `extension uri`, in order. */
  readonly marked: readonly string[];
}

export function createMemorySipAccounts(): MemorySipAccounts {
  const secrets = new Map<string, SipSecret>();
  const expired: string[] = [];
  const marked: string[] = [];
  return {
    ...{ secrets, expired, marked },
    grant: (extension, session, secret) => (
      secrets.set(`${extension}-${session}`, secret),
      Promise.resolve()
    ),
    find: (extension, session) => Promise.resolve(secrets.get(`${extension}-${session}`) ?? null),
    revoke: (extension, session) => (secrets.delete(`${extension}-${session}`), Promise.resolve()),
    expireContacts: (_extension, session) => (expired.push(session), Promise.resolve()),
    expireContact: (_extension, uri) => (expired.push(uri), Promise.resolve()),
    markContact: (extension, uri) => (marked.push(`${extension} ${uri}`), Promise.resolve()),
    retain: () => Promise.resolve(),
  };
}

export interface MemoryPeople extends PeopleStore {
  readonly registered: ReadonlyMap<string, boolean>;
}

export function createMemoryPeople(people: readonly Person[]): MemoryPeople {
  const registered = new Map<string, boolean>();
  return {
    registered,
    all: () => Promise.resolve(people),
    setRegistered: (extension, is) => (registered.set(extension, is), Promise.resolve()),
    setAllRegistered(all) {
      for (const [extension, is] of all) registered.set(extension, is);
      return Promise.resolve();
    },
  };
}
