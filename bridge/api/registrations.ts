// How the bridge knows who can be reached, put together: grace, second transport, sweep, and what supervisors see of it.
import { isOverseer } from '../../domain/access/rules.ts';
import type { Clock } from '../../domain/clock.ts';
import type { HealthReport } from '../../domain/protocol/health.ts';
import type { Person } from '../../domain/roster/record.ts';
import type { Log } from '../log.ts';
import { endGraces } from '../roster/grace.ts';
import type { Roster } from '../roster/roster.ts';
import type { SecondSource, SweepSources } from '../sweep/ports.ts';
import { createSecondTransport } from '../sweep/second-transport.ts';
import { Sweep } from '../sweep/sweep.ts';
import type { CommandResult } from './commands.ts';
import { createHealthReports, type HealthReportDeps } from './health-report.ts';
import type { HealthWatch } from './health.ts';

export interface RegistrationsDeps {
  readonly asterisk: { readonly sources: SweepSources; readonly second: SecondSource };
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
  readonly extensionOf: (stateInterface: string) => string | null;
  readonly isReady: () => boolean;
  readonly isSignedIn: (extension: string) => boolean;
  readonly health: HealthWatch;
  readonly ghosts: () => HealthReport['ghosts'];
  readonly hub: HealthReportDeps['hub'];
}

export interface Registrations {
  /** To be told whenever `isReady` may have changed. */
  handleReady(): void;
  /** RG2 on demand, for those who oversee others. */
  sweep(actor: Person): Promise<CommandResult>;
  start(): void;
  stop(): void;
}

export function watchRegistrations(deps: RegistrationsDeps): Registrations {
  const { asterisk, roster, clock, log, health, isReady } = deps;
  const endGrace = endGraces({ roster, clock, graceMs: deps.graceMs });
  const sweep = new Sweep({
    ...{ sources: asterisk.sources, roster, clock, log, isReady },
    extensionOf: deps.extensionOf,
  });
  const second = createSecondTransport({ roster, clock, isReady, onAlone: () => void sweep.run() });
  const reports = createHealthReports({
    ...{ clock, roster, sweep, ghosts: deps.ghosts, isSignedIn: deps.isSignedIn, hub: deps.hub },
    health: () => health.now(),
    ari: () => asterisk.second.state(),
  });
  asterisk.second.onWord((word) => second.handleWord(word));
  asterisk.second.onState(() => reports.tell());
  health.onChange(() => reports.tell());
  sweep.onReport(() => reports.tell());
  return {
    handleReady: () => sweep.handleReady(),
    async sweep({ role }) {
      if (!isOverseer(role)) return { ok: false, code: 'forbidden' };
      if (!isReady()) return { ok: false, code: 'asterisk-unavailable' };
      await sweep.run();
      return { ok: true };
    },
    start: () => sweep.start(),
    stop() {
      sweep.stop();
      second.stop();
      reports.stop();
      endGrace();
    },
  };
}
