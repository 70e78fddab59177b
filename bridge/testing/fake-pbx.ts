// A PBX for tests: queue members as app_queue keeps them, contacts and channels as lists. Nothing happens by itself.
import type { PauseCommand } from '../../domain/status/plan.ts';
import type {
  Pbx,
  PbxContact,
  PbxChannel,
  PbxFact,
  PbxMember,
  PbxRoundTrip,
  PbxSnapshot,
  PbxState,
} from '../reconcile/ports.ts';

export interface FakePbx extends Pbx {
  /** What Asterisk holds now; tests change it as they like, and tell of it or not. */
  members: PbxMember[];
  contacts: PbxContact[];
  channels: PbxChannel[];
  readonly commands: readonly PauseCommand[];
  /** Makes it so, and tells of it as app_queue does. */
  obey(command: PauseCommand): void;
  tell(fact: PbxFact): void;
  become(state: PbxState): void;
  /** What a command does; default: obeys at once, after the response. */
  onPause: (command: PauseCommand) => Promise<void>;
  /** What a question for everything does; default: answers at once. */
  onSnapshot: () => Promise<PbxSnapshot>;
  readonly pruned: readonly string[];
  readonly qualified: readonly string[];
  /** What Asterisk measured last. */
  trips: PbxRoundTrip[];
  /** What becomes of a question to an extension; default: it is taken, and nobody answers. */
  onQualify: (extension: string) => Promise<void>;
  /** The ids asked for, one list for each time. */
  readonly hungUp: readonly (readonly string[])[];
  readonly reloads: number;
}

export function createFakePbx(state: PbxState = 'down'): FakePbx {
  const factListeners = new Set<(fact: PbxFact) => void>();
  const stateListeners = new Set<(state: PbxState) => void>();
  const commands: PauseCommand[] = [];
  const pruned: string[] = [];
  const qualified: string[] = [];
  const hungUp: (readonly string[])[] = [];
  let current = state;
  let reloads = 0;
  const pbx: FakePbx = {
    ...{ members: [], contacts: [], channels: [], commands, pruned, qualified, hungUp, since: 0 },
    get state() {
      return current;
    },
    get reloads() {
      return reloads;
    },
    onState: (listener) => (stateListeners.add(listener), () => stateListeners.delete(listener)),
    onFact: (listener) => (factListeners.add(listener), () => factListeners.delete(listener)),
    become(next) {
      current = next;
      for (const listener of stateListeners) listener(next);
    },
    tell(fact) {
      for (const listener of factListeners) listener(fact);
    },
    obey({ queue, interface: iface, paused, reason }) {
      const at = pbx.members.findIndex((one) => one.queue === queue && one.interface === iface);
      const member = pbx.members[at];
      if (!member) return;
      pbx.members[at] = { ...member, paused, reason: paused ? reason : '' };
      pbx.tell({ type: 'member', told: 'paused', member: pbx.members[at] });
    },
    onPause: (command) => {
      void Promise.resolve().then(() => pbx.obey(command));
      return Promise.resolve();
    },
    onSnapshot: () =>
      Promise.resolve({
        members: [...pbx.members],
        contacts: [...pbx.contacts],
        channels: [...pbx.channels],
      }),
    snapshot: () => pbx.onSnapshot(),
    queueMembers: (queue) => Promise.resolve(pbx.members.filter((member) => member.queue === queue)),
    pause(command) {
      commands.push(command);
      return pbx.onPause(command);
    },
    reloadEndpoints() {
      reloads += 1;
      return Promise.resolve();
    },
    pruneContacts(extension) {
      pruned.push(extension);
      return Promise.resolve();
    },
    trips: [],
    onQualify: () => Promise.resolve(),
    qualify(extension) {
      qualified.push(extension);
      return pbx.onQualify(extension);
    },
    roundTrips: () => Promise.resolve([...pbx.trips]),
    hangUp(uniqueIds) {
      hungUp.push(uniqueIds);
      const ending = pbx.channels.filter((channel) => uniqueIds.includes(channel.uniqueId));
      pbx.channels = pbx.channels.filter((channel) => !ending.includes(channel));
      for (const { extension, uniqueId } of ending) pbx.tell({ type: 'channel.ended', extension, uniqueId });
      return Promise.resolve();
    },
  };
  return pbx;
}

export const pbxMember = (extension: string, given: Partial<PbxMember> = {}): PbxMember => ({
  ...{ queue: 'support', interface: `Local/${extension}@agents-all`, stateInterface: `PJSIP/${extension}` },
  ...{ paused: true, reason: '' },
  ...given,
});

export const pbxContact = (extension: string, given: Partial<PbxContact> = {}): PbxContact => ({
  ...{ extension, uri: `sip:s-${extension}@host`, state: 'reachable', userAgent: null, address: null },
  ...{ roundTripMs: null },
  ...given,
});
