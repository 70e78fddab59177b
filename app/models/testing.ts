// Fakes for the tests of the models: time that is moved by hand, a bridge and a line that answer when told.
import type { Rng } from '../../domain/clock.ts';
import type { ClientMessage } from '../../domain/protocol/client.ts';
import type { ServerMessage } from '../../domain/protocol/server.ts';
import type { AgentDetail, AgentView } from '../../domain/protocol/views.ts';
import type { BridgeListener, BridgePort, DeviceClock } from './ports.ts';

export interface FakeClock extends DeviceClock {
  /** Somebody sets the wall clock. */
  step(ms: number): void;
  /** Runs what falls due in order; awaits pending promises between the callbacks. */
  advance(ms: number): Promise<void>;
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve();
};

export function createFakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  let stepped = 0;
  let entries: { at: number; callback: () => void }[] = [];
  return {
    now: () => now + stepped,
    elapsed: () => now - startMs,
    step: (ms) => void (stepped += ms),
    after(delayMs, callback) {
      const entry = { at: now + Math.max(0, delayMs), callback };
      entries.push(entry);
      return () => (entries = entries.filter((one) => one !== entry));
    },
    async advance(ms) {
      const until = now + ms;
      await settled();
      for (;;) {
        const [next] = entries.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        entries = entries.filter((one) => one !== next);
        now = next.at;
        next.callback();
        await settled();
      }
      now = until;
    },
  };
}

export const fixedRng = (value: number): Rng => ({ next: () => value });

export interface FakeSocket {
  readonly listener: BridgeListener;
  readonly sent: ClientMessage[];
  dropped: boolean;
}

/** A bridge that opens every socket and says nothing by itself. */
export function createFakeBridge(): BridgePort & { readonly sockets: FakeSocket[] } {
  const sockets: FakeSocket[] = [];
  return {
    sockets,
    open(listener) {
      const socket: FakeSocket = { listener, sent: [], dropped: false };
      sockets.push(socket);
      return {
        send: (message) => socket.sent.push(message),
        drop: () => (socket.dropped = true),
      };
    },
  };
}

export const welcome = (lastSequence = 0, epoch = 'e1'): ServerMessage => ({
  type: 'welcome',
  protocol: 1,
  epoch,
  rev: 5,
  serverTime: 1_000_000,
  scope: 'all',
  self: { extension: '1001', name: 'Anna', role: 'agent', session: 's-1', device: 'd-1', lastSequence },
});

const DETAIL: AgentDetail = {
  intent: { status: 'ONLINE', reason: null, cause: 'agent', actor: '1001', since: 1, entry: 'd-1.1' },
  lastReceived: 'd-1.1',
  question: null,
  overruled: null,
  registration: { state: 'registered', since: 1, lastKnown: 'registered', graceFrom: null, asOf: 1 },
  probe: 'proven',
  devices: [],
  contacts: [
    {
      uri: 'sip:s-1@x',
      session: 's-1',
      reachable: true,
      userAgent: null,
      address: null,
      roundTripMs: 12.4,
      at: 1,
    },
  ],
  queues: [
    {
      queue: 'support',
      wanted: { paused: false },
      observed: { paused: false, reason: '', at: 1 },
      agreed: true,
      ...{ hold: null, contestedSince: null },
    },
  ],
};

export const agent = (change: Partial<AgentView> = {}, detail: Partial<AgentDetail> = {}): AgentView => ({
  extension: '1001',
  name: 'Anna Petrova',
  role: 'agent',
  status: 'ONLINE',
  reason: null,
  auto: null,
  since: 1,
  next: null,
  mark: null,
  canTakeCall: true,
  detail: { ...DETAIL, ...detail },
  ...change,
});
