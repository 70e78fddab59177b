// RG6, RG8: a contact that names a session which is over has no business there: a REGISTER that was under way when the
// secret was revoked, or a session that was closed while Asterisk could not be asked. Nor has one that names another
// agent's session: the phone that registers chooses what it says there.
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
  readonly contacts: Pick<Contacts, 'setContactOffline' | 'expireContact'>;
  readonly isReady: () => boolean;
  /** By session: what its device was granted when it opened it again is not taken away. */
  readonly inTurn: InTurn;
}

/** Takes such contacts away, each once as long as it is there; what failed is tried again. */
export class Strays {
  readonly #deps: StraysDeps;
  /** `keyOf` of each. */
  readonly #tried = new Set<string>();
  readonly #failed = new Set<string>();
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(deps: StraysDeps) {
    this.#deps = deps;
    deps.roster.onChange((now, before) => {
      if (now.contacts === before.contacts) return;
      const { extension } = now.person;
      const there = new Set(now.contacts.flatMap(({ session, uri }) => [session, uri]));
      for (const name of before.contacts.flatMap(({ session, uri }) => [session ?? uri, uri]))
        if (!there.has(name)) this.#tried.delete(keyOf(extension, name));
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
    for (const { session, uri } of there) {
      if (session === null || !isSessionId(session)) continue;
      const open = this.#deps.registry.get(session);
      if (open?.extension === extension) continue;
      if (open) this.#once(keyOf(extension, uri), () => this.#deps.contacts.expireContact(extension, uri));
      else this.#once(keyOf(extension, session), () => this.#takeEnded(extension, session));
    }
  }

  #once(key: string, take: () => Promise<boolean>): void {
    if (this.#tried.has(key)) return;
    this.#tried.add(key);
    void take().then((done) => done || this.#tryLater(key));
  }

  /** With the secret of the session, which is over. */
  #takeEnded(extension: string, session: string): Promise<boolean> {
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

/** `name`: a session's id, or the URI of one contact. */
const keyOf = (extension: string, name: string): string => `${extension} ${name}`;
