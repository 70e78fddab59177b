// What sessions need from the outside.
import type { Person, Role } from '../../domain/roster/record.ts';

export interface Session {
  readonly id: string;
  readonly extension: string;
  readonly deviceLabel: string;
  /** ms. */
  readonly openedAt: number;
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
  /** Closing a closed session changes nothing. */
  close(id: string, at: number, why: string): Promise<void>;
  allOpen(): Promise<readonly Session[]>;
  refreshToken(hash: string): Promise<RefreshToken | null>;
  /** Marks `hash` as exchanged at `at` and stores its successor; a repeated exchange changes nothing. */
  exchange(hash: string, successor: string, session: string, at: number): Promise<void>;
  setOnline(extension: string, online: boolean): Promise<void>;
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
  /** Removes secrets whose session is not in `open` (a crash between two steps left them). */
  retain(open: readonly Session[]): Promise<void>;
}
