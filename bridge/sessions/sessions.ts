// SE1-SE5: sign-in to sign-out of one device.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';
import type { Log } from '../log.ts';
import type { InTurn } from '../roster/in-turn.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type { Ended, EndedListener, Endings } from './endings.ts';
import type { MaxAge } from './max-age.ts';
import type { AccountStore, OpenSession, RefreshToken, Session, SessionStore } from './ports.ts';
import type { SipAccounts, SipSecret } from './ports.ts';
import type { Registry } from './registry.ts';
import type { Reopening } from './reopening.ts';
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

/** `durationMs`: how long the session was open. */
export type SignedOut =
  { readonly ok: true; readonly durationMs: number } | { readonly ok: false; readonly code: Refusal };

export interface Passwords {
  verify(hash: string, password: string): Promise<boolean>;
  /** A hash nobody's password fits, so that an unknown extension takes as long as a wrong password. */
  readonly decoy: string;
}

export interface SessionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly store: SessionStore;
  readonly accounts: AccountStore;
  readonly sip: SipAccounts;
  readonly changes: Pick<OwnEntries, 'step'>;
  readonly endings: Endings;
  readonly reopening: Reopening;
  readonly maxAge: MaxAge;
  readonly passwords: Passwords;
  /** Key of the chain of refresh tokens. */
  readonly refreshKey: Buffer;
  readonly realm: string;
  /** Makes a person known who was added, or changed, while the bridge ran. */
  readonly enrol: (person: Person) => Promise<void>;
  /** SE5: the session's device asked for its next token. */
  readonly noteRefresh: (id: string) => void;
  readonly inTurn: InTurn;
}

const refused = (code: Refusal): { readonly ok: false; readonly code: Refusal } => ({ ok: false, code });

const signedOut = ({ durationMs }: Ended, complete: boolean): SignedOut =>
  complete ? { ok: true, durationMs } : refused('store-unavailable');

