// The SIP line of every browser goes through here and can be cut, while its socket to the bridge and the sound of a call,
// which goes by UDP, stay.
import { openAmiProxy } from './ami-proxy.ts';

export interface SipCut {
  /** What the bridge tells the browsers (SIP_URL). */
  readonly url: string;
  /** Every line breaks, and none can be opened until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Before the WebSocket of that Asterisk. */
export async function openSipCut(sipWebSocketUrl: string): Promise<SipCut> {
  const target = new URL(sipWebSocketUrl);
  // Nothing in it is AMI's: it passes bytes.
  const proxy = await openAmiProxy({ host: target.hostname, port: Number(target.port) });
  const url = new URL(target);
  url.port = String(proxy.port);
  return {
    url: url.href,
    cut: () => proxy.cut(),
    mend: () => proxy.clear(),
    close: () => proxy.close(),
  };
}
