// Who is at the other end, from a From header.
import type { CallParty } from '../../models/ports.ts';

/** SIP.js' types promise a display name; without one in the header there is none (RFC 3261 §25.1: it is optional). */
interface FromHeader {
  readonly displayName: string | undefined;
  readonly uri: { readonly user: string | undefined };
}

/** The user part of a URI comes escaped: `%2B7999…` (RFC 3261 §19.1.2). */
function unescaped(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

const bare = (text: string): string => text.replace(/[\s()+-]/g, '');

export function partyOf({ displayName = '', uri }: FromHeader): CallParty {
  const number = uri.user === undefined || uri.user === '' ? null : unescaped(uri.user);
  // Where Asterisk knows no name it may put the number in its place.
  const named = displayName !== '' && bare(displayName) !== bare(number ?? '');
  return { name: named ? displayName : null, number };
}
