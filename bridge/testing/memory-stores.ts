// The stores in memory, for tests of the rooms that use them.
import type { Person } from '../../domain/roster/record.ts';
import type { LogEntry } from '../../domain/status/log.ts';
import { StoreError, type LogStore, type PeopleStore } from '../roster/ports.ts';
import type {
  Account,
  AccountStore,
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
  readonly closed: readonly { readonly id: string; readonly at: number; readonly why: string }[];
  readonly online: ReadonlyMap<string, boolean>;
  readonly tokens: ReadonlyMap<string, RefreshToken>;
}

export function createMemorySessionStore(): MemorySessionStore {
  const open = new Map<string, Session>();
  const tokens = new Map<string, RefreshToken>();
  const closed: { id: string; at: number; why: string }[] = [];
  const online = new Map<string, boolean>();
  return {
    ...{ closed, online, tokens },
    open(session, refreshHash) {
      open.set(session.id, session);
      const { id, openedAt: issuedAt } = session;
      tokens.set(refreshHash, { session: id, issuedAt, replacedAt: null, successor: null });
      return Promise.resolve();
    },
    close(id, at, why) {
      if (open.delete(id)) closed.push({ id, at, why });
      return Promise.resolve();
    },
    allOpen: () => Promise.resolve([...open.values()]),
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
  };
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
  readonly expired: readonly string[];
}

export function createMemorySipAccounts(): MemorySipAccounts {
  const secrets = new Map<string, SipSecret>();
  const expired: string[] = [];
  return {
    ...{ secrets, expired },
    grant: (extension, session, secret) => (
      secrets.set(`${extension}-${session}`, secret),
      Promise.resolve()
    ),
    find: (extension, session) => Promise.resolve(secrets.get(`${extension}-${session}`) ?? null),
    revoke: (extension, session) => (secrets.delete(`${extension}-${session}`), Promise.resolve()),
    expireContacts: (_extension, session) => (expired.push(session), Promise.resolve()),
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
  };
}
