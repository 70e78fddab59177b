// SE4: an ending that waits for the end of the agent's call. It is stored, so that it outlives the bridge.
import type { Roster } from '../roster/roster.ts';
import type { Endings } from './endings.ts';
import type { OpenSession, PendingEnd, SessionStore } from './ports.ts';
import type { Registry } from './registry.ts';

export interface AfterCallDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly store: Pick<SessionStore, 'setEnding'>;
  readonly endings: Pick<Endings, 'end'>;
  /** Asterisk is known: calls are what it says. */
  readonly isReady: () => boolean;
}

export class AfterCall {
  readonly #deps: AfterCallDeps;
  /** Since this bridge runs it was known at least once who is on a call. */
  #known = false;

  constructor(deps: AfterCallDeps) {
    this.#deps = deps;
    deps.roster.onChange((now, before) => {
      if (now.channels !== before.channels && now.channels.size === 0) this.#look(now.person.extension);
    });
  }

  /** To be called whenever `isReady` may have changed. */
  handleReady(): void {
    if (!this.#deps.isReady()) return;
    this.#known = true;
    for (const { extension } of this.#deps.registry.all()) this.#look(extension);
  }

  /** Ends it now, or when the call is over; resolves when it is over or stored. Rejects with StoreError: nothing was changed. */
  async end(session: OpenSession, ending: PendingEnd): Promise<void> {
    const { registry, store, endings } = this.#deps;
    const { id, extension } = session;
    if (!this.#mayBeOnCall(extension)) {
      await endings.end(session, orderOf(extension, ending));
      return;
    }
    // Whoever asked first is who ends it.
    if (registry.get(id)?.ending) return;
    await store.setEnding(id, ending);
    registry.change(id, { ending });
    this.#look(extension);
  }

  #mayBeOnCall(extension: string): boolean {
    return !this.#known || (this.#deps.roster.get(extension)?.channels.size ?? 0) > 0;
  }

  #look(extension: string): void {
    const { registry, endings, isReady } = this.#deps;
    if (!isReady() || this.#mayBeOnCall(extension)) return;
    for (const session of registry.of(extension)) {
      const { ending } = session;
      if (ending) void endings.end(session, orderOf(extension, ending));
    }
  }
}

const orderOf = (extension: string, { why, by }: PendingEnd) => (by === extension ? { why } : { why, by });
