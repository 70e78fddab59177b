// The sessions that are open now. What is stored of them is stored before it is here.
import type { Clock } from '../../domain/clock.ts';
import type { OpenSession } from './ports.ts';

/** SE3: ms for which a session that nobody has seen yet counts: its device is about to register. */
export const UNSEEN_MS = 60_000;

export type SessionChange = Partial<Pick<OpenSession, 'lastSeenAt' | 'absentMs' | 'ending' | 'offlineEntry'>>;

const byOpening = (a: OpenSession, b: OpenSession): number =>
  a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);

export class Registry {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenSession>();
  readonly #byAgent = new Map<string, Map<string, OpenSession>>();
  /** Of an earlier bridge that nobody ever saw: it may have ended before it said that they are there. */
  readonly #leftovers: ReadonlySet<string>;
  readonly #listeners = new Set<(extension: string) => void>();

  constructor(clock: Clock, alreadyOpen: readonly OpenSession[]) {
    this.#clock = clock;
    for (const session of alreadyOpen) this.#put(session);
    this.#leftovers = new Set(alreadyOpen.filter((one) => one.lastSeenAt === null).map(({ id }) => id));
  }

  get(id: string): OpenSession | null {
    return this.#open.get(id) ?? null;
  }

  all(): readonly OpenSession[] {
    return [...this.#open.values()];
  }

  /** In order of opening. */
  of(extension: string): readonly OpenSession[] {
    return [...(this.#byAgent.get(extension)?.values() ?? [])].sort(byOpening);
  }

  isSignedIn(extension: string): boolean {
    return this.#byAgent.has(extension);
  }

  /** SE3, SE4: the agent's sessions that somebody is behind, or about to be. */
  inhabited(extension: string): readonly OpenSession[] {
    const now = this.#clock.now();
    return this.of(extension).filter(
      ({ id, lastSeenAt, openedAt }) =>
        lastSeenAt !== null || (!this.#leftovers.has(id) && now - openedAt < UNSEEN_MS),
    );
  }

  add(session: OpenSession): void {
    this.#put(session);
    this.#tell(session.extension);
  }

  /** Of a session that is over it changes nothing. */
  change(id: string, change: SessionChange): void {
    const session = this.#open.get(id);
    if (!session) return;
    this.#put({ ...session, ...change });
    if ('ending' in change) this.#tell(session.extension);
  }

  remove(id: string): void {
    const session = this.#open.get(id);
    if (!session) return;
    this.#open.delete(id);
    const own = this.#byAgent.get(session.extension);
    own?.delete(id);
    if (own?.size === 0) this.#byAgent.delete(session.extension);
    this.#tell(session.extension);
  }

  /** Hears of whose sessions came, went, or shall end. */
  onChange(listener: (extension: string) => void): void {
    this.#listeners.add(listener);
  }

  #put(session: OpenSession): void {
    this.#open.set(session.id, session);
    const own = this.#byAgent.get(session.extension) ?? new Map<string, OpenSession>();
    this.#byAgent.set(session.extension, own.set(session.id, session));
  }

  #tell(extension: string): void {
    for (const listener of this.#listeners) listener(extension);
  }
}
