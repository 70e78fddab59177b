// An Asterisk for tests of the sweep: who is registered, and the six answers that follow from it. Each can be broken.
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import { pbxContact } from '../testing/fake-pbx.ts';
import type { SweepSources } from './ports.ts';

export interface FakeSources extends SweepSources {
  /** Extension → registered; change it as you like. */
  readonly truth: Map<string, boolean>;
  /** How often each method was asked. */
  readonly asked: ReadonlyMap<Method, number>;
  /** From now on the method answers with what `answer` makes of the truth. */
  breakDown(method: Method, answer: Fault): void;
  mend(method: Method): void;
}

/** `truthfully`: the answer of a method that is well, for that truth. */
export type Fault = (
  truthfully: (truth: ReadonlyMap<string, boolean>) => readonly unknown[],
  truth: ReadonlyMap<string, boolean>,
) => Promise<readonly unknown[]>;

const failure = (code: string): Error => Object.assign(new Error('secret words'), { code });

export const faults = {
  fails: () => Promise.reject(failure('refused')),
  throws: () => {
    throw new Error('secret words');
  },
  unsupported: () => Promise.reject(failure('unsupported')),
  hangs: () => new Promise<never>(() => undefined),
  empty: () => Promise.resolve([]),
  /** Says the opposite of everybody. */
  wrong: (truthfully, truth) =>
    Promise.resolve(truthfully(new Map([...truth].map(([extension, is]) => [extension, !is])))),
} satisfies Record<string, Fault>;

/** Far away: rows do not expire in tests. */
const EXPIRES_S = 4_000_000_000;

/** As Asterisk has it: contacts and rows of the registered, pool agents as well, and devices of everybody. */
const answers: Readonly<Record<Method, (truth: ReadonlyMap<string, boolean>) => readonly unknown[]>> = {
  // Somebody else's contact is always there, so that nobody being registered is not an empty list.
  'contact-statuses': (truth) => [
    pbxContact('9999'),
    ...registered(truth).map((extension) => pbxContact(extension)),
  ],
  'ari-endpoints': (truth) =>
    [...truth].map(([resource, is]) => ({ technology: 'PJSIP', resource, state: is ? 'online' : 'offline' })),
  'device-states': (truth) =>
    [...truth].map(([extension, is]) => ({
      ...{ device: `PJSIP/${extension}`, state: is ? 'NOT_INUSE' : 'UNAVAILABLE' },
    })),
  'queue-status': (truth) =>
    [...truth].map(([extension, is]) => ({ stateInterface: `PJSIP/${extension}`, status: is ? 1 : 5 })),
  agents: (truth) =>
    [...truth].map(([extension, is]) => ({
      ...{ agent: extension, status: is ? 'AGENT_IDLE' : 'AGENT_LOGGEDOFF' },
      channel: is ? `PJSIP/${extension}-00000001` : '',
    })),
  'contact-rows': (truth) =>
    ['9999', ...registered(truth)].map((endpoint) => ({
      ...{ endpoint, uri: `sip:s-${endpoint}@host`, expirationTime: EXPIRES_S, status: 'Reachable' },
    })),
};

const registered = (truth: ReadonlyMap<string, boolean>): readonly string[] =>
  [...truth].filter(([, is]) => is).map(([extension]) => extension);

export function createFakeSources(truth: Readonly<Record<string, boolean>>): FakeSources {
  const now = new Map(Object.entries(truth));
  const broken = new Map<Method, Fault>();
  const asked = new Map<Method, number>(METHODS.map((method) => [method, 0]));
  function ask(method: Method): Promise<readonly never[]> {
    asked.set(method, (asked.get(method) ?? 0) + 1);
    const fault = broken.get(method);
    const truthfully = answers[method];
    return (fault ? fault(truthfully, now) : Promise.resolve(truthfully(now))) as Promise<readonly never[]>;
  }
  return {
    ...{ truth: now, asked },
    breakDown: (method, fault) => void broken.set(method, fault),
    mend: (method) => void broken.delete(method),
    contactStatuses: () => ask('contact-statuses'),
    ariEndpoints: () => ask('ari-endpoints'),
    deviceStates: () => ask('device-states'),
    queueStatus: () => ask('queue-status'),
    agents: () => ask('agents'),
    contactRows: () => ask('contact-rows'),
  };
}
