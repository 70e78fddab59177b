// RG2: the six methods of the sweep, as this Asterisk answers them.
import * as v from 'valibot';
import type { AriEndpoint, DeviceState, MemberDevice, PoolAgent, SweepSources } from '../../sweep/ports.ts';
import type { PbxTables } from '../store/pbx-tables.ts';
import { connectionOf, contactsOf, listOf } from './ami-lists.ts';
import type { AmiLink } from './ami-link.ts';
import { first, type AmiMessage } from './ami-message.ts';
import { AriError } from './ari-error.ts';
import type { AriLink } from './ari-link.ts';

const text = (message: AmiMessage, key: string): string => first(message, key) ?? '';

export function deviceStateOf(message: AmiMessage): DeviceState | null {
  const [device, state] = [text(message, 'device'), text(message, 'state')];
  return device && state ? { device, state } : null;
}

/** `QueueStatus` lists queues (`QueueParams`) and callers (`QueueEntry`) too. */
export function memberDeviceOf(message: AmiMessage): MemberDevice | null {
  if (message['event'] !== 'QueueMember') return null;
  const stateInterface = text(message, 'stateinterface') || text(message, 'location');
  const status = text(message, 'status');
  return stateInterface && /^\d+$/.test(status) ? { stateInterface, status: Number(status) } : null;
}

/** The channel is there only while somebody is logged in. */
export function poolAgentOf(message: AmiMessage): PoolAgent | null {
  const [agent, status] = [text(message, 'agent'), text(message, 'status')];
  return agent && status ? { agent, status, channel: text(message, 'channel') } : null;
}

const AriEndpointsSchema = v.array(
  v.object({ technology: v.string(), resource: v.string(), state: v.optional(v.nullable(v.string()), null) }),
);

/** ARI's `GET /endpoints`, read. Throws AriError 'unsupported'. */
export function decodeAriEndpoints(body: unknown): readonly AriEndpoint[] {
  const parsed = v.safeParse(AriEndpointsSchema, body);
  if (!parsed.success) throw new AriError('unsupported', 'GET /endpoints: not a list of endpoints');
  return parsed.output;
}

/** `ari` is null where ARI is not configured: its method is then 'unsupported'. */
export function createSweepSources(deps: {
  readonly link: AmiLink;
  readonly ari: AriLink | null;
  readonly rows: Pick<PbxTables, 'contactRows'>;
}): SweepSources {
  const { link, ari, rows } = deps;
  // Async, so that a link that is down is a rejection like any other.
  const list = async <Item>(action: string, decode: (message: AmiMessage) => Item | null) =>
    listOf(connectionOf(link), action, decode);
  return {
    contactStatuses: async () => contactsOf(connectionOf(link)),
    deviceStates: () => list('DeviceStateList', deviceStateOf),
    queueStatus: () => list('QueueStatus', memberDeviceOf),
    agents: () => list('Agents', poolAgentOf),
    async ariEndpoints() {
      if (!ari) throw new AriError('unsupported', 'ARI is not configured');
      return decodeAriEndpoints(await ari.get('/endpoints'));
    },
    contactRows: () => rows.contactRows(),
  };
}
