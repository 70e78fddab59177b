// The rooms of sessions on stores in memory, with an Asterisk and pages that do what the test says. For tests.
import type { ContactState } from '../../domain/registration/contacts.ts';
import type { Person } from '../../domain/roster/record.ts';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { createDeadlines } from '../deadlines/deadlines.ts';
import type { AgentStatusRow } from '../roster/agent-statuses.ts';
import { createChanges } from '../roster/changes.ts';
import { createLogClock } from '../roster/log-clock.ts';
import { createRoster } from '../roster/roster.ts';
import { openSessions, type SessionRooms } from '../sessions/open-sessions.ts';
import type { Pages } from '../sessions/presence.ts';
import type { Granted } from '../sessions/sessions.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';
import { createFakePbx } from './fake-pbx.ts';
import {
  createMemoryAccounts,
  createMemoryDeadlineStore,
  createMemoryLogStore,
  createMemoryPeople,
  createMemorySessionStore,
  createMemorySipAccounts,
} from './memory-stores.ts';
import { settle } from './settle.ts';

export const MINUTE = 60_000;

export interface FakePages extends Pages {
  connect(session: string): void;
  disconnect(session: string): void;
}

export function createFakePages(): FakePages {
  const connected = new Set<string>();
  const listeners = new Set<(session: string) => void>();
  const tell = (session: string): void => {
    for (const listener of listeners) listener(session);
  };
  return {
    sessions: () => new Set(connected),
    onPresence: (listener) => void listeners.add(listener),
    connect: (session) => (connected.add(session), tell(session)),
    disconnect: (session) => (connected.delete(session), tell(session)),
  };
}

/** What outlives a bridge. Every password is `right`. */
export function createWorld(people: readonly Person[] = [makePerson()]) {
  const rows = new Map<string, AgentStatusRow>();
  return {
    people,
    clock: createFakeClock(T0),
    log: createFakeLog(),
    entries: createMemoryLogStore(),
    sessions: createMemorySessionStore(),
    accounts: createMemoryAccounts(people.map((person) => ({ person, passwordHash: 'hash of right' }))),
    flags: createMemoryPeople(people),
    sip: createMemorySipAccounts(),
    deadlines: createMemoryDeadlineStore(),
    statuses: {
      rows,
      write: (written: readonly AgentStatusRow[]) => {
        for (const row of written) rows.set(row.extension, row);
        return Promise.resolve();
      },
      retain: () => Promise.resolve(),
    },
    /** Hashes that were tried, in order. */
    tried: [] as string[],
  };
}
export type World = ReturnType<typeof createWorld>;

export const TEST_CONFIG = { SIP_REALM: 'desk', MAX_SESSION_H: 14, ORPHAN_ONLINE_MIN: 15, ORPHAN_MIN: 90 };

function passwordsOf({ tried }: World) {
  return {
    decoy: 'hash of nothing',
    verify(hash: string, password: string) {
      tried.push(hash);
      return Promise.resolve(hash === `hash of ${password}`);
    },
  };
}

/** One bridge on the world's stores, from its start on. */
export async function sessionBench(world: World = createWorld(), { ready = true } = {}) {
  const { clock, log, entries, sessions: store, sip, people } = world;
  const roster = createRoster(people, await entries.load(), await entries.lastRev());
  const changes = createChanges({
    ...{ roster, store: entries, logClock: createLogClock(clock, await entries.lastReceived()) },
    lastOwnSequence: await entries.lastSequence('bridge'),
    isSignedIn: (extension) => rooms.sessions.isSignedIn(extension),
  });
  const pbx = createFakePbx('ready');
  const pages = createFakePages();
  const inStep = {
    ready,
    looks: 0,
    enrol: (person: Person) => (roster.enrol(person), Promise.resolve()),
    look: () => void (inStep.looks += 1),
  };
  const deadlines = await createDeadlines({ store: world.deadlines, clock, log });
  const rooms: SessionRooms = await openSessions({
    ...{ clock, log, roster, changes, pages, pbx, deadlines, inStep, passwords: passwordsOf(world) },
    store: {
      ...{ sessions: store, accounts: world.accounts, people: world.flags, pbx: sip },
      statuses: world.statuses,
    },
    ...{ refreshKey: Buffer.alloc(32, 7), config: TEST_CONFIG },
  });
  const ended: string[] = [];
  rooms.sessions.onEnded(({ id }, why) => ended.push(`${id} ${why}`));
  const bench = {
    ...{ world, clock, log, store, sip, roster, changes, pbx, pages, inStep, deadlines, rooms, ended },
    sessions: rooms.sessions,
    async signIn(extension = '1001', device = 'Firefox'): Promise<Granted> {
      const result = await rooms.sessions.signIn({ extension, password: 'right', device });
      if (!result.ok) throw new Error(result.code);
      return result.grant;
    },
    /** The next token, or why there is none. */
    async refresh(token: string): Promise<string> {
      const result = await rooms.sessions.refresh(token);
      return result.ok ? result.grant.refreshToken : result.code;
    },
    intent: (extension = '1001') => roster.get(extension)?.folded.intent,
    /** A contact as Asterisk tells of it; `user` is its user part. */
    contact(user: string, state: ContactState, extension = '1001') {
      const report = { uri: `sip:${user}@host;x-ast-orig-host=page`, state, userAgent: null };
      const contact = { ...report, address: null, roundTripMs: null };
      roster.apply(extension, { type: 'contact', contact, at: clock.now() });
    },
    call(uniqueId: string, phase: 'up' | 'ended', extension = '1001') {
      roster.apply(extension, { type: `channel.${phase}`, uniqueId, at: clock.now() });
    },
    setReady(now: boolean) {
      inStep.ready = now;
      rooms.handleReady();
    },
    /** Minute by minute, so that what each brings about is over before the next. */
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        clock.advance(MINUTE);
        await settle();
        await settle();
      }
    },
    stop() {
      rooms.stop();
      deadlines.stop();
    },
  };
  if (ready) rooms.handleReady();
  return bench;
}
