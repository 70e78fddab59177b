// Two agents of one queue, a PBX that can be told what to say, and the room that keeps it in step.
import { amiPolicy } from '../../domain/connection/reconnect.ts';
import { makeChoice, makePerson } from '../../domain/testing/build.ts';
import { entryId, type Change } from '../../domain/status/log.ts';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { extensionFinder } from '../reconcile/extension-of.ts';
import { KeepInStep } from '../reconcile/keep-in-step.ts';
import type { PbxState } from '../reconcile/ports.ts';
import { createLogClock } from '../roster/log-clock.ts';
import { createOwnEntries } from '../roster/own-entries.ts';
import { createRoster } from '../roster/roster.ts';
import { phonesThatAnswer } from './answering-phones.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';
import { createFakePbx, pbxContact, pbxMember } from './fake-pbx.ts';
import { createMemoryLogStore } from './memory-stores.ts';

export const people = ['1001', '1002'].map((extension) => makePerson({ extension }));
export const iface = (extension: string): string => `Local/${extension}@agents-all`;

export function inStepBench(state: PbxState = 'down', changes: readonly Change[] = []) {
  const clock = createFakeClock(1_000_000);
  const log = createFakeLog();
  const pbx = createFakePbx(state);
  const roster = phonesThatAnswer(createRoster(people, changes, 0));
  const told: boolean[] = [];
  const drifts: QueueDrift[] = [];
  const store = createMemoryLogStore();
  const entries = createOwnEntries({
    ...{ roster, store, logClock: createLogClock(clock, 0), lastOwnSequence: 0 },
  });
  pbx.members = people.map(({ extension }) => pbxMember(extension));
  pbx.contacts = people.map(({ extension }) => pbxContact(extension));
  const inStep = new KeepInStep({
    ...{ pbx, roster, clock, log, policy: amiPolicy, rng: { next: () => 0.5 } },
    extensionOf: extensionFinder('PJSIP/<ext>', (extension) => roster.get(extension) !== undefined),
    ...{ entries, isSignedIn: () => true },
    onReady: () => void told.push(inStep.ready),
    onDrift: (found) => void drifts.push(...found),
  });
  let sequence = 0;
  return {
    ...{ clock, log, pbx, roster, inStep, told, drifts, store },
    choose(extension: string, status: ChoosableStatus, reason: string | null = null) {
      sequence += 1;
      const made = clock.now();
      const id = entryId('s-x', sequence);
      roster.record(
        makeChoice({ id, sequence, agent: extension, status, reason, made, received: made }),
        sequence,
      );
    },
    observed: (extension: string) => roster.get(extension)?.members.map((member) => member.observed),
  };
}

export const pauseOf = (extension: string, paused: boolean, reason: string, queue = 'support') => ({
  ...{ queue, interface: iface(extension), paused, reason },
});
export const seenAt = (paused: boolean, reason: string, at = 1_000_000) => [{ paused, reason, at }];
