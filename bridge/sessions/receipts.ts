// SE8: a sign-out made while the device was cut off, told later: its changes in order, then the sign-out where it was made.
import type { Clock } from '../../domain/clock.ts';
import type { Receipt } from '../../domain/protocol/http.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';
import type { Log } from '../log.ts';
import type { Changes } from '../roster/changes.ts';
import type { Roster } from '../roster/roster.ts';
import type { Intent } from '../../domain/status/fold.ts';
import type { Endings } from './endings.ts';
import type { Session, SessionStore } from './ports.ts';
import type { Registry } from './registry.ts';

export interface ReceiptsDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<SessionStore, 'find' | 'seal' | 'sealOrphans'>;
  readonly endings: Pick<Endings, 'end' | 'finish'>;
  readonly changes: Pick<Changes, 'setStatus' | 'signedOutThen' | 'step'>;
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
    const at = Math.min(onOurClock(receipt.signedOut), clock.now());
    const before = roster.logOf(person.extension).folded.intent;
    const refused = await this.#takeChanges(person, receipt, at);
    if (refused.length > 0)
      log.warn({ agent: person.extension, refused }, 'a receipt held changes that may not be');
    const complete = await this.#signOut(session, receipt, at);
    await this.#keepLater(person.extension, before, at);
    return complete ? { ok: true, refused } : { ok: false, code: 'store-unavailable' };
  }

  /** As `outbox.flush` takes them. Nobody is there to be asked about one that may not be: the next one is taken. */
  async #takeChanges(actor: Person, { device, changes }: Receipt, at: number): Promise<readonly number[]> {
    const refused: number[] = [];
    const { extension: target } = actor;
    for (const { offset, ...change } of changes) {
      // None of them was made after the sign-out.
      const made = Math.min(onOurClock({ made: change.made, offset }), at);
      const result = await this.#deps.changes.setStatus({
        ...{ actor, target, device: `${target}-${device}`, sealed: true },
        change: { ...change, made },
      });
      if (!result.ok) refused.push(change.sequence);
    }
    return refused;
  }

  /**
   * Sessions that were opened after it are others' business: one of them left open, the agent stays what they say. False:
   * the store did not take all of it yet.
   */
  async #signOut(session: Session, { device, changes, signedOut }: Receipt, at: number): Promise<boolean> {
    const { registry, store, endings, roster } = this.#deps;
    const { id, extension } = session;
    const { everywhere } = signedOut;
    const why = everywhere ? 'signed out everywhere' : 'signed out';
    const ends = (one: Session): boolean => one.id === id || (everywhere && one.openedAt <= at);
    if (registry.inhabited(extension).every(ends)) {
      const sequence = Math.max(0, ...changes.map((change) => change.sequence));
      const { previousMadeMs } = roster.logOf(extension).neighboursOf(`${extension}-${device}`, sequence + 1);
      const notBeforeMs = sequence === 0 ? null : previousMadeMs;
      await this.#deps.changes.signedOutThen(extension, { session: id, madeMs: at, notBeforeMs });
    }
    // Whatever it was closed for: who signed out does not come back without a password.
    await store.seal(id, why);
    if (everywhere) await store.sealOrphans(extension, why);
    let complete = (await endings.finish(id))?.complete ?? true;
    for (const one of registry.of(extension).filter(ends))
      complete = (await endings.end(one, { why, at, offlineTold: true })).complete && complete;
    return complete;
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
