// PS4: what Asterisk held otherwise than wanted is told to those who oversee the agents: together what was found together.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import type { Log } from '../log.ts';
import type { ReconciledMember } from './reconciler.ts';

/** ms; after a restart of Asterisk everybody's members may differ at the same moment. */
const TOGETHER_MS = 25;

export interface DriftReport {
  tell(agent: string, drift: { readonly member: ReconciledMember; readonly contested: boolean }): void;
  stop(): void;
}

export function createDriftReport(deps: {
  readonly clock: Clock;
  readonly log: Log;
  readonly onDrift: (drifts: readonly QueueDrift[]) => void;
}): DriftReport {
  const { clock, log, onDrift } = deps;
  let drifts: QueueDrift[] = [];
  let timer: Cancel | null = null;

  function flush(): void {
    timer = null;
    const told = drifts;
    drifts = [];
    onDrift(told);
  }

  return {
    tell(agent, { member: { queue, wanted, observed }, contested }) {
      if (!observed) return;
      const drift = { agent, queue, wanted, observed: { ...observed }, contested };
      log.warn(
        drift,
        contested ? 'queue member is contested, left alone' : 'queue member differed, repaired',
      );
      drifts.push(drift);
      timer ??= clock.after(TOGETHER_MS, flush);
    },
    stop: () => timer?.(),
  };
}
