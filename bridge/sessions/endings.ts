// SE4: the end of a session. Every step is tried even if one before failed; what failed is tried again until it is done.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Log } from '../log.ts';
import type { InTurn } from '../roster/in-turn.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type { Roster } from '../roster/roster.ts';
import { createAttempt } from './attempt.ts';
import type { Contacts } from './contacts.ts';
import type { EndReason, OpenSession, Session, SessionStore } from './ports.ts';
import type { Registry } from './registry.ts';

/** ms until steps that failed are tried again. */
export const RETRY_MS = 10_000;

export interface EndOrder {
  readonly why: EndReason;
  /** Extension of who ended it, when that is not the person. */
  readonly by?: string;
  /** ms; since when it counts as over; now when absent. */
  readonly at?: number;
  /** SE8: the log has its OFFLINE already, or must not get one. */
  readonly offlineTold?: true;
}

export interface Ended {
  /** ms. */
  readonly durationMs: number;
  /** False: the store did not take all of it yet. */
  readonly complete: boolean;
}

export interface EndingsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
  readonly roster: Roster;
  readonly store: SessionStore;
  readonly contacts: Pick<Contacts, 'setContactOffline'>;
  readonly changes: Pick<OwnEntries, 'step' | 'signedOut'>;
  /** By session: nothing of an end is tried again while its device opens it again. */
  readonly inTurn: InTurn;
}

export type EndedListener = (session: Session, why: EndReason) => void;

/** A choice of a person; everything else is a step, which a choice still on its way outlives (ST10). */
const CHOSEN: ReadonlySet<EndReason> = new Set([
  'signed out',
  'signed out everywhere',
  'signed out by supervisor',
]);

type Step = 'offline' | 'close' | 'online' | 'contact';

interface Ending {
  readonly session: OpenSession;
  readonly order: EndOrder;
  /** ms. */
  readonly at: number;
  readonly left: Set<Step>;
  /** The listeners know. */
  told: boolean;
  offlineEntry: string | null;
}

export class Endings {
  readonly #deps: EndingsDeps;
  readonly #listeners = new Set<EndedListener>();
  readonly #running = new Map<string, Promise<Ended>>();
  readonly #unfinished = new Map<string, Ending>();
  readonly #timers = new Map<string, Cancel>();

  constructor(deps: EndingsDeps) {
    this.#deps = deps;
  }

  /** Never rejects. One that is over, or about to be, is not ended twice: what is left of it is tried again. */
  end(session: OpenSession, order: EndOrder): Promise<Ended> {
    const { registry, clock, log } = this.#deps;
    const { id, extension } = session;
    // One that is open is not over, whatever is left of an end before it was opened again.
    const before = registry.get(id) ? null : this.finish(id);
    if (before) return before;
    this.#forget(id);
    const at = Math.max(order.at ?? clock.now(), session.openedAt);
    registry.remove(id);
    const left = new Set<Step>(['close', 'online', 'contact']);
    if (registry.inhabited(extension).length === 0 && !order.offlineTold) left.add('offline');
    const { why, by } = order;
    const fields = { agent: extension, session: id, why, ...(by === undefined ? {} : { by }) };
    const ending = { session, order, at, left, told: false, offlineEntry: null };
    return this.#run(id, this.#steps(ending)).then((ended) => {
      log.info({ ...fields, durationMs: ended.durationMs }, 'signed out');
      return ended;
    });
  }

  /** Tries again what is left of an ending; null when nothing is. */
  finish(id: string): Promise<Ended> | null {
    const running = this.#running.get(id);
    if (running) return running;
    const ending = this.#unfinished.get(id);
    return ending ? this.#again(ending) : null;
  }

  onEnded(listener: EndedListener): void {
    this.#listeners.add(listener);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
  }

  #run(id: string, steps: Promise<Ended>): Promise<Ended> {
    const run = steps.finally(() => {
      if (this.#running.get(id) === run) this.#running.delete(id);
    });
    this.#running.set(id, run);
    return run;
  }

  #again(ending: Ending): Promise<Ended> {
    const { registry, inTurn } = this.#deps;
    const { id } = ending.session;
    this.#disarm(id);
    const steps = (): Promise<Ended> => {
      // Its device opened it again: taking its contact away now would take the new secret.
      if (registry.get(id)) ending.left.clear();
      return this.#steps(ending);
    };
    return this.#run(id, inTurn(id, steps));
  }

  #forget(id: string): void {
    this.#disarm(id);
    this.#unfinished.get(id)?.left.clear();
    this.#unfinished.delete(id);
  }

  #disarm(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  async #steps(ending: Ending): Promise<Ended> {
    const { session, order, at, left } = ending;
    if (this.#unfinished.get(session.id) === ending) this.#unfinished.delete(session.id);
    // The intent first: it pauses the queues, and it is what must not be lost.
    await this.#step(ending, 'offline', () => this.#setOffline(ending));
    // The device is told before Asterisk is asked for anything: its socket ends within 1 s (WR3).
    this.#tell(ending);
    const { store, registry, contacts } = this.#deps;
    const { id, extension } = session;
    const { why } = order;
    const closing = (): Promise<void> => store.close(id, { at, why, offlineEntry: ending.offlineEntry });
    await this.#step(ending, 'close', closing);
    await this.#step(ending, 'online', () => store.setOnline(extension, registry.isSignedIn(extension)));
    if (left.has('contact') && (await contacts.setContactOffline(extension, id))) left.delete('contact');
    if (left.size > 0) this.#tryLater(ending);
    const complete = !(left.has('offline') || left.has('close') || left.has('online'));
    return { durationMs: at - session.openedAt, complete };
  }

  #tell(ending: Ending): void {
    if (ending.told) return;
    ending.told = true;
    for (const listener of this.#listeners) listener(ending.session, ending.order.why);
  }

  async #step({ session, left }: Ending, step: Step, action: () => Promise<unknown>): Promise<void> {
    if (!left.has(step)) return;
    const attempt = createAttempt(this.#deps.log);
    if (await attempt(step, session.extension, action)) left.delete(step);
  }

  async #setOffline(ending: Ending): Promise<void> {
    const { changes, registry, roster } = this.#deps;
    const { session, order } = ending;
    const { extension } = session;
    // Signed in again since the first try.
    if (registry.inhabited(extension).length > 0) return;
    const { why, by } = order;
    if (CHOSEN.has(why)) return changes.signedOut(extension, by ?? extension);
    const intent = () => roster.logOf(extension).folded.intent;
    // An orphan's end may have been written by a bridge that was killed before it could say of which session.
    if (why !== 'orphan' || intent().status !== 'OFFLINE')
      await changes.step(extension, { status: 'OFFLINE', cause: 'session' });
    if (why === 'orphan') ending.offlineEntry = this.#stepInForce(extension);
  }

  /** The step that set the agent OFFLINE; null when it was somebody's choice, which stands. */
  #stepInForce(extension: string): string | null {
    const log = this.#deps.roster.logOf(extension);
    const { entry, status } = log.folded.intent;
    if (entry === null || status !== 'OFFLINE') return null;
    return log.get(entry)?.kind === 'step' ? entry : null;
  }

  #tryLater(ending: Ending): void {
    const { id } = ending.session;
    this.#unfinished.set(id, ending);
    this.#timers.set(
      id,
      this.#deps.clock.after(RETRY_MS, () => void this.#again(ending)),
    );
  }
}
