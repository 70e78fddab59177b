// Lists asked of Asterisk over AMI, decoded: shared by the snapshot and by the sweep.
import type { PbxContact, PbxRoundTrip } from '../../reconcile/ports.ts';
import type { AmiConnection } from './ami-connection.ts';
import { AmiError } from './ami-error.ts';
import type { AmiLink } from './ami-link.ts';
import { first, type AmiFields, type AmiMessage } from './ami-message.ts';
import { contactOf } from './pbx-facts.ts';

/** The connection while it can be asked. Throws AmiError 'closed'. */
export function connectionOf(link: AmiLink): AmiConnection {
  const current = link.current();
  if (!current) throw new AmiError('closed', 'Asterisk is out of reach');
  return current;
}

/** The items for which `decode` gives something. Rejects as `AmiConnection.list`. */
export async function listOf<Item>(
  connection: AmiConnection,
  action: string,
  decode: (message: AmiMessage) => Item | null,
  fields?: AmiFields,
): Promise<readonly Item[]> {
  const items = await connection.list(action, fields);
  return items.map(decode).filter((item) => item !== null);
}

/** Asterisk answers "No contacts found" with an error; to us that is an empty list. */
async function contactList<Item>(
  connection: AmiConnection,
  decode: (message: AmiMessage) => Item | null,
): Promise<readonly Item[]> {
  try {
    return await listOf(connection, 'PJSIPShowRegistrationInboundContactStatuses', decode);
  } catch (error) {
    if (error instanceof AmiError && error.code === 'refused' && /no contacts/i.test(error.message))
      return [];
    throw error;
  }
}

export const contactsOf = (connection: AmiConnection): Promise<readonly PbxContact[]> =>
  contactList(connection, contactOf);

/** Unrounded: that a contact answered shows in nothing but another figure (RG12). */
export function roundTripOf(message: AmiMessage): PbxRoundTrip | null {
  const contact = contactOf(message);
  const microseconds = Number(first(message, 'roundtripusec'));
  if (!contact || !(microseconds > 0)) return null;
  return { extension: contact.extension, uri: contact.uri, microseconds };
}

export const roundTripsOf = (connection: AmiConnection): Promise<readonly PbxRoundTrip[]> =>
  contactList(connection, roundTripOf);
