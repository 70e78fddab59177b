// Whether a call in a page carries sound, as the browser counts its packets.
import type { Page } from '@playwright/test';
import { until } from './wait.ts';

/** Before the page is opened: keeps every peer connection where `packets` finds it. */
export const keepPeers = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    Object.assign(window, { peers });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
      }
    };
  });

interface Packets {
  readonly heard: number;
  readonly sent: number;
}

/** Sound packets of the page's calls so far, as the browser counts them. */
const packets = (page: Page): Promise<Packets> =>
  page.evaluate(async () => {
    const { peers } = window as unknown as { readonly peers: readonly RTCPeerConnection[] };
    const found = { heard: 0, sent: 0 };
    for (const peer of peers) {
      for (const report of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
        if (report['type'] === 'inbound-rtp') found.heard += Number(report['packetsReceived']);
        if (report['type'] === 'outbound-rtp') found.sent += Number(report['packetsSent']);
      }
    }
    return found;
  });

/** Half a second of sound in both directions from now on. */
export async function soundFlows(page: Page): Promise<void> {
  const before = await packets(page);
  await until('25 packets more each way', async () => {
    const now = await packets(page);
    return now.heard - before.heard >= 25 && now.sent - before.sent >= 25;
  });
}
