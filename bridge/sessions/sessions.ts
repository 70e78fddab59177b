// SE1-SE4: sign-in to sign-out of one device.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';
import { errorFields, type Log } from '../log.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type {
  AccountStore,
  EndReason,
  RefreshToken,
  Session,
  SessionStore,
  SipAccounts,
  SipSecret,
} from './ports.ts';
import { newSessionId, newSipSecret } from './sip-secret.ts';
import { judgeRefresh, successorOf, tokenHash, type RefreshJudgement } from './tokens.ts';

export interface Granted {
  readonly session: Session;
  readonly person: Person;
  readonly refreshToken: string;
  readonly sip: SipSecret;
}

export type Grant =
  { readonly ok: true; readonly grant: Granted } | { readonly ok: false; readonly code: Refusal };

export interface Passwords {
  verify(hash: string, password: string): Promise<boolean>;
  /** A hash nobody's password fits, so that an unknown extension takes as long as a wrong password. */
  readonly decoy: string;
}

export interface SessionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: SessionStore;
  readonly accounts: AccountStore;
  readonly sip: SipAccounts;
  readonly changes: Pick<OwnEntries, 'step' | 'signedOut'>;
  readonly passwords: Passwords;
  /** Key of the chain of refresh tokens. */
  readonly refreshKey: Buffer;
  readonly realm: string;
  /** Makes a person known who was added, or changed, while the bridge ran. */
  readonly enrol: (person: Person) => Promise<void>;
  /** Makes Asterisk drop expired contacts now. */
  readonly pruneContacts: (extension: string) => Promise<void>;
}

const BY_PERSON: ReadonlySet<EndReason> = new Set(['signed out', 'signed out everywhere']);

const refused = (code: Refusal): Grant => ({ ok: false, code });

