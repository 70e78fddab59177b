// What an observer of Asterisk, a page and the bridge see of "can I be rung?" (RG12), in one order.
import type { Ear } from '../testkit/ear.ts';
import type { DeskClient, Frame } from '../testkit/desk-client.ts';
import { connectRawAmi, type RawAmi } from '../testkit/raw-ami.ts';
import { deviceTime } from '../testkit/wait.ts';
import type { CentreBench } from './bench.ts';

export interface Seen {
  readonly agent: string;
  /** `told`: the page gives its answer to the bridge; else Asterisk's QueueMemberPause: its reason, '' unpaused. */
  readonly what: 'told' | 'pause';
  readonly reason: string;
  /** ms. */
  readonly at: number;
}

export interface Observer {
  readonly seen: readonly Seen[];
  /** Of one agent since `from`, as `told`, `unpaused` or `paused: …`. */
  story(agent: string, from?: number): readonly string[];
  /** Notes when the page with that ear gives an answer. */
  watch(agent: string, ear: Ear): void;
  /** How many there are by now, for `story`. */
  mark(): number;
  close(): void;
}

export async function observe({ centre }: CentreBench): Promise<Observer> {
  const { host, ports, ami } = centre.asterisk;
  const connection: RawAmi = await connectRawAmi({ host, port: ports.ami, ...ami.watch });
  const seen: Seen[] = [];
  const watched = new Set<Ear>();
  connection.onMessage((message) => {
    if (message.get('event') !== 'QueueMemberPause') return;
    const reason = message.get('paused') === '1' ? message.get('pausedreason') || 'no reason' : '';
    seen.push({ agent: message.get('membername') ?? '', what: 'pause', reason, at: deviceTime() });
  });
  const inWords = ({ what, reason }: Seen): string =>
    what === 'told' ? 'told' : reason === '' ? 'unpaused' : `paused: ${reason}`;
  return {
    seen,
    story: (agent, from = 0) =>
      seen
        .slice(from)
        .filter((one) => one.agent === agent)
        .map(inWords),
    watch(agent, ear) {
      if (watched.has(ear)) return;
      watched.add(ear);
      const ask = ear.ask.bind(ear);
      ear.ask = (tell) =>
        ask(() => {
          seen.push({ agent, what: 'told', reason: '', at: deviceTime() });
          tell();
        });
    },
    mark: () => seen.length,
    close: () => connection.close(),
  };
}

interface ProbedView {
  readonly extension: string;
  readonly status: string;
  readonly since: number | null;
  readonly mark: string | null;
  readonly detail?: { readonly probe: string };
}

/** What a desk was told of an agent since that frame. */
export const viewsOf = (desk: DeskClient, extension: string, from = 0): readonly ProbedView[] =>
  desk.frames
    .slice(from)
    .flatMap((frame) => (frame['agents'] ?? []) as readonly ProbedView[])
    .filter((view) => view.extension === extension);

export const probeOf = (desk: DeskClient, extension: string): string | undefined =>
  viewsOf(desk, extension).at(-1)?.detail?.probe;

export const noncesOf = (desk: DeskClient): readonly string[] =>
  desk.frames.filter((frame: Frame) => frame.type === 'probe').map((frame) => String(frame['nonce']));
