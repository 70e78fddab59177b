// The sweep with a fake Asterisk, a real roster and a clock that stands still: for its tests.
import type { Registration, RegistrationState } from '../../domain/registration/evidence.ts';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import { extensionFinder } from '../reconcile/extension-of.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { settle } from '../testing/settle.ts';
import { createFakeSources } from './fake-sources.ts';
import type { SweepReport } from './report.ts';
import { Sweep, type SweepDeps } from './sweep.ts';

export function sweepBench(truth: Readonly<Record<string, boolean>>, given: Partial<SweepDeps> = {}) {
  const clock = createFakeClock(T0);
  const log = createFakeLog();
  const sources = createFakeSources(truth);
  const people = Object.keys(truth).map((extension) => makePerson({ extension }));
  const roster = createRoster(people, [], 0);
  const place = { ready: true };
  const sweep = new Sweep({
    ...{ sources, roster, clock, log, isReady: () => place.ready },
    extensionOf: extensionFinder('PJSIP/<ext>', (extension) => roster.get(extension) !== undefined),
    ...given,
  });
  const reports: SweepReport[] = [];
  sweep.onReport((report) => reports.push(report));
  const registrationOf = (extension: string): Registration => {
    const record = roster.get(extension);
    if (!record) throw new Error(`no agent ${extension}`);
    return record.registration;
  };
  return {
    ...{ clock, log, sources, roster, place, sweep, reports, registrationOf },
    states: (): Readonly<Record<string, RegistrationState>> =>
      Object.fromEntries(people.map(({ extension }) => [extension, registrationOf(extension).state])),
    /** What an event would have said at `at` (ms). */
    tell(extension: string, verdict: 'registered' | 'unregistered', at = clock.now()): void {
      roster.apply(extension, {
        type: 'contact',
        contact: {
          ...{ uri: `sip:s-${extension}@host`, state: verdict === 'registered' ? 'reachable' : 'removed' },
          ...{ userAgent: null, address: null, roundTripMs: null },
        },
        at,
      });
    },
    /** Lets time pass for a sweep that hangs, or that looks again. */
    pass: async (ms: number): Promise<void> => {
      await settle();
      clock.advance(ms);
      await settle();
    },
  };
}

export type SweepBench = ReturnType<typeof sweepBench>;

/** Sweeps on demand, with time for its deadlines and its second look. */
export async function sweepNow({ sweep, pass }: SweepBench): Promise<SweepReport> {
  const swept = sweep.run();
  for (let round = 0; round < 4; round += 1) await pass(5_000);
  return swept;
}
