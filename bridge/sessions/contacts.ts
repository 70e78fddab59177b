// RG7, RG8: a session's contact is made known, or taken away. Asterisk alone makes contacts; nothing here invents one.
import type { Clock } from '../../domain/clock.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import { userOfUri, type Contact } from '../../domain/registration/contacts.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import { errorFields, type Log } from '../log.ts';
import type { Pbx } from '../reconcile/ports.ts';
import type { PeopleStore } from '../roster/ports.ts';
import type { Roster } from '../roster/roster.ts';
import { createAttempt } from './attempt.ts';
import type { SessionStore, SipAccounts } from './ports.ts';
import { recordThat } from './wait-for.ts';

/** ms Asterisk has to tell of a contact before it is asked for all of them. */
const ASK_AFTER_MS = 400;
/** ms between two questions for everything. */
const LOOK_EVERY_MS = 300;
/** ms in all until a contact that nobody told of is "not registered yet". */
export const ONLINE_WITHIN_MS = 1_000;
/** RG8, ms. */
export const REMOVED_WITHIN_MS = 1_000;

export type Outcome = { readonly ok: true } | { readonly ok: false; readonly code: Refusal };

export const DONE: Outcome = { ok: true };
export const refusal = (code: Refusal): Outcome => ({ ok: false, code });

export interface ContactsDeps {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly sip: SipAccounts;
  readonly pbx: Pick<Pbx, 'pruneContacts'>;
  readonly store: Pick<SessionStore, 'setOnline'>;
  readonly people: Pick<PeopleStore, 'setRegistered'>;
  /** Asterisk is known: the roster is what it says. */
  readonly isReady: () => boolean;
  /** Asks Asterisk for everything; what it says goes into the roster. */
  readonly look: () => void;
}

const reachableOf =
  (session: string) =>
  ({ contacts }: AgentRecord): Contact | null =>
    contacts.find((contact) => contact.session === session && contact.reachable) ?? null;

const isGone =
  (fits: (contact: Contact) => boolean) =>
  ({ contacts }: AgentRecord): true | null =>
    contacts.some(fits) ? null : true;

export class Contacts {
  readonly #deps: ContactsDeps;
  #lookedAt = 0;

  constructor(deps: ContactsDeps) {
    this.#deps = deps;
  }

  /**
   * RG7: Asterisk holds a reachable contact of that session: it is marked so, and so is the person. `contactUri` is the
   * device's own; Asterisk may know it by another host. Else `not-registered`; `asterisk-unavailable` when nobody can
   * say. Repeating it changes nothing. Rejects with StoreError.
   */
  async setContactOnline(extension: string, session: string, contactUri: string): Promise<Outcome> {
    const { log, sip, store, people, isReady } = this.#deps;
    if (userOfUri(contactUri) !== session) return refusal('not-registered');
    const contact = isReady() ? await this.#confirm(extension, session) : null;
    if (!contact) return refusal(isReady() ? 'not-registered' : 'asterisk-unavailable');
    try {
      await sip.markContact(extension, contact.uri, 'Reachable');
      await store.setOnline(extension, true);
      await people.setRegistered(extension, true);
    } catch (error) {
      log.error({ agent: extension, session, ...errorFields(error) }, 'failed to set agent online');
      throw error;
    }
    log.info({ agent: extension, session }, 'contact online');
    return DONE;
  }

  /**
   * RG8: that session's secret and contact are gone, or those of all of the extension's. Resolves when Asterisk has
   * dropped the contact, after 1 s at the latest, with whether secret and row are done; never rejects.
   */
  async setContactOffline(extension: string, session?: string): Promise<boolean> {
    const known = this.#deps.roster.get(extension)?.contacts ?? [];
    const named = known.flatMap((contact) => contact.session ?? []);
    const sessions = session === undefined ? [...new Set(named)] : [session];
    const attempt = createAttempt(this.#deps.log);
    const { sip } = this.#deps;
    let done = true;
    for (const one of sessions) {
      const revoked = await attempt('revoke', extension, () => sip.revoke(extension, one));
      const expired = await attempt('expire', extension, () => sip.expireContacts(extension, one));
      done &&= revoked && expired;
    }
    await this.#drop(extension, (contact) => contact.session !== null && sessions.includes(contact.session));
    return done;
  }

  /** RG9: one contact by its URI, as the roster has it. A desk phone whose secret is its own may come back. */
  async expireContact(extension: string, uri: string): Promise<boolean> {
    const { sip, log } = this.#deps;
    const attempt = createAttempt(log);
    const done = await attempt('expire', extension, () => sip.expireContact(extension, uri));
    await this.#drop(extension, (contact) => contact.uri === uri);
    return done;
  }

  /** Asterisk prunes what has expired; it tells of that by `ContactStatus: Removed`. */
  async #drop(extension: string, fits: (contact: Contact) => boolean): Promise<void> {
    const { pbx, log } = this.#deps;
    if (!(await createAttempt(log)('prune', extension, () => pbx.pruneContacts(extension)))) return;
    const gone = await recordThat(this.#deps, extension, isGone(fits), REMOVED_WITHIN_MS);
    if (!gone) log.warn({ agent: extension }, 'a contact that expired is still there');
  }

  async #confirm(extension: string, session: string): Promise<Contact | null> {
    const find = reachableOf(session);
    const told = await recordThat(this.#deps, extension, find, ASK_AFTER_MS);
    if (told) return told;
    this.#look();
    return recordThat(this.#deps, extension, find, ONLINE_WITHIN_MS - ASK_AFTER_MS);
  }

  /** One look serves all who wait. */
  #look(): void {
    const { clock, look } = this.#deps;
    if (clock.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = clock.now();
    look();
  }
}
