// Small makers of whole values for tests: each takes only what the test is about.
import type { Contact } from '../registration/contacts.ts';
import type { Registration } from '../registration/evidence.ts';
import { newRecord, type AgentRecord, type Member, type Person } from '../roster/record.ts';
import type { Intent } from '../status/fold.ts';
import { entryId, type Choice, type Step } from '../status/log.ts';

/** A whole number of ms to count from. */
export const T0 = 1_700_000_000_000;

type Placed = { readonly device?: string; readonly sequence?: number; readonly made?: number };

const placed = ({ device = 's-desk', sequence = 1, made = T0 }: Placed) => ({
  id: entryId(device, sequence),
  ...{ device, sequence, made, received: made },
});

export const makeChoice = (given: Partial<Choice> = {}): Choice => ({
  ...{ kind: 'choice', agent: '1001', cause: 'agent', actor: '1001', status: 'BREAK', reason: null },
  ...{ seen: null, uncertain: false },
  ...placed(given),
  ...given,
});

export const makeStep = (given: Partial<Step> = {}): Step => ({
  ...{ kind: 'step', agent: '1001', cause: 'call', actor: 'bridge', status: 'WRAP_UP', reason: null },
  follows: null,
  ...placed({ device: 'bridge', ...given }),
  ...given,
});

export const makeIntent = (given: Partial<Intent> = {}): Intent => ({
  ...{ status: 'ONLINE', reason: null, cause: 'agent', actor: '1001', since: T0, entry: 's-desk.0000000001' },
  ...given,
});

export const makePerson = (given: Partial<Person> = {}): Person => ({
  ...{ extension: '1001', name: 'Ada Berg', role: 'agent', teams: ['support'] },
  ...given,
});

export const registeredSince = (at: number): Registration => ({
  ...{ state: 'registered', since: at, lastKnown: 'registered', knownSince: at, asOf: at },
  ...{ graceFrom: null, lostAt: null },
});

export const unregisteredSince = (at: number): Registration => ({
  ...{ state: 'unregistered', since: at, lastKnown: 'unregistered', knownSince: at, asOf: at },
  ...{ graceFrom: null, lostAt: null },
});

/** Lost at `at`, registered since `registered`, and the grace still runs (RG1). */
export const reconnectingSince = (at: number, registered: number): Registration => ({
  ...unregisteredSince(at),
  ...{ knownSince: registered, graceFrom: at },
});

export const makeContact = (given: Partial<Contact> = {}): Contact => ({
  ...{ uri: 'sip:s-a@host', session: 's-a', reachable: true, userAgent: null, address: null },
  ...{ roundTripMs: null, at: T0 },
  ...given,
});

export const makeMember = (given: Partial<Member> = {}): Member => ({
  ...{ queue: 'support', interface: 'Local/1001@agents-all' },
  ...{ observed: { paused: false, reason: '', at: T0 }, contestedSince: null },
  ...given,
});

export const makeRecord = (given: Partial<AgentRecord> = {}): AgentRecord => ({
  ...newRecord(makePerson()),
  probe: 'proven',
  ...given,
});
