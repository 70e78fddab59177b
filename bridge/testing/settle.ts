// Lets everything run that waits for nothing but earlier promises. No time passes.
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';

/** Resolves after a turn of the event loop: all microtasks queued by then, and by them, have run. */
export async function settle(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const turned = once(port1, 'message');
  port2.postMessage(null);
  await turned;
  port1.close();
}
