// The people who watch, in a thread of their own: each holds one WebSocket; the first tells whom it was shown.
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';

/** What the thread is started with. */
export interface ScreensPlan {
  readonly url: string;
  readonly count: number;
}

/** Told with every frame the first screen got. */
export interface Shown {
  readonly agents: readonly string[];
}

interface Frame {
  readonly type: string;
  readonly agents?: readonly { readonly extension: string }[];
}

const { url, count } = workerData as ScreensPlan;
for (let index = 0; index < count; index += 1) {
  const socket = new WebSocket(url);
  socket.on('message', (data: Buffer) => {
    if (index > 0) return;
    const frame = JSON.parse(data.toString()) as Frame;
    if (frame.type !== 'agent:status') return;
    const shown: Shown = { agents: (frame.agents ?? []).map(({ extension }) => extension) };
    parentPort?.postMessage(shown);
  });
}
