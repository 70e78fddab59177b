// RG5: what supervisors see on the health page, told to each of their pages when it comes and whenever something changed.
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { HealthReport, SweepReport } from '../../domain/protocol/health.ts';
import type { Health } from '../../domain/protocol/views.ts';
import type { ServerMessage } from '../../domain/protocol/server.ts';
import type { Roster } from '../roster/roster.ts';

/** ms; several things change at once when Asterisk goes or comes. */
export const GATHER_MS = 200;

export interface HealthReportDeps {
  readonly clock: Clock;
  readonly roster: Pick<Roster, 'all'>;
  readonly health: () => Health;
  /** null: not configured. */
  readonly ari: () => HealthReport['ari'];
  readonly sweep: {
    readonly last: SweepReport | null;
    readonly totals: { readonly sweeps: number; readonly disagreements: number };
  };
  readonly ghosts: () => HealthReport['ghosts'];
  readonly isSignedIn: (extension: string) => boolean;
  readonly hub: {
    tellOverseers(message: ServerMessage): void;
    tellOverseer(session: string, message: ServerMessage): void;
    onPresence(listener: (session: string) => void): void;
  };
}

export interface HealthReports {
  now(): HealthReport;
  /** Something it is made of changed. */
  tell(): void;
  stop(): void;
}

/** Whoever was heard of longest ago among those whose phone matters now. */
function oldestOf({ roster, isSignedIn }: HealthReportDeps): HealthReport['oldestKnowledge'] {
  let oldest: HealthReport['oldestKnowledge'] = null;
  for (const { person, registration } of roster.all()) {
    const { extension } = person;
    if (!isSignedIn(extension)) continue;
    const { asOf } = registration;
    if (oldest === null || asOf < oldest.asOf) oldest = { extension, asOf };
  }
  return oldest;
}

export function createHealthReports(deps: HealthReportDeps): HealthReports {
  const { clock, health, ari, sweep, ghosts, hub } = deps;
  let waiting: Cancel | null = null;

  function now(): HealthReport {
    const { asterisk, store } = health();
    return {
      type: 'health:report',
      ...{ ami: asterisk, ari: ari(), store },
      ...{ sweep: sweep.last, ...sweep.totals },
      oldestKnowledge: oldestOf(deps),
      ghosts: ghosts(),
    };
  }

  hub.onPresence((session) => hub.tellOverseer(session, now()));
  return {
    now,
    tell() {
      waiting ??= clock.after(GATHER_MS, () => {
        waiting = null;
        hub.tellOverseers(now());
      });
    },
    stop() {
      waiting?.();
      waiting = null;
    },
  };
}
