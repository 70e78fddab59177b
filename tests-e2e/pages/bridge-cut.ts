// A cable between one page and the bridge that can be pulled. SIP has its own and stays.
import type { Page, WebSocketRoute } from '@playwright/test';

export interface BridgeCut {
  /** The socket ends, and every new one with it; HTTP to the bridge fails too. The page itself can still be loaded. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** Not in the table of close codes: trouble on the way. */
const TROUBLE = 4999;

/** Before the page is opened for the first time. */
export async function cableOf(page: Page): Promise<BridgeCut> {
  let isCut = false;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/socket$/, async (socket) => {
    if (isCut) return socket.close({ code: TROUBLE });
    open.add(socket);
    socket.connectToServer();
  });
  return {
    async cut() {
      isCut = true;
      await page.route('**/api/**', (route) => route.abort());
      for (const socket of open) await socket.close({ code: TROUBLE });
      open.clear();
    },
    async mend() {
      await page.unroute('**/api/**');
      isCut = false;
    },
  };
}
