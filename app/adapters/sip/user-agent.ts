// SIP.js set up for Asterisk: which of its defaults are changed, and why.
import { UserAgent, type UserAgentOptions } from 'sip.js';
import type { CentreConfig, SipAccount } from '../../../domain/protocol/http.ts';
import { AppError } from '../../models/app-error.ts';
import { socketUrl } from '../bridge/socket.ts';

/** Seconds; a WebSocket that carries nothing is cut by proxies after a minute or so. */
const KEEP_ALIVE_S = 15;

/** Candidates not found by then are not waited for: the default of 5 s delays every answer on a VPN. */
const ICE_WITHIN_MS = 500;

export function createUserAgent(
  account: SipAccount,
  iceServers: CentreConfig['iceServers'],
  base: string,
  delegate: NonNullable<UserAgentOptions['delegate']>,
): UserAgent {
  const uri = UserAgent.makeURI(account.aor);
  if (!uri) throw new AppError('bad-answer', { retryable: false, cause: 'aor' });
  return new UserAgent({
    uri,
    // RG9: the contact's user part names our session wherever Asterisk lists it.
    contactName: account.contactName,
    authorizationUsername: account.username,
    authorizationHa1: account.ha1,
    delegate,
    transportOptions: {
      server: socketUrl(account.url, base),
      keepAliveInterval: KEEP_ALIVE_S,
      connectionTimeout: 5,
      traceSip: false,
    },
    sessionDescriptionHandlerFactoryOptions: {
      iceGatheringTimeout: ICE_WITHIN_MS,
      // Replaces the built-in public STUN server: nothing leaves the centre unless its configuration says so.
      peerConnectionConfiguration: { iceServers: iceServers.map(({ urls }) => ({ urls: [...urls] })) },
    },
    // 180 is sent by us, once we know that we ring and are not busy.
    sendInitialProvisionalResponse: false,
    // The queue decides how long it rings.
    noAnswerTimeout: 180,
    // Its configuration dump would print the HA1.
    logConfiguration: false,
    logBuiltinEnabled: false,
  });
}
