// A phone on SIP over WebSocket as a desk's is, without media: registers with its session's HA1, answers OPTIONS, rings.
import { openPhone, type Phone } from '../../asterisk/testing/phone.ts';
import { header, type SipMessage } from '../../asterisk/testing/sip-message.ts';
import type { Ear } from './ear.ts';

/** What the bridge hands a desk at sign-in (SE1). */
export interface SipAccount {
  readonly url: string;
  readonly aor: string;
  readonly contactName: string;
  readonly username: string;
  readonly ha1: string;
}

export interface Ring {
  /** Asterisk's Linkedid, as the dialplan gives it in X-Linkedid (ST6). */
  readonly linkedId: string;
  readonly queue: string;
  /** False once the caller left or another device took the call. */
  readonly ringing: boolean;
}

export interface SipRegistrant {
  /** Rejects with the status of the refusal. */
  readonly registered: Promise<void>;
  readonly rings: () => readonly Ring[];
  /** Final status of a REGISTER of that many seconds; 0 un-registers. */
  readonly register: (expiresS?: number) => Promise<number>;
  readonly unregister: () => Promise<void>;
  /** The network is gone without a word. */
  readonly destroySocket: () => void;
}

const isOf = (method: string) => (message: SipMessage) => message.first.startsWith(`${method} `);

/** The calls among what a phone received, each ringing until its CANCEL came. */
function ringsIn(received: readonly SipMessage[]): readonly Ring[] {
  const cancelled = new Set(received.filter(isOf('CANCEL')).map((message) => header(message, 'call-id')));
  return received.filter(isOf('INVITE')).map((invite) => ({
    linkedId: header(invite, 'x-linkedid'),
    queue: header(invite, 'x-queue'),
    ringing: !cancelled.has(header(invite, 'call-id')),
  }));
}

/** `ear`: told of every OPTIONS addressed to this session (RG12). */
export function registerPhone(account: SipAccount, ear?: Ear): SipRegistrant {
  const { url, aor, contactName, username, ha1 } = account;
  let phone: Phone | null = null;
  const opening = openPhone({
    ...{ url, session: contactName, credential: { user: username, ha1 } },
    extension: aor.replace(/^sips?:|@.*$/g, ''),
    onRequest: ({ first }) => {
      if (first.startsWith(`OPTIONS sip:${contactName}@`)) ear?.hear();
    },
  }).then((opened) => (phone = opened));

  const register = async (expiresS = 600): Promise<number> => (await opening).register(expiresS);

  async function registerNow(): Promise<void> {
    const status = await register();
    if (status !== 200) throw new Error(`REGISTER was answered with ${status}`);
  }

  const registered = registerNow();
  // Whoever does not ask must not be told of it by a crash.
  registered.catch(() => undefined);
  return {
    registered,
    register,
    rings: () => ringsIn(phone?.received ?? []),
    async unregister() {
      await register(0);
      phone?.destroy();
    },
    destroySocket: () => phone?.destroy(),
  };
}
