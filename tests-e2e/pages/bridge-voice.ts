// Puts words into the bridge's mouth: what a page shows of things that a sound centre does not have.
import type { Page } from '@playwright/test';

export interface BridgeVoice {
  /** One more frame from the bridge, in its place among the real ones. */
  say(message: Readonly<Record<string, unknown>>): void;
  /** The socket ends with that close code; the next one is the bridge's own again. */
  end(code: number): Promise<void>;
  /** Changes every frame of that type on its way to the page; null: it never comes. */
  rewrite(type: string, change: (body: Record<string, unknown>) => Record<string, unknown> | null): void;
}

type Frame = Record<string, unknown> & { readonly type: string };

/** Before the page is opened for the first time. */
export async function voiceOf(page: Page): Promise<BridgeVoice> {
  const rewrites = new Map<string, (body: Record<string, unknown>) => Record<string, unknown> | null>();
  let end: (code: number) => Promise<void> = () => Promise.resolve();
  let speak: (message: Readonly<Record<string, unknown>>) => void = () => undefined;
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    let n = 0;
    end = (code) => socket.close({ code });
    // Frames are numbered per connection: with more or fewer of them each gets its number here.
    speak = (message) => {
      n += 1;
      socket.send(JSON.stringify({ ...message, n }));
    };
    server.onMessage((data) => {
      const frame = JSON.parse(data.toString()) as Frame;
      const rewrite = rewrites.get(frame.type);
      const body = rewrite ? rewrite(frame) : frame;
      if (body) speak(body);
    });
  });
  return {
    say: (message) => speak(message),
    end: (code) => end(code),
    rewrite: (type, change) => void rewrites.set(type, change),
  };
}
