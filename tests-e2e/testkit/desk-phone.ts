// A SIP desk phone on an agent's extension: a secret of its own, given by the administrator, no session and no page.
import { openRows } from '../../asterisk/testing/rows.ts';
import type { Centre } from '../../tools/centre.ts';
import { registerPhone, type SipRegistrant } from './sip-registrant.ts';

/** The user part of its contact. */
export const DESK_PHONE = 'deskphone';

export interface DeskPhone extends Pick<SipRegistrant, 'rings' | 'register'> {
  /** Switched off, and its secret taken out of the list, then away. */
  remove(): void;
}

/** Registered, with its own row in `ps_auths` and in the endpoint's list. */
export async function deskPhone(
  { asterisk, files }: Pick<Centre, 'asterisk' | 'files'>,
  extension: string,
): Promise<DeskPhone> {
  const rows = openRows(files.pbx);
  const { user: username, ha1 } = rows.openSession(extension, DESK_PHONE, asterisk.sipRealm);
  const aor = `sip:${extension}@${asterisk.host}`;
  const phone = registerPhone({
    ...{ url: asterisk.sipWebSocketUrl, aor, contactName: DESK_PHONE, username, ha1 },
  });
  const remove = (): void => {
    phone.destroySocket();
    rows.revoke(extension, DESK_PHONE);
    rows.close();
  };
  await phone.registered.catch((error: unknown) => {
    remove();
    throw error;
  });
  return { rings: phone.rings, register: phone.register, remove };
}