export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #open: Map<string, Session>;
  readonly #listeners = new Set<(session: Session, why: EndReason) => void>();

  constructor(deps: SessionsDeps, alreadyOpen: readonly Session[]) {
    this.#deps = deps;
    this.#open = new Map(alreadyOpen.map((session) => [session.id, session]));
  }

  /** Rejects with StoreError. Takes as long for an unknown extension as for a wrong password. */
  async signIn(request: { extension: string; password: string; device: string }): Promise<Grant> {
    const { accounts, passwords } = this.#deps;
    const account = await accounts.find(request.extension);
    const right = await passwords.verify(account?.passwordHash ?? passwords.decoy, request.password);
    if (!account || !right) return refused('wrong-credentials');
    return { ok: true, grant: await this.#begin(account.person, request.device) };
  }

  /** SE1: exchanges a refresh token for the next. An old one closes the session. */
  async refresh(token: string): Promise<Grant> {
    const { store, clock, log, refreshKey } = this.#deps;
    const hash = tokenHash(token);
    const known = await store.refreshToken(hash);
    if (!known) return refused('unauthorised');
    const session = this.#open.get(known.session);
    if (!session) return refused('session-ended');
    const judgement = await this.#judge(known);
    if (judgement === 'reused') {
      log.warn(
        { agent: session.extension, session: session.id },
        'an old refresh token came back: session closed',
      );
      await this.#end(session, 'refresh token reused');
      return refused('session-ended');
    }
    if (judgement === 'expired') {
      await this.#end(session, 'expired');
      return refused('session-ended');
    }
    const successor = successorOf(token, refreshKey);
    if (judgement === 'exchange') await store.exchange(hash, tokenHash(successor), session.id, clock.now());
    return this.#grantAgain(session, successor);
  }

  /** SE4. Every step is tried even if one before failed; resolves when all were. */
  async signOut(id: string, everywhere: boolean): Promise<void> {
    const session = this.#open.get(id);
    if (!session) return;
    if (!everywhere) return this.#end(session, 'signed out');
    for (const one of this.#openOf(session.extension)) await this.#end(one, 'signed out everywhere');
  }

  open(id: string): Session | null {
    return this.#open.get(id) ?? null;
  }

  isSignedIn(extension: string): boolean {
    return this.#openOf(extension).length > 0;
  }

  onEnded(listener: (session: Session, why: EndReason) => void): void {
    this.#listeners.add(listener);
  }

  #openOf(extension: string): readonly Session[] {
    return [...this.#open.values()].filter((session) => session.extension === extension);
  }

  async #judge(token: RefreshToken): Promise<RefreshJudgement> {
    const after = token.successor === null ? null : await this.#deps.store.refreshToken(token.successor);
    const successorUsed = after !== null && after.replacedAt !== null;
    return judgeRefresh(token, successorUsed, this.#deps.clock.now());
  }

  async #begin(person: Person, device: string): Promise<Granted> {
    const { clock, log, store, sip, realm } = this.#deps;
    const { extension } = person;
    const session: Session = { id: newSessionId(), extension, deviceLabel: device, openedAt: clock.now() };
    const refreshToken = randomBytes(32).toString('base64url');
    const secret = newSipSecret(extension, session.id, realm);
    // The secret before the session: a crash between them leaves a secret, which the next start removes.
    await sip.grant(extension, session.id, secret);
    await store.open(session, tokenHash(refreshToken));
    const first = this.#openOf(extension).length === 0;
    this.#open.set(session.id, session);
    try {
      await this.#arrive(person, first);
    } catch (error) {
      // Nobody will hear of this session: left open, it would keep the next sign-in from bringing ONLINE.
      await this.#end(session, 'not completed');
      throw error;
    }
    log.info({ agent: extension, session: session.id, device }, 'signed in');
    return { session, person, refreshToken, sip: secret };
  }

  async #arrive(person: Person, first: boolean): Promise<void> {
    const { store, enrol, changes } = this.#deps;
    await store.setOnline(person.extension, true);
    await enrol(person);
    // SE3: only the first session brings ONLINE; joining a break with a second device does not end it.
    if (first) await changes.step(person.extension, { status: 'ONLINE', cause: 'session' });
  }

  async #grantAgain(session: Session, refreshToken: string): Promise<Grant> {
    const { accounts, sip } = this.#deps;
    const { extension, id } = session;
    const [account, secret] = await Promise.all([accounts.find(extension), sip.find(extension, id)]);
    if (!account || !secret) return refused('session-ended');
    return { ok: true, grant: { session, person: account.person, refreshToken, sip: secret } };
  }

  async #end(session: Session, why: EndReason): Promise<void> {
    const { store, sip, changes, clock, log, pruneContacts } = this.#deps;
    const { id, extension } = session;
    const last = this.#openOf(extension).length === 1;
    this.#open.delete(id);
    // The intent first: it pauses the queues, and it is what must not be lost.
    // By the person: a choice. By itself: a step, which a choice still on its way outlives (ST10).
    const offline = (): Promise<void> =>
      BY_PERSON.has(why)
        ? changes.signedOut(extension)
        : changes.step(extension, { status: 'OFFLINE', cause: 'session' });
    if (last) await this.#attempt('offline', extension, offline);
    // The device is told before Asterisk is asked for anything: its socket ends within 1 s (WR3).
    for (const listener of this.#listeners) listener(session, why);
    await this.#attempt('close', extension, () =>
      store.close(id, { at: clock.now(), why, offlineEntry: null }),
    );
    if (last) await this.#attempt('online', extension, () => store.setOnline(extension, false));
    await this.#attempt('revoke', extension, () => sip.revoke(extension, id));
    await this.#attempt('expire', extension, () => sip.expireContacts(extension, id));
    await this.#attempt('prune', extension, () => pruneContacts(extension));
    log.info({ agent: extension, session: id, why }, 'signed out');
  }

  /** One step of an ending; a failure is told and does not stop the next. */
  async #attempt(step: string, agent: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#deps.log.error({ agent, step, ...errorFields(error) }, 'failed to set agent offline');
    }
  }
}