export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** Rejects with StoreError. Takes as long for an unknown extension as for a wrong password. */
  async signIn(request: { extension: string; password: string; device: string }): Promise<Grant> {
    const { accounts, passwords } = this.#deps;
    const account = await accounts.find(request.extension);
    const right = await passwords.verify(account?.passwordHash ?? passwords.decoy, request.password);
    if (!account || !right) return refused('wrong-credentials');
    return { ok: true, grant: await this.#begin(account.person, request.device) };
  }

  /** SE1: exchanges a refresh token for the next. An old one closes the session; SE5: an orphan's opens it again. */
  async refresh(token: string): Promise<Grant> {
    const hash = tokenHash(token);
    const known = await this.#deps.store.refreshToken(hash);
    if (!known) return refused('unauthorised');
    // One after the other: what one tab exchanged is known when the next one's is judged.
    return this.#deps.inTurn(known.session, () => this.#refresh(token, hash, known.session));
  }

  /**
   * SE4. Resolves when every step was tried. The same answer when it is repeated, also after all is over;
   * `store-unavailable`: to be repeated until the store has it.
   */
  async signOut(id: string, everywhere: boolean): Promise<SignedOut> {
    const { registry, store, endings } = this.#deps;
    const session = registry.get(id);
    if (!session) return this.#signOutAgain(id);
    const why = everywhere ? 'signed out everywhere' : 'signed out';
    const { extension } = session;
    if (everywhere) await store.sealOrphans(extension, why);
    let complete = true;
    // Its own last: until then it can ask again.
    const others = everywhere ? registry.of(extension).filter((one) => one.id !== id) : [];
    for (const one of others) complete = (await endings.end(one, { why })).complete && complete;
    const ended = await endings.end(session, { why });
    return signedOut(ended, ended.complete && complete);
  }

  open(id: string): OpenSession | null {
    return this.#deps.registry.get(id);
  }

  /** Open or over. Rejects with StoreError. */
  async find(id: string): Promise<Session | null> {
    return this.open(id) ?? (await this.#deps.store.find(id));
  }

  /** Whose refresh token it is, if it is one. */
  async ownerOf(token: string): Promise<string | null> {
    return (await this.#deps.store.refreshToken(tokenHash(token)))?.session ?? null;
  }

  isSignedIn(extension: string): boolean {
    return this.#deps.registry.isSignedIn(extension);
  }

  onEnded(listener: EndedListener): void {
    this.#deps.endings.onEnded(listener);
  }

  async #signOutAgain(id: string): Promise<SignedOut> {
    const { endings, store, registry } = this.#deps;
    const ended = await endings.finish(id);
    // Opened again while this waited.
    if (registry.get(id)) return this.signOut(id, false);
    // Whatever it was closed for: who signed out does not come back without a password.
    await store.seal(id, 'signed out');
    if (ended) return signedOut(ended, ended.complete);
    const closed = await store.find(id);
    if (!closed || !('closedAt' in closed)) return refused('unauthorised');
    return { ok: true, durationMs: closed.closedAt - closed.openedAt };
  }

  async #refresh(token: string, hash: string, id: string): Promise<Grant> {
    const { store, registry, reopening, refreshKey, clock, noteRefresh } = this.#deps;
    const known = await store.refreshToken(hash);
    if (!known) return refused('unauthorised');
    const judgement = await this.#judge(known);
    if (judgement === 'reused' || judgement === 'expired') return this.#close(id, judgement);
    const session = registry.get(id) ?? (await reopening.reopen(id));
    if (!session) return refused('session-ended');
    await reopening.resume(session);
    noteRefresh(id);
    const successor = successorOf(token, refreshKey);
    if (judgement === 'exchange') await store.exchange(hash, tokenHash(successor), id, clock.now());
    return this.#grantAgain(session, successor);
  }

  async #judge(token: RefreshToken): Promise<RefreshJudgement> {
    const after = token.successor === null ? null : await this.#deps.store.refreshToken(token.successor);
    const successorUsed = after !== null && after.replacedAt !== null;
    return judgeRefresh(token, successorUsed, this.#deps.clock.now());
  }

  async #close(id: string, judgement: 'reused' | 'expired'): Promise<Grant> {
    const { registry, store, endings, log } = this.#deps;
    const why = judgement === 'reused' ? 'refresh token reused' : 'expired';
    const session = registry.get(id);
    if (session && judgement === 'reused')
      log.warn({ agent: session.extension, session: id }, 'an old refresh token came back: session closed');
    if (session) await endings.end(session, { why });
    // Whoever has the newest token of that family may be anybody.
    else await store.seal(id, why);
    return refused('session-ended');
  }

  async #begin(person: Person, device: string): Promise<Granted> {
    const { clock, log, store, sip, realm, registry, endings } = this.#deps;
    const { extension } = person;
    const session: Session = { id: newSessionId(), extension, deviceLabel: device, openedAt: clock.now() };
    const refreshToken = randomBytes(32).toString('base64url');
    const secret = newSipSecret(extension, session.id, realm);
    // The secret before the session: a crash between them leaves a secret, which the next start removes.
    await sip.grant(extension, session.id, secret);
    await store.open(session, tokenHash(refreshToken));
    const first = registry.inhabited(extension).length === 0;
    const open = { ...session, lastSeenAt: null, absentMs: 0, ending: null, offlineEntry: null };
    registry.add(open);
    try {
      await this.#arrive(person, session, first);
    } catch (error) {
      // Nobody will hear of this session: left open, it would keep the next sign-in from bringing ONLINE.
      await endings.end(open, { why: 'not completed' });
      throw error;
    }
    log.info({ agent: extension, session: session.id, device }, 'signed in');
    return { session, person, refreshToken, sip: secret };
  }

  async #arrive(person: Person, session: Session, first: boolean): Promise<void> {
    const { store, enrol, changes, maxAge } = this.#deps;
    await store.setOnline(person.extension, true);
    await maxAge.begin(session);
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
}
