// RG1: an agent's contacts as Asterisk reports them, and what they say about the registration.
import type { RegistrationState } from './evidence.ts';

export interface Contact {
  readonly uri: string;
  /** SE1: the user part of the URI is the session id that the app registered with; null for a desk phone. */
  readonly session: string | null;
  readonly reachable: boolean;
  readonly userAgent: string | null;
  /** Where it comes from, "host:port"; null when Asterisk does not say. */
  readonly address: string | null;
  /** ms; null when Asterisk has not measured one. */
  readonly roundTripMs: number | null;
  /** ms; time of the last report. */
  readonly at: number;
}

/** PJSIP contact states (AMI `ContactStatus`, `ContactStatusDetail`). */
export type ContactState = 'reachable' | 'unreachable' | 'removed';

/**
 * `NonQualified`, `Created` and `Updated` count as reachable: with them Asterisk itself would ring the contact
 * (res_pjsip derives the device state so), and the verdict of its qualify follows within milliseconds.
 */
export function contactState(word: string): ContactState | null {
  switch (word.toLowerCase()) {
    case 'reachable':
    case 'avail':
    case 'nonqualified':
    case 'nonqual':
    case 'created':
    case 'updated':
      return 'reachable';
    case 'unreachable':
    case 'unavail':
    case 'unknown':
      return 'unreachable';
    case 'removed':
      return 'removed';
    default:
      return null;
  }
}

/** The user part of a SIP URI (RFC 3261 §19.1.1), or null. */
export function userOfUri(uri: string): string | null {
  return /^sips?:([^@;?]+)@/.exec(uri)?.[1] ?? null;
}

export function verdictOf(contacts: readonly Contact[]): Exclude<RegistrationState, 'unknown'> {
  return contacts.some((contact) => contact.reachable) ? 'registered' : 'unregistered';
}
