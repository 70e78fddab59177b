// The room of sessions, put together: who is signed in, from where, and how that ends.
import type { Clock } from '../../domain/clock.ts';
import type { Person } from '../../domain/roster/record.ts';
import type { Config } from '../config.ts';
import type { Deadlines } from '../deadlines/deadlines.ts';
import type { Log } from '../log.ts';
import type { Pbx } from '../reconcile/ports.ts';
import { publishStatuses, type AgentStatusRows } from '../roster/agent-statuses.ts';
import type { Changes } from '../roster/changes.ts';
import { createInTurn } from '../roster/in-turn.ts';
import type { PeopleStore } from '../roster/ports.ts';
import type { Roster } from '../roster/roster.ts';
import { AfterCall } from './after-call.ts';
import { Contacts } from './contacts.ts';
import { followDesks } from './desks.ts';
import { Endings } from './endings.ts';
import { createMaxAge } from './max-age.ts';
import { Orphans } from './orphans.ts';
import type { AccountStore, SessionStore, SipAccounts } from './ports.ts';
import type { Pages } from './presence.ts';
import { Receipts } from './receipts.ts';
import { Registry } from './registry.ts';
import { Reopening } from './reopening.ts';
import { Sessions, type Passwords } from './sessions.ts';
import { SignOuts } from './sign-outs.ts';
import { Strays } from './strays.ts';

export interface SessionRoomDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly roster: Roster;
  readonly changes: Changes;
  readonly pages: Pages;
  readonly pbx: Pick<Pbx, 'pruneContacts' | 'hangUp'>;
  readonly store: {
    readonly sessions: SessionStore;
    readonly accounts: AccountStore;
    readonly people: Pick<PeopleStore, 'setRegistered'>;
    readonly pbx: SipAccounts;
    readonly statuses: AgentStatusRows;
  };
  readonly deadlines: Deadlines;
  readonly passwords: Passwords;
  /** Key of the chains of refresh tokens. */
  readonly refreshKey: Buffer;
  readonly config: Pick<Config, 'SIP_REALM' | 'MAX_SESSION_H' | 'ORPHAN_ONLINE_MIN' | 'ORPHAN_MIN'>;
  /** The side that keeps Asterisk in step. */
  readonly inStep: {
    readonly ready: boolean;
    enrol(person: Person): Promise<void>;
    look(): void;
  };
}

export interface SessionRooms {
  readonly sessions: Sessions;
  readonly contacts: Contacts;
  readonly receipts: Receipts;
  readonly commands: Pick<SignOuts, 'signOutDevice' | 'signOutAgent'>;
  /** To be called whenever `inStep.ready` may have changed. */
  handleReady(): void;
  stop(): void;
}

/** How sessions end, and what makes them end by themselves. */
function endingRooms(deps: SessionRoomDeps, registry: Registry) {
  const { clock, log, roster, changes, pages, pbx, inStep, deadlines, config } = deps;
  const { sessions: store, people, pbx: sip } = deps.store;
  const isReady = (): boolean => inStep.ready;
  const look = (): void => inStep.look();
  const contacts = new Contacts({ roster, clock, log, sip, pbx, store, people, isReady, look });
  const inTurn = createInTurn();
  const endings = new Endings({ clock, log, registry, roster, store, contacts, changes, inTurn });
  const afterCall = new AfterCall({ registry, roster, store, endings, isReady });
  const maxSessionMs = config.MAX_SESSION_H * 3_600_000;
  const maxAge = createMaxAge({ registry, deadlines, afterCall, endings, maxSessionMs, log });
  const limits = { onlineMs: config.ORPHAN_ONLINE_MIN * 60_000, otherMs: config.ORPHAN_MIN * 60_000 };
  const orphans = new Orphans({
    ...{ registry, roster, pages, clock, log, store, endings, limits, isReady, inTurn },
  });
  const strays = new Strays({ registry, roster, clock, contacts, isReady, inTurn });
  const signOuts = new SignOuts({ registry, roster, store, endings, afterCall, contacts, pbx, log });
  return { contacts, endings, afterCall, maxAge, maxSessionMs, inTurn, orphans, strays, signOuts };
}

/** With the sessions that were open before the restart. Rejects with StoreError. */
export async function openSessions(deps: SessionRoomDeps): Promise<SessionRooms> {
  const { clock, log, roster, changes, pages, passwords, refreshKey } = deps;
  const realm = deps.config.SIP_REALM;
  const { sessions: store, accounts, pbx: sip, statuses: rows } = deps.store;
  const alreadyOpen = await store.allOpen();
  await sip.retain(alreadyOpen);
  await store.rewriteOnline();
  const registry = new Registry(clock, alreadyOpen);
  followDesks({ registry, pages, roster, clock });
  const rooms = endingRooms(deps, registry);
  const { contacts, endings, afterCall, maxAge, maxSessionMs, inTurn, orphans, strays, signOuts } = rooms;
  const reopening = new Reopening({ registry, roster, clock, log, store, sip, changes, maxAge, realm });
  const sessions = new Sessions({
    ...{ clock, log, registry, store, accounts, sip, changes, endings, reopening, maxAge },
    ...{ passwords, refreshKey, realm, inTurn },
    enrol: (person) => deps.inStep.enrol(person),
    noteRefresh: (id) => orphans.noteRefresh(id),
  });
  await reopening.resumeAll();
  const stopStatuses = publishStatuses({ roster, rows, clock, log });
  return {
    ...{ sessions, contacts },
    commands: {
      signOutDevice: (actor, order) => signOuts.signOutDevice(actor, order),
      signOutAgent: (actor, order) => signOuts.signOutAgent(actor, order),
    },
    receipts: new Receipts({ registry, roster, clock, log, store, endings, changes, maxSessionMs }),
    handleReady() {
      orphans.handleReady();
      afterCall.handleReady();
      strays.handleReady();
    },
    stop() {
      orphans.stop();
      strays.stop();
      endings.stop();
      stopStatuses();
    },
  };
}
