import { describe, expect, it } from 'vitest';
import { AmiError } from './ami-error.ts';
import { createAmiLink } from './ami-link.ts';
import { AriError } from './ari-error.ts';
import {
  createSweepSources,
  decodeAriEndpoints,
  deviceStateOf,
  memberDeviceOf,
  poolAgentOf,
} from './sweep-sources.ts';
import { amiPolicy } from '../../../domain/connection/reconnect.ts';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createFakeLog } from '../../testing/fake-log.ts';

describe('what the methods of the sweep answer', () => {
  it('[RG2] a device and its state', () => {
    const item = { event: 'DeviceStateChange', device: 'PJSIP/1001', state: 'NOT_INUSE' };
    expect(deviceStateOf(item)).toEqual({ device: 'PJSIP/1001', state: 'NOT_INUSE' });
    expect([deviceStateOf({ ...item, state: '' }), deviceStateOf({})]).toEqual([null, null]);
  });

  it('[RG2] [PS3] a member’s device is the one its agent is found by', () => {
    const item = {
      ...{ event: 'QueueMember', location: 'Local/1001@agents-all', stateinterface: 'PJSIP/1001' },
      status: '5',
    };
    expect(memberDeviceOf(item)).toEqual({ stateInterface: 'PJSIP/1001', status: 5 });
    expect(memberDeviceOf({ ...item, stateinterface: '' })?.stateInterface).toBe('Local/1001@agents-all');
    const bad = [{ ...item, event: 'QueueEntry' }, { ...item, status: '' }, { ...item, status: '-1' }, {}];
    expect(bad.map(memberDeviceOf)).toEqual([null, null, null, null]);
  });

  it('[RG2] a pool agent, with a channel only while logged in', () => {
    const item = { event: 'Agents', agent: '1001', status: 'AGENT_IDLE', channel: 'PJSIP/1001-00000001' };
    expect(poolAgentOf(item)).toEqual({
      ...{ agent: '1001', status: 'AGENT_IDLE', channel: 'PJSIP/1001-00000001' },
    });
    expect(poolAgentOf({ event: 'Agents', agent: '1001', status: 'AGENT_LOGGEDOFF' })?.channel).toBe('');
    expect([poolAgentOf({ agent: '1001' }), poolAgentOf({})]).toEqual([null, null]);
  });

  it('[RG2] ARI’s endpoints; anything else is no answer', () => {
    const online = { technology: 'PJSIP', resource: '1001', state: 'online', channel_ids: [] };
    const { state: _, ...stateless } = online;
    expect(decodeAriEndpoints([online, stateless, { ...online, state: null }])).toEqual([
      { technology: 'PJSIP', resource: '1001', state: 'online' },
      { technology: 'PJSIP', resource: '1001', state: null },
      { technology: 'PJSIP', resource: '1001', state: null },
    ]);
    for (const body of [null, {}, [null], [{ technology: 'PJSIP' }], [{ ...online, resource: 1 }], 'x'])
      expect(() => decodeAriEndpoints(body)).toThrow(AriError);
  });

  it('[RG2] [RG4] without Asterisk and without ARI each method says so by code', async () => {
    const link = createAmiLink(
      { host: '127.0.0.1', port: 1, user: 'watch', secret: 'x', eventMask: 'off' },
      { clock: createFakeClock(0), log: createFakeLog(), policy: amiPolicy, rng: { next: () => 0 } },
    );
    const sources = createSweepSources({ link, ari: null, rows: { contactRows: () => Promise.resolve([]) } });
    const { contactStatuses, deviceStates, queueStatus, agents, ariEndpoints, contactRows } = sources;
    const asked = [contactStatuses, deviceStates, queueStatus, agents, ariEndpoints, contactRows];
    const answers = await Promise.all(
      asked.map((ask) =>
        ask().then(
          () => 'answered',
          (error: unknown) => (error instanceof AmiError || error instanceof AriError ? error.code : error),
        ),
      ),
    );
    expect(answers).toEqual([...Array<string>(4).fill('closed'), 'unsupported', 'answered']);
  });
});
