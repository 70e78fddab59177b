// SE5: a session that was closed as an orphan is opened again by its own refresh token: the same session, with a new
// secret, and what was in force before the close comes back.
import type { Clock } from '../../domain/clock.ts';
import { errorFields, type Log } from '../log.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type { Roster } from '../roster/roster.ts';
import type { MaxAge } from './max-age.ts';
import type { ClosedSession, OpenSession, SessionStore, SipAccounts } from './ports.ts';
import type { Registry } from './registry.ts';
import { newSipSecret } from './sip-secret.ts';

export interface ReopeningDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: SessionStore;
  readonly sip: Pick<SipAccounts, 'grant' | 'revoke'>;
  readonly changes: Pick<OwnEntries, 'step'>;
  readonly maxAge: MaxAge;
  readonly realm: string;
}

export class Reopening {
  readonly #deps: ReopeningDeps;

  constructor(deps: ReopeningDeps) {
    this.#deps = deps;
  }

  /** The session, open again but for `resume`; null when it was closed for any other reason, or is too old. Rejects with StoreError. */
  async reopen(id: string): Promise<OpenSession | null> {
    const { store, clock, maxAge } = this.#deps;
    const closed = await store.find(id);
    const now = clock.now();
    if (!closed || !('closedWhy' in closed) || closed.closedWhy !== 'orphan') return null;
    return maxAge.isOver(closed, now) ? null : this.#open(closed, now);
  }

  async #open(closed: ClosedSession, now: number): Promise<OpenSession | null> {
    const { registry, store, sip, log, maxAge, realm } = this.#deps;
    const { id, extension, deviceLabel, openedAt, offlineEntry, closedAt } = closed;
    // As at a sign-in: a crash on the way leaves a secret, which the next start removes.
    await sip.grant(extension, id, newSipSecret(extension, id, realm));
    await maxAge.begin(closed);
    if (!(await store.reopen(id, now))) {
      // Sealed since it was looked up, by a sign-out everywhere or a forced one.
      await sip.revoke(extension, id);
      return null;
    }
    const session: OpenSession = {
      ...{ id, extension, deviceLabel, openedAt, offlineEntry },
      ...{ lastSeenAt: now, absentMs: 0, ending: null },
    };
    registry.add(session);
    await store.setOnline(extension, true);
    log.info({ agent: extension, session: id, closedForMs: now - closedAt }, 'signed in again');
    return session;
  }

  /**
   * Brings back what was in force before the orphan's OFFLINE, unless somebody chose something since: then this step is
   * void. Of any other session it changes nothing. Rejects with StoreError: to be repeated.
   */
  async resume({ id, extension, offlineEntry }: OpenSession): Promise<void> {
    const { roster, changes, store, registry } = this.#deps;
    if (offlineEntry === null || !roster.get(extension)) return;
    const log = roster.logOf(extension);
    const offline = log.get(offlineEntry);
    const before = offline?.kind === 'step' && offline.follows !== null ? log.get(offline.follows) : null;
    if (before && before.status !== 'OFFLINE') {
      const { status, reason } = before;
      await changes.step(extension, { status, reason, cause: 'session', follows: offlineEntry });
    }
    await store.clearOfflineEntry(id);
    registry.change(id, { offlineEntry: null });
  }

  /** Whoever was reopened by a bridge that was killed on the way. */
  async resumeAll(): Promise<void> {
    for (const session of this.#deps.registry.all()) {
      try {
        await this.resume(session);
      } catch (error) {
        const { extension: agent } = session;
        this.#deps.log.warn({ agent, ...errorFields(error) }, 'what was in force before is not yet');
      }
    }
  }
}
