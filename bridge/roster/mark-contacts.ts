// RG6: `ps_contacts.status` follows what Asterisk reports of each contact.
import { errorFields, type Log } from '../log.ts';
import type { Roster } from './roster.ts';

export interface ContactMarks {
  markContact(extension: string, uri: string, status: 'Reachable' | 'Unreachable'): Promise<void>;
}

export function markContacts(deps: {
  readonly roster: Roster;
  readonly marks: ContactMarks;
  readonly log: Log;
}): () => void {
  const { roster, marks, log } = deps;
  return roster.onChange((now, before) => {
    if (now.contacts === before.contacts) return;
    const { extension } = now.person;
    const known = new Map(before.contacts.map((contact) => [contact.uri, contact.reachable]));
    for (const { uri, reachable } of now.contacts) {
      if (known.get(uri) === reachable) continue;
      marks.markContact(extension, uri, reachable ? 'Reachable' : 'Unreachable').catch((error: unknown) => {
        log.warn({ agent: extension, ...errorFields(error) }, 'contact status not written');
      });
    }
  });
}
