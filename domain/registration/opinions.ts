// RG3: from what a method answered to what it thinks of each extension. Pure; who asks and how long is the sweep's.
import type { ContactState } from './contacts.ts';
import type { Method, RegistrationState } from './evidence.ts';

export type Verdict = Exclude<RegistrationState, 'unknown'>;

/** What one method thinks of everybody. */
export interface Opinions {
  readonly method: Method;
  readonly listed: ReadonlyMap<string, Verdict>;
  /** Of every extension that is not listed; null: nothing. */
  readonly others: Verdict | null;
}

/** PS3: the extension behind a device such as `PJSIP/1001`; null when it is none of ours. */
export type ExtensionOf = (device: string) => string | null;

/** null: the method knows nothing of the extension. */
export const opinionOf = ({ listed, others }: Opinions, extension: string): Verdict | null =>
  listed.get(extension) ?? others;

type Said = readonly [extension: string | null, verdict: Verdict | null];

const silent = (method: Method): Opinions => ({ method, listed: new Map(), others: null });

/** One reachable contact is enough to be registered. Lists all there are, so whoever is missing has none. */
function anyRegistered(method: Method, said: readonly (readonly [string, boolean])[]): Opinions {
  if (said.length === 0) return silent(method);
  const listed = new Map<string, Verdict>();
  for (const [extension, reachable] of said) {
    if (reachable) listed.set(extension, 'registered');
    else if (!listed.has(extension)) listed.set(extension, 'unregistered');
  }
  return { method, listed, others: 'unregistered' };
}

/** One fact that may be told several times; told differently, a change went through the middle of the list. */
function sameFact(method: Method, said: readonly Said[]): Opinions {
  const listed = new Map<string, Verdict>();
  const contradicted = new Set<string>();
  for (const [extension, verdict] of said) {
    if (extension === null || verdict === null) continue;
    const before = listed.get(extension);
    if (before && before !== verdict) contradicted.add(extension);
    listed.set(extension, verdict);
  }
  for (const extension of contradicted) listed.delete(extension);
  return { method, listed, others: null };
}

/** AMI `PJSIPShowRegistrationInboundContactStatuses`. No contacts at all may as well be an Asterisk that just began. */
export const contactOpinions = (
  contacts: readonly { readonly extension: string; readonly state: ContactState }[],
): Opinions =>
  anyRegistered(
    'contact-statuses',
    contacts.map(({ extension, state }) => [extension, state === 'reachable'] as const),
  );

function endpointVerdict(state: string | null): Verdict | null {
  if (state === 'online') return 'registered';
  return state === 'offline' ? 'unregistered' : null;
}

/** ARI `GET /endpoints`: other channel technologies may have endpoints of the same name. */
export const endpointOpinions = (
  endpoints: readonly {
    readonly technology: string;
    readonly resource: string;
    readonly state: string | null;
  }[],
): Opinions =>
  sameFact(
    'ari-endpoints',
    endpoints
      .filter(({ technology }) => technology === 'PJSIP')
      .map(({ resource, state }) => [resource, endpointVerdict(state)] as const),
  );

/** RG3: INUSE, RINGING … outlive the contact (measured: a channel keeps the device in use), so they say nothing. */
function deviceVerdict(state: string): Verdict | null {
  switch (state) {
    case 'NOT_INUSE':
      return 'registered';
    case 'UNAVAILABLE':
    case 'INVALID':
      return 'unregistered';
    default:
      return null;
  }
}

/** AMI `DeviceStateList`. */
export const deviceOpinions = (
  states: readonly { readonly device: string; readonly state: string }[],
  extensionOf: ExtensionOf,
): Opinions =>
  sameFact(
    'device-states',
    states.map(({ device, state }) => [extensionOf(device), deviceVerdict(state)] as const),
  );

/** Asterisk, devicestate.h: `enum ast_device_state`. */
const DEVICE_STATES = [
  ...['UNKNOWN', 'NOT_INUSE', 'INUSE', 'BUSY', 'INVALID'],
  ...['UNAVAILABLE', 'RINGING', 'RINGINUSE', 'ONHOLD'],
];

/** AMI `QueueStatus`: the device state again, as each queue holds it. */
export const memberOpinions = (
  members: readonly { readonly stateInterface: string; readonly status: number }[],
  extensionOf: ExtensionOf,
): Opinions =>
  sameFact(
    'queue-status',
    members.map(
      ({ stateInterface, status }) =>
        [extensionOf(stateInterface), deviceVerdict(DEVICE_STATES[status] ?? '')] as const,
    ),
  );

/** `PJSIP/1001-0000002a` → `PJSIP/1001`. */
const deviceOfChannel = (channel: string): string => channel.replace(/-[0-9a-f]{8}$/, '');

/** AMI `Agents`: whoever logged into the pool has a phone; whoever did not may well be registered. */
export const agentOpinions = (
  agents: readonly { readonly status: string; readonly channel: string }[],
  extensionOf: ExtensionOf,
): Opinions =>
  sameFact(
    'agents',
    agents
      .filter(({ status }) => status !== 'AGENT_LOGGEDOFF')
      .map(({ channel }) => [extensionOf(deviceOfChannel(channel)), 'registered'] as const),
  );

/** Table `ps_contacts` at `now` (ms). Rows can outlive what they tell of, which is why they are asked last. */
export const rowOpinions = (
  rows: readonly {
    readonly endpoint: string;
    /** s since the epoch. */
    readonly expirationTime: number;
    readonly status: string | null;
  }[],
  now: number,
): Opinions =>
  anyRegistered(
    'contact-rows',
    rows.map(({ endpoint, expirationTime, status }) => {
      const alive = expirationTime * 1_000 > now && status !== 'Unreachable' && status !== 'Expired';
      return [endpoint, alive] as const;
    }),
  );
