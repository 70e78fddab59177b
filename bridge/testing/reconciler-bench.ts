// One agent's reconciler, its members, and an Asterisk that does what the test says.
import { amiPolicy } from '../../domain/connection/reconnect.ts';
import type { Judgement } from '../../domain/status/foreign.ts';
import type { Hold } from '../../domain/status/holds.ts';
import type { ObservedPause, PauseCommand } from '../../domain/status/plan.ts';
import type { WantedPause } from '../../domain/status/wanted.ts';
import { Reconciler, type ReconciledMember } from '../reconcile/reconciler.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';

export const LUNCH: WantedPause = { paused: true, reason: 'lunch' };
export const MEETING: WantedPause = { paused: true, reason: 'MEETING' };
export const GO: WantedPause = { paused: false };
const iface = 'Local/1001@agents-all';

export const command = (paused: boolean, reason: string, queue = 'support'): PauseCommand => ({
  ...{ queue, interface: iface, paused, reason },
});

export function reconcilerBench(queues: readonly string[] = ['support']) {
  const clock = createFakeClock(0);
  const log = createFakeLog();
  const sent: PauseCommand[] = [];
  const observed = new Map<string, ObservedPause | null>(
    queues.map((queue) => [queue, { paused: true, reason: '', at: 0 }]),
  );
  const contested = new Map<string, number>();
  const drifts: { readonly queue: string; readonly contested: boolean }[] = [];
  const judged: Judgement[] = [];
  const state = {
    ready: true,
    wanted: { paused: true, reason: '' } as WantedPause,
    wishes: 0,
    mayAdopt: false,
    holds: new Map<string, Hold>(),
    /** What Asterisk answers to a command. */
    answer: (): Promise<void> => Promise.resolve(),
    /** What becomes of a judged change. */
    record: (_judgement: Judgement): void => undefined,
  };
  const members = (): readonly ReconciledMember[] =>
    [...observed].map(([queue, seen]) => ({
      ...{ queue, interface: iface, wanted: state.wanted, observed: seen },
      ...{ hold: state.holds.get(queue) ?? null, contestedSince: contested.get(queue) ?? null },
    }));
  const reconciler = new Reconciler({
    ...{ agent: '1001', clock, log, policy: amiPolicy, rng: { next: () => 0.5 } },
    ...{ members, isReady: () => state.ready, mayAdopt: () => state.mayAdopt },
    wish: () => String(state.wishes),
    send(asked) {
      sent.push(asked);
      return state.answer();
    },
    record(judgement) {
      judged.push(judgement);
      state.record(judgement);
      return Promise.resolve();
    },
    onDrift: ({ member: { queue }, contested: is }) => void drifts.push({ queue, contested: is }),
    setContested({ queue }, since) {
      if (since === null) contested.delete(queue);
      else contested.set(queue, since);
    },
  });
  // In step to begin with.
  reconciler.handleSnapshot();
  state.wanted = LUNCH;
  return {
    ...{ clock, log, sent, state, reconciler, observed, members, drifts, judged },
    /** A person chose something. */
    want(wanted: WantedPause) {
      if (JSON.stringify(wanted) !== JSON.stringify(state.wanted)) state.wishes += 1;
      state.wanted = wanted;
      reconciler.kick();
    },
    /** Asterisk reports a member, as its event would. */
    report(paused: boolean, reason: string, queue = 'support') {
      reconciler.handleReport({ queue, interface: iface, paused, reason });
      observed.set(queue, { paused, reason, at: clock.now() });
      reconciler.kick();
    },
  };
}
