// RG6, RG8: a contact that names a session which is over has no business there: a REGISTER that was under way when the
// secret was revoked, or a session that was closed while Asterisk could not be asked.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { InTurn } from '../roster/in-turn.ts';
import type { Roster } from '../roster/roster.ts';
import type { Contacts } from './contacts.ts';
import { RETRY_MS } from './endings.ts';
import type { Registry } from './registry.ts';
import { isSessionId } from './sip-secret.ts';

export interface StraysDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly contacts: Pick<Contacts, 'setContactOffline'>;
  readonly isReady: () => boolean;
  /** By session: what its device was granted when it opened it again is not taken away. */
  readonly inTurn: InTurn;
}

/** Takes such contacts away, each once as long as it is there; what failed is tried again. */
export class Strays {
  readonly #deps: StraysDeps;
  /** Sessions, by the extension that has a contact of them. */
  readonly #tried = new Set<string>();
  readonly #failed = new Set<string>();
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(deps: StraysDeps) {
    this.#deps = deps;
    deps.roster.onChange((now, before) => {
      if (now.contacts === before.contacts) return;
      const { extension } = now.person;
      const there = new Set(now.contacts.map(({ session }) => session));
      for (const { session } of before.contacts)
        if (session !== null && !there.has(session)) this.#tried.delete(keyOf(extension, session));
      this.#look(now);
    });
  }

  handleReady(): void {
    for (const record of [...this.#deps.roster.all()]) this.#look(record);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  #look({ person: { extension }, contacts: there }: AgentRecord): void {
    if (!this.#deps.isReady()) return;
    for (const { session } of there) {
      if (session === null || !isSessionId(session) || this.#deps.registry.get(session)) continue;
      const key = keyOf(extension, session);
      if (this.#tried.has(key)) continue;
      this.#tried.add(key);
      void this.#take(extension, session).then((done) => done || this.#tryLater(key));
    }
  }

  #take(extension: string, session: string): Promise<boolean> {
    const { registry, contacts, inTurn } = this.#deps;
    return inTurn(session, async () => {
      if (!registry.get(session)) return contacts.setContactOffline(extension, session);
      // Opened again while this waited: it is a stray no more, but may be one once more.
      this.#tried.delete(keyOf(extension, session));
      return true;
    });
  }

  #tryLater(key: string): void {
    this.#failed.add(key);
    if (this.#stopped) return;
    this.#timer ??= this.#deps.clock.after(RETRY_MS, () => {
      this.#timer = null;
      for (const one of this.#failed) this.#tried.delete(one);
      this.#failed.clear();
      this.handleReady();
    });
  }
}

const keyOf = (extension: string, session: string): string => `${extension} ${session}`;
