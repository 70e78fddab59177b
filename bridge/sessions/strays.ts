// RG6, RG8: a contact that names a session which is over has no business there: a REGISTER that was under way when the
// secret was revoked, or a session that was closed while Asterisk could not be asked.
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { Roster } from '../roster/roster.ts';
import type { Contacts } from './contacts.ts';
import type { Registry } from './registry.ts';
import { isSessionId } from './sip-secret.ts';

/** Takes such contacts away, each once as long as it is there. */
export function removeStrays(deps: {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly contacts: Pick<Contacts, 'setContactOffline'>;
  readonly isReady: () => boolean;
}): { handleReady(): void } {
  const { registry, roster, contacts, isReady } = deps;
  const tried = new Set<string>();

  function look({ person: { extension }, contacts: there }: AgentRecord): void {
    if (!isReady()) return;
    for (const { session } of there) {
      if (session === null || !isSessionId(session) || registry.get(session) || tried.has(session)) continue;
      tried.add(session);
      void contacts.setContactOffline(extension, session);
    }
  }

  roster.onChange((now, before) => {
    if (now.contacts === before.contacts) return;
    const there = new Set(now.contacts.map(({ session }) => session));
    for (const { session } of before.contacts)
      if (session !== null && !there.has(session)) tried.delete(session);
    look(now);
  });
  return {
    handleReady() {
      for (const record of [...roster.all()]) look(record);
    },
  };
}
