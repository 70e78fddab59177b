// SE8: a sign-out made while the device was cut off, told later: its changes in order, then the sign-out where it was made.
import type { Clock } from '../../domain/clock.ts';
import type { Receipt } from '../../domain/protocol/http.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';
import { entryId } from '../../domain/status/log.ts';
import type { Log } from '../log.ts';
import type { Changes } from '../roster/changes.ts';
import { LAST_SEQUENCE } from '../roster/own-entries.ts';
import type { Roster } from '../roster/roster.ts';
import type { Intent } from '../../domain/status/fold.ts';
import type { Endings } from './endings.ts';
import type { ClosedSession, Session, SessionStore } from './ports.ts';
import type { Registry } from './registry.ts';

export interface ReceiptsDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<SessionStore, 'find' | 'seal' | 'sealOrphans'>;
  readonly endings: Pick<Endings, 'end' | 'finish'>;
  readonly changes: Pick<Changes, 'setStatus' | 'signedOutThen' | 'step'>;
  readonly maxSessionMs: number;
}

/** ms on the bridge's clock. */
interface End {
  /** Of the sign-out. */
  readonly at: number;
  /** Of the session at the latest; not before `at`. */
  readonly notAfter: number;
  /** What was in force when the receipt came. */
  readonly before: Intent;
}

export type Taken =
  | { readonly ok: true; /** Sequences of changes that may not be. */ readonly refused: readonly number[] }
  | { readonly ok: false; readonly code: Refusal };

/** ms on the bridge's clock. */
const onOurClock = ({ made, offset = 0 }: { readonly made: number; readonly offset?: number | undefined }) =>
  Math.round(made + offset);

export class Receipts {
  readonly #deps: ReceiptsDeps;

  constructor(deps: ReceiptsDeps) {
    this.#deps = deps;
  }

  /** `id`: the session the receipt was made for. Repeating it changes nothing. Rejects with StoreError: to be repeated. */
  async take(id: string, receipt: Receipt): Promise<Taken> {
    const { store, registry, roster, clock, log } = this.#deps;
    const session = registry.get(id) ?? (await store.find(id));
    const person = session && roster.get(session.extension)?.person;
    if (!session || !person) return { ok: false, code: 'unauthorised' };
    const notAfter = Math.min(this.#overBy(session), clock.now());
    const at = Math.min(onOurClock(receipt.signedOut), notAfter);
    const before = roster.logOf(person.extension).folded.intent;
    const end = { at, notAfter, before };
    const refused = await this.#takeChanges(person, receipt, end);
    if (refused.length > 0)
      log.warn({ agent: person.extension, refused }, 'a receipt held changes that may not be');
    const complete = await this.#signOut(session, receipt, end);
    await this.#keepLater(person.extension, before, at);
    return complete ? { ok: true, refused } : { ok: false, code: 'store-unavailable' };
  }

  /**
   * ms; nothing of a session's outbox was made later, whatever the receipt says: it is good for months. Its sign-out as it
   * was told before comes first: an orphan's receipt may come in parts, and the first one ends it.
   */
  #overBy(session: Session | ClosedSession): number {
    const { roster, maxSessionMs } = this.#deps;
    const { id, extension, openedAt } = session;
    const told = roster.logOf(extension).get(entryId(id, LAST_SEQUENCE))?.made;
    if (told !== undefined) return told;
    // A call may keep it open for longer than it should last.
    if (!('closedWhy' in session)) return Infinity;
    return session.closedWhy === 'orphan' ? openedAt + maxSessionMs : session.closedAt;
  }

  /** As `outbox.flush` takes them. Nobody is there to be asked about one that may not be: the next one is taken. */
  async #takeChanges(
    actor: Person,
    { device: name, changes }: Receipt,
    { at, notAfter }: End,
  ): Promise<readonly number[]> {
    const refused: number[] = [];
    const { extension: target } = actor;
    const device = `${target}-${name}`;
    for (const { offset, ...change } of changes) {
      // None of them was made after the sign-out.
      const made = Math.min(onOurClock({ made: change.made, offset }), at);
      const log = this.#deps.roster.logOf(target);
      const { previousMadeMs } = log.neighboursOf(device, change.sequence);
      const known = log.get(entryId(device, change.sequence));
      // What the device said before it was said after the session: this is not of its outbox, and would come after that.
      const foreign = !known && (previousMadeMs ?? 0) > notAfter;
      const request = { actor, target, device, sealed: true, change: { ...change, made } } as const;
      if (foreign || !(await this.#deps.changes.setStatus(request)).ok) refused.push(change.sequence);
    }
    return refused;
  }

  /**
   * Sessions that were opened after it are others' business: one of them left open, the agent stays what they say. False:
   * the store did not take all of it yet.
   */
  async #signOut(session: Session, receipt: Receipt, end: End): Promise<boolean> {
    const { registry, store, endings } = this.#deps;
    const { id, extension } = session;
    const { at } = end;
    const { everywhere } = receipt.signedOut;
    const why = everywhere ? 'signed out everywhere' : 'signed out';
    const ends = (one: Session): boolean => one.id === id || (everywhere && one.openedAt <= at);
    if (registry.inhabited(extension).every(ends)) await this.#setOffline(session, receipt, end);
    // Whatever it was closed for: who signed out does not come back without a password.
    await store.seal(id, why, at);
    if (everywhere) await store.sealOrphans(extension, why, at);
    let complete = (await endings.finish(id))?.complete ?? true;
    for (const one of registry.of(extension).filter(ends))
      complete = (await endings.end(one, { why, at, offlineTold: true })).complete && complete;
    return complete;
  }

  async #setOffline({ id, extension }: Session, { device, changes }: Receipt, end: End): Promise<void> {
    const { at, notAfter, before } = end;
    const log = this.#deps.roster.logOf(extension);
    const { entry, status } = log.folded.intent;
    // Told before: once more, at the same place, it would void the step that a later session began with.
    if (at === notAfter && status === 'OFFLINE' && entry === before.entry) return;
    const sequence = Math.max(0, ...changes.map((change) => change.sequence));
    const { previousMadeMs } = log.neighboursOf(`${extension}-${device}`, sequence + 1);
    const notBeforeMs = sequence === 0 ? null : Math.min(previousMadeMs ?? 0, notAfter);
    await this.#deps.changes.signedOutThen(extension, { session: id, madeMs: at, notBeforeMs });
  }

  /**
   * A step loses its ground when something is put in before it (ST10). What a later sign-in on another device brought
   * stands all the same: that was a person's doing.
   */
  async #keepLater(extension: string, before: Intent, at: number): Promise<void> {
    const { roster, registry, changes } = this.#deps;
    const { entry, status, reason, cause, since } = before;
    const now = roster.logOf(extension).folded.intent;
    if (now.entry === entry || cause !== 'session' || since <= at || !registry.isSignedIn(extension)) return;
    await changes.step(extension, { status, reason, cause });
  }
}
