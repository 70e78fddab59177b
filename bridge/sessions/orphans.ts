// SE5: a session that nobody has seen for long is closed as of the time it was last seen. Only time counts in which this
// bridge ran and knew Asterisk.
//
//   here --page and contact gone--> absent --limit--> closed
//   absent --either is back, or the device refreshes--> here
import type { Cancel, Clock } from '../../domain/clock.ts';
import { errorFields, type Log } from '../log.ts';
import type { InTurn } from '../roster/in-turn.ts';
import type { Roster } from '../roster/roster.ts';
import type { Endings } from './endings.ts';
import type { OpenSession, Seen, SessionStore } from './ports.ts';
import { hasContact, type Pages } from './presence.ts';
import type { Registry } from './registry.ts';

/** ms between two looks at everybody (less where a limit is shorter); what is known of them is written down then. */
export const LOOK_EVERY_MS = 60_000;
export interface OrphanLimits {
  /** ms without page and contact while the intent is ONLINE. */
  readonly onlineMs: number;
  /** ms with any other intent. */
  readonly otherMs: number;
}

export interface OrphansDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly pages: Pages;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<SessionStore, 'noteSeen'>;
  readonly endings: Pick<Endings, 'end'>;
  readonly limits: OrphanLimits;
  /** Asterisk is known: contacts are what it says. */
  readonly isReady: () => boolean;
  /** By session: none is closed while its device refreshes. */
  readonly inTurn: InTurn;
}

export class Orphans {
  readonly #deps: OrphansDeps;
  /** What is stored of each, so that only changes are written. */
  readonly #noted = new Map<string, Seen>();
  readonly #everyMs: number;
  #timer: Cancel;
  /** ms since the last look in which Asterisk was known, up to `#countedAt`. */
  #knownMs = 0;
  #countedAt: number;
  #wasReady = false;

  constructor(deps: OrphansDeps) {
    this.#deps = deps;
    const { registry, roster, pages, clock } = deps;
    this.#countedAt = clock.now();
    pages.onPresence((id) => this.#see(registry.get(id)));
    roster.onChange((now, before) => {
      // Whoever is found gone after a time without sight went some time in it.
      if (now.contacts === before.contacts || !deps.isReady()) return;
      const answering = [...before.contacts, ...now.contacts].filter(({ reachable }) => reachable);
      const seen = new Set(answering.map(({ session }) => session));
      for (const session of registry.of(now.person.extension)) if (seen.has(session.id)) this.#see(session);
    });
    this.#everyMs = Math.min(LOOK_EVERY_MS, deps.limits.onlineMs, deps.limits.otherMs);
    this.#timer = clock.after(this.#everyMs, () => this.#look());
  }

  stop(): void {
    this.#timer();
  }

  /** To be called whenever `isReady` may have changed. */
  handleReady(): void {
    this.#count();
  }

  /** SE1: its device asked for its next token: somebody is there though neither page nor contact is. */
  noteRefresh(id: string): void {
    this.#see(this.#deps.registry.get(id));
  }

  /** It is here, or was until this moment. */
  #see(session: OpenSession | null): void {
    if (!session) return;
    const seen = { lastSeenAt: this.#deps.clock.now(), absentMs: 0 };
    this.#deps.registry.change(session.id, seen);
    // SE3: that it was ever seen has to be known after a restart too; the rest may be a minute old.
    if (session.lastSeenAt === null) void this.#note();
  }

  #count(): void {
    const { clock, isReady } = this.#deps;
    const now = clock.now();
    // More than that passed with the machine asleep.
    if (this.#wasReady) this.#knownMs += Math.min(now - this.#countedAt, 2 * this.#everyMs);
    this.#countedAt = now;
    this.#wasReady = isReady();
  }

  #look(): void {
    const { registry, clock, pages } = this.#deps;
    this.#timer = clock.after(this.#everyMs, () => this.#look());
    this.#count();
    const connected = pages.sessions();
    for (const session of registry.all()) {
      registry.change(session.id, this.#seenNow(session, connected.has(session.id)));
    }
    this.#knownMs = 0;
    void this.#note();
    if (this.#deps.isReady()) for (const { id } of registry.all()) this.#close(id);
  }

  #seenNow(session: OpenSession, connected: boolean): Seen {
    const { clock, roster, isReady } = this.#deps;
    const { lastSeenAt, absentMs, openedAt } = session;
    const now = clock.now();
    const contact = hasContact(roster, session);
    if (connected || (contact && isReady())) return { lastSeenAt: now, absentMs: 0 };
    // Out of sight a contact is the last that was known: it may be there or not.
    if (contact) return { lastSeenAt, absentMs };
    const missing = Math.min(this.#knownMs, Math.max(0, now - (lastSeenAt ?? openedAt)));
    return { lastSeenAt, absentMs: absentMs + missing };
  }

  #isOrphan({ extension, absentMs }: OpenSession): boolean {
    const record = this.#deps.roster.get(extension);
    const { onlineMs, otherMs } = this.#deps.limits;
    // A call goes on whatever became of its page.
    if (!record || record.channels.size > 0) return false;
    return absentMs > (record.folded.intent.status === 'ONLINE' ? onlineMs : otherMs);
  }

  #close(id: string): void {
    const { registry, endings, inTurn } = this.#deps;
    const found = registry.get(id);
    if (!found || !this.#isOrphan(found)) return;
    void inTurn(id, async () => {
      const session = registry.get(id);
      if (!session || !this.#isOrphan(session)) return;
      await endings.end(session, { why: 'orphan', at: session.lastSeenAt ?? session.openedAt });
    });
  }

  async #note(): Promise<void> {
    const { registry, store, log } = this.#deps;
    for (const id of this.#noted.keys()) if (!registry.get(id)) this.#noted.delete(id);
    const changed = registry.all().filter(({ id, lastSeenAt, absentMs }) => {
      const noted = this.#noted.get(id);
      return noted?.lastSeenAt !== lastSeenAt || noted.absentMs !== absentMs;
    });
    if (changed.length === 0) return;
    try {
      await store.noteSeen(changed);
      for (const { id, lastSeenAt, absentMs } of changed) this.#noted.set(id, { lastSeenAt, absentMs });
    } catch (error) {
      log.warn(errorFields(error), 'who was seen was not written');
    }
  }
}
