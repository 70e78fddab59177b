// SE8: one person per browser: who signs out in one tab is out in all of them, whether or not the centre can be reached.
import * as v from 'valibot';
import type { TabsPort } from '../../models/ports.ts';

const SignedOutSchema = v.object({ signedOut: v.string() });

export function createTabs(name: string): TabsPort {
  const channel = new BroadcastChannel(name);
  return {
    tellSignedOut: (session) => channel.postMessage({ signedOut: session }),
    onSignedOut(listener) {
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const told = v.safeParse(SignedOutSchema, data);
        if (told.success) listener(told.output.signedOut);
      });
    },
  };
}
