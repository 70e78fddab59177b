// RG13: an agent who is ONLINE without any desk for so long is not sent calls any more. Who works with desk phones alone
// (every contact that can be rung is one) needs no desk, and who cannot be rung is the sessions' business (SE5).
import type { Cancel, Clock } from '../../domain/clock.ts';
import { reachOf } from '../../domain/registration/evidence.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Deadline } from '../deadlines/ports.ts';
import type { Deadlines } from '../deadlines/deadlines.ts';
import { errorFields, type Log } from '../log.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type { Roster } from '../roster/roster.ts';
import type { Presence } from './presence.ts';

/** As a person reads it. */
export const DESK_CLOSED = 'desk closed';
/** ms: sooner the deadline is not stored. After a restart everybody's desk is closed for a moment. */
export const STORED_AFTER_MS = 60_000;
/** ms until a deadline that was not stored is stored once more. */
export const AGAIN_MS = 5_000;

const KIND = 'desk-closed';
const keyOf = (extension: string): string => `${KIND}:${extension}`;

/** "Marked phone-only" by the simplest mark there is: what can be rung. */
export function isPhoneOnly({ contacts }: Pick<AgentRecord, 'contacts'>): boolean {
  const reachable = contacts.filter((contact) => contact.reachable);
  return reachable.length > 0 && reachable.every(({ session }) => session === null);
}

/** Whether a queue may ring somebody who would need a desk for it. */
const needsDesk = (record: AgentRecord): boolean =>
  record.folded.intent.status === 'ONLINE' &&
  ['reachable', 'reconnecting'].includes(reachOf(record.registration) ?? '') &&
  !isPhoneOnly(record);

export interface DeskClosedDeps {
  readonly roster: Roster;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Pick<OwnEntries, 'step'>;
  readonly deadlines: Pick<Deadlines, 'get' | 'set' | 'cancel' | 'on'>;
  /** ms; 0: a closed desk changes nothing. */
  readonly deskClosedMs: number;
  /** ms; the last sign of life of the bridge before this one. */
  readonly lastAliveMs: number;
}

interface Missed {
  /** ms; in the time in which a bridge ran. */
  readonly dueMs: number;
  /** Of what is to be done next about storing it. */
  cancel: Cancel;
  /** It was told that it could not be stored. */
  told: boolean;
}

export class ClosedDesks {
  readonly #deps: DeskClosedDeps;
  readonly #missed = new Map<string, Missed>();
  readonly #unsubscribe: () => void;

  constructor(deps: DeskClosedDeps) {
    this.#deps = deps;
    const { roster, presence, deadlines, deskClosedMs, lastAliveMs } = deps;
    for (const record of roster.all()) {
      const before = deadlines.get(keyOf(record.person.extension));
      // Only the time in which a bridge ran counts: what was left when the last one ended is left now.
      const left = before ? before.dueMs - lastAliveMs : deskClosedMs;
      this.#look(record, Math.min(deskClosedMs, Math.max(0, left)));
    }
    this.#unsubscribe = roster.onChange((now) => this.#look(now));
    presence.onChange((extension) => {
      const record = roster.get(extension);
      if (record) this.#look(record);
    });
    deadlines.on(KIND, (deadline) => this.#handleDue(deadline));
  }

  stop(): void {
    this.#unsubscribe();
    for (const { cancel } of this.#missed.values()) cancel();
    this.#missed.clear();
  }

  #look(record: AgentRecord, leftMs = this.#deps.deskClosedMs): void {
    const { extension } = record.person;
    const { presence, clock, deskClosedMs } = this.#deps;
    const misses = deskClosedMs > 0 && needsDesk(record) && presence.pagesOf(extension).size === 0;
    if (misses === this.#missed.has(extension)) return;
    if (!misses) return this.#found(extension);
    const dueMs = clock.now() + leftMs;
    const missed: Missed = { dueMs, cancel: () => undefined, told: false };
    this.#missed.set(extension, missed);
    missed.cancel = clock.after(Math.min(STORED_AFTER_MS, leftMs), () => void this.#store(extension, missed));
  }

  #found(extension: string): void {
    this.#missed.get(extension)?.cancel();
    this.#missed.delete(extension);
    this.#deps.deadlines.cancel(keyOf(extension)).catch(this.#failed(extension));
  }

  /** Never rejects: without its deadline nobody would ever pause the agent, so it is tried until the store takes it. */
  async #store(agent: string, missed: Missed): Promise<void> {
    const { roster, deadlines, clock } = this.#deps;
    const follows = roster.get(agent)?.folded.intent.entry ?? null;
    const { dueMs } = missed;
    try {
      await deadlines.set({ key: keyOf(agent), agent, kind: KIND, dueMs, follows });
    } catch (error) {
      if (!missed.told) this.#failed(agent)(error);
      missed.told = true;
      if (this.#missed.get(agent) !== missed) return;
      missed.cancel();
      missed.cancel = clock.after(AGAIN_MS, () => void this.#store(agent, missed));
    }
  }

  async #handleDue({ agent }: Deadline): Promise<void> {
    const { changes, clock, log } = this.#deps;
    const missed = this.#missed.get(agent);
    if (!missed) return;
    // Stored by a bridge that ended meanwhile.
    if (clock.now() < missed.dueMs) return void this.#store(agent, missed);
    await changes.step(agent, { status: 'PAUSE', reason: DESK_CLOSED, cause: 'session' });
    log.info({ agent }, 'no desk for too long');
  }

  #failed(agent: string) {
    return (error: unknown): void =>
      this.#deps.log.warn({ agent, ...errorFields(error) }, 'the time of a closed desk could not be kept');
  }
}
