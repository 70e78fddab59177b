// RG9: an agent's devices: each open session with its contact, and desk phones, which have a contact alone.
import type { Contact } from '../registration/contacts.ts';
import type { AgentRecord, Desk } from './record.ts';

export interface Device {
  /** What a request names: the session id, or the URI of a desk phone's contact. */
  readonly id: string;
  /** null: a desk phone. */
  readonly session: string | null;
  /** What the device calls itself; null: a desk phone. */
  readonly label: string | null;
  readonly userAgent: string | null;
  /** "host:port". */
  readonly address: string | null;
  /** ms. */
  readonly roundTripMs: number | null;
  /** `none`: it has no contact, so nothing rings there. */
  readonly phone: 'reachable' | 'unreachable' | 'none';
  /** A page of it is connected to the bridge. */
  readonly connected: boolean;
  /** ms; when the session was opened; null: a desk phone. */
  readonly openedAt: number | null;
  /** SE4: a sign-out waits for the end of the call. */
  readonly endsAfterCall: boolean;
}

function deviceOf(id: string, desk: Desk | null, contact: Contact | null): Device {
  return {
    id,
    session: desk?.session ?? contact?.session ?? null,
    label: desk?.label ?? null,
    userAgent: contact?.userAgent ?? null,
    address: contact?.address ?? null,
    roundTripMs: contact?.roundTripMs ?? null,
    phone: contact === null ? 'none' : contact.reachable ? 'reachable' : 'unreachable',
    connected: desk !== null && desk.connectedSince !== null,
    openedAt: desk?.openedAt ?? null,
    endsAfterCall: desk?.endsAfterCall ?? false,
  };
}

/** Of several contacts of one session (a page loaded anew) the reachable one, else the one told of last. */
const bestOf = (contacts: readonly Contact[]): Contact | null =>
  [...contacts].sort((a, b) => Number(b.reachable) - Number(a.reachable) || b.at - a.at)[0] ?? null;

/** Sessions in order of opening, then the rest in Asterisk's order. */
export function devicesOf({ desks, contacts }: Pick<AgentRecord, 'desks' | 'contacts'>): readonly Device[] {
  const known = new Set(desks.map(({ session }) => session));
  const sessions = desks.map((desk) =>
    deviceOf(desk.session, desk, bestOf(contacts.filter((one) => one.session === desk.session))),
  );
  const others = contacts
    .filter(({ session }) => session === null || !known.has(session))
    .map((contact) => deviceOf(contact.uri, null, contact));
  return [...sessions, ...others];
}
