// What sessions need from the outside.
import type { Person, Role } from '../../domain/roster/record.ts';

export interface Session {
  readonly id: string;
  readonly extension: string;
  readonly deviceLabel: string;
  /** ms. */
  readonly openedAt: number;
}

/** Why a session ended, or shall end. */
export type EndReason =
  | 'signed out'
  | 'signed out everywhere'
  | 'signed out by supervisor'
  | 'refresh token reused'
  | 'expired'
  | 'not completed'
  | 'orphan'
  | 'too long';

/** SE4: an ending that waits for the end of the call. */
export interface PendingEnd {
  readonly why: EndReason;
  /** Extension of who asked for it, or `bridge`. */
  readonly by: string;
}

/** SE5: what is known of the device's presence. */
export interface Seen {
  /** ms; when a contact or a page of it was there for the last time; null: never. */
  readonly lastSeenAt: number | null;
  /** ms for which neither was, as far as the bridge could know. */
  readonly absentMs: number;
}

/** A session that is open, as it is stored. */
export interface OpenSession extends Session, Seen {
  readonly ending: PendingEnd | null;
  /** The entry that set the agent OFFLINE when it was closed as an orphan, until what was before is in force again. */
  readonly offlineEntry: string | null;
}

export interface ClosedSession extends OpenSession {
  /** ms. */
  readonly closedAt: number;
  readonly closedWhy: EndReason;
}

/** How a session is closed. */
export interface Closing {
  /** ms. */
  readonly at: number;
  readonly why: EndReason;
  readonly offlineEntry: string | null;
}

/** SE6: one session of an agent. */
export interface SessionTime {
  readonly id: string;
  readonly deviceLabel: string;
  /** ms. */
  readonly openedAt: number;
  /** ms; null: it is open. */
  readonly closedAt: number | null;
  readonly why: EndReason | null;
}

/** SE6: what an agent's sessions come to within a time, such as a day. */
export interface SessionTimes {
  /** In order of opening. */
  readonly sessions: readonly SessionTime[];
  /** Opened, and closed, within it. */
  readonly signIns: number;
  readonly signOuts: number;
  /** ms within it with at least one open session. */
  readonly signedInMs: number;
}

export interface RefreshToken {
  readonly session: string;
  /** ms. */
  readonly issuedAt: number;
  /** ms; when it was exchanged, null while it is the newest. */
  readonly replacedAt: number | null;
  /** Hash of the token that followed it. */
  readonly successor: string | null;
}

/** Every method rejects with StoreError when the store is away. */
export interface SessionStore {
  open(session: Session, refreshHash: string): Promise<void>;
  /** Closing a closed session changes nothing. A pending ending is over with it. */
  close(id: string, closing: Closing): Promise<void>;
  /** SE5: an orphan that came back, seen at `at` (ms). False: it is none, or was sealed; nothing was changed. */
  reopen(id: string, at: number): Promise<boolean>;
  /**
   * An orphan that shall not be opened again; of any other session it changes nothing. `at`: ms; when it is known to have
   * been over: it lasted until then, if that is later.
   */
  seal(id: string, why: EndReason, at?: number): Promise<void>;
  /** The same for every orphan of the agent; `openedBy`: ms; not for those opened after it. */
  sealOrphans(extension: string, why: EndReason, openedBy?: number): Promise<void>;
  allOpen(): Promise<readonly OpenSession[]>;
  /** Open or closed. */
  find(id: string): Promise<OpenSession | ClosedSession | null>;
  setEnding(id: string, ending: PendingEnd | null): Promise<void>;
  /** SE5: of many sessions at once. */
  noteSeen(seen: readonly (Seen & { readonly id: string })[]): Promise<void>;
  /** The intent from before the session was closed is in force again. */
  clearOfflineEntry(id: string): Promise<void>;
  /** SE6: of the sessions that were open at some time from `from` until before `to` (ms, not later than now). */
  sessionTimes(extension: string, from: number, to: number): Promise<SessionTimes>;
  refreshToken(hash: string): Promise<RefreshToken | null>;
  /** Marks `hash` as exchanged at `at` and stores its successor; a repeated exchange changes nothing. */
  exchange(hash: string, successor: string, session: string, at: number): Promise<void>;
  setOnline(extension: string, online: boolean): Promise<void>;
  /** OP5: `users.online` of everybody, from the sessions there are. */
  rewriteOnline(): Promise<void>;
}

export interface Account {
  readonly person: Person;
  readonly passwordHash: string;
}

export interface NewAccount {
  readonly extension: string;
  readonly name: string;
  readonly role: Role;
  readonly teams: readonly string[];
  readonly passwordHash: string;
}

export interface AccountStore {
  find(extension: string): Promise<Account | null>;
  add(account: NewAccount, at: number): Promise<void>;
  setPassword(extension: string, passwordHash: string): Promise<boolean>;
  setRole(extension: string, role: Role): Promise<boolean>;
  countAdmins(): Promise<number>;
}

export interface SipSecret {
  readonly username: string;
  /** RFC 2617 §3.2.2.2: MD5(username:realm:secret); the secret itself is kept nowhere. */
  readonly ha1: string;
}

/** SE1, RG8: one SIP secret per session, in the tables Asterisk reads. */
export interface SipAccounts {
  grant(extension: string, session: string, secret: SipSecret): Promise<void>;
  /** The session's secret, null when it was revoked or never granted. */
  find(extension: string, session: string): Promise<SipSecret | null>;
  revoke(extension: string, session: string): Promise<void>;
  /** Marks the session's contacts expired; Asterisk prunes them when next asked (RG8). */
  expireContacts(extension: string, session: string): Promise<void>;
  /** The same for one contact, by its URI: a desk phone's, which names no session. */
  expireContact(extension: string, uri: string): Promise<void>;
  /** RG6, RG7. */
  markContact(extension: string, uri: string, status: 'Reachable'): Promise<void>;
  /** Removes secrets whose session is not in `open` (a crash between two steps left them). */
  retain(open: readonly Session[]): Promise<void>;
}
