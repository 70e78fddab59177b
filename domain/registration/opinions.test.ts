import { describe, expect, it } from 'vitest';
import { T0 } from '../testing/build.ts';
import { METHODS } from './evidence.ts';
import {
  agentOpinions,
  contactOpinions,
  deviceOpinions,
  endpointOpinions,
  memberOpinions,
  opinionOf,
  rowOpinions,
  type Opinions,
} from './opinions.ts';

const extensionOf = (device: string): string | null => /^PJSIP\/(\d{4})$/.exec(device)?.[1] ?? null;
const said = ({ listed, others }: Opinions) => ({ ...Object.fromEntries(listed), others });

const contact = (extension: string, state: 'reachable' | 'unreachable' | 'removed') => ({ extension, state });
const device = (name: string, state: string) => ({ device: name, state });
const member = (stateInterface: string, status: number) => ({ stateInterface, status });
const agent = (status: string, channel: string) => ({ agent: '7', status, channel });
const endpoint = (resource: string, state: string | null, technology = 'PJSIP') => ({
  ...{ technology, resource, state },
});
const row = (name: string, expirationTime: number, status: string | null = null) => ({
  ...{ endpoint: name, uri: 'sip:a@host', expirationTime, status },
});

describe('opinions', () => {
  it('[RG3] contact statuses: one reachable contact is enough, none reachable or none at all is unregistered', () => {
    const list = [
      ...[contact('1001', 'unreachable'), contact('1001', 'reachable'), contact('1001', 'unreachable')],
      ...[contact('1002', 'unreachable'), contact('1003', 'removed')],
    ];
    expect(said(contactOpinions(list))).toEqual({
      ...{ 1001: 'registered', 1002: 'unregistered', 1003: 'unregistered', others: 'unregistered' },
    });
  });

  it('[RG3] ARI: online is registered, offline is not, of PJSIP only', () => {
    const list = [
      ...[endpoint('1001', 'online'), endpoint('1002', 'offline'), endpoint('1003', 'unknown')],
      ...[endpoint('1004', null), endpoint('1001', 'offline', 'IAX2'), endpoint('1005', 'online', 'SIP')],
    ];
    expect(said(endpointOpinions(list))).toEqual({ 1001: 'registered', 1002: 'unregistered', others: null });
  });

  it.each<readonly [string, string | null]>([
    ['NOT_INUSE', 'registered'],
    ['UNAVAILABLE', 'unregistered'],
    ['INVALID', 'unregistered'],
    ...['UNKNOWN', 'INUSE', 'BUSY', 'RINGING', 'RINGINUSE', 'ONHOLD', '', 'toString'].map(
      (state) => [state, null] as const,
    ),
  ])('[RG3] device state %j says %s', (state, verdict) => {
    expect(opinionOf(deviceOpinions([device('PJSIP/1001', state)], extensionOf), '1001')).toBe(verdict);
  });

  it('[RG3] of devices that are no agent’s, and of agents without a device, nothing is said', () => {
    const list = [
      ...[device('Queue:support_avail', 'NOT_INUSE'), device('Local/1001@agents-all', 'UNAVAILABLE')],
      device('PJSIP/trunk', 'NOT_INUSE'),
    ];
    expect(said(deviceOpinions(list, extensionOf))).toEqual({ others: null });
  });

  it.each<readonly [number, string | null]>([
    // Asterisk, devicestate.h.
    [0, null],
    [1, 'registered'],
    [2, null],
    [3, null],
    [4, 'unregistered'],
    [5, 'unregistered'],
    [6, null],
    [7, null],
    [8, null],
    [9, null],
    [-1, null],
    [Number.NaN, null],
  ])('[RG3] a member with status %d: %s', (status, verdict) => {
    expect(opinionOf(memberOpinions([member('PJSIP/1001', status)], extensionOf), '1001')).toBe(verdict);
  });

  it('[RG3] a member of several queues tells the same fact; told differently it says nothing', () => {
    const list = [
      ...[member('PJSIP/1001', 1), member('PJSIP/1001', 2), member('PJSIP/1001', 1)],
      ...[member('PJSIP/1002', 1), member('PJSIP/1002', 5), member('PJSIP/1002', 1)],
    ];
    expect(said(memberOpinions(list, extensionOf))).toEqual({ 1001: 'registered', others: null });
  });

  it('[RG3] the agent pool can say registered, never unregistered', () => {
    const list = [
      agent('AGENT_IDLE', 'PJSIP/1001-0000002a'),
      agent('AGENT_ONCALL', 'PJSIP/1002-0000002b'),
      ...[agent('AGENT_LOGGEDOFF', 'PJSIP/1003-0000002c'), agent('AGENT_LOGGEDOFF', '')],
      ...[agent('AGENT_IDLE', 'Local/1004@agents-0000002d;1'), agent('AGENT_IDLE', '')],
    ];
    expect(said(agentOpinions(list, extensionOf))).toEqual({
      ...{ 1001: 'registered', 1002: 'registered', others: null },
    });
  });

  it('[RG3] rows: alive and not marked otherwise is registered; no row among others is unregistered', () => {
    const [past, future] = [T0 / 1_000, T0 / 1_000 + 1];
    const list = [
      ...[row('1001', future), row('1002', future, 'Reachable'), row('1003', past), row('1003', future)],
      ...[row('1004', future, 'Unreachable'), row('1005', future, 'Expired'), row('1006', past, 'Reachable')],
    ];
    expect(said(rowOpinions(list, T0))).toEqual({
      ...{ 1001: 'registered', 1002: 'registered', 1003: 'registered' },
      ...{ 1004: 'unregistered', 1005: 'unregistered', 1006: 'unregistered', others: 'unregistered' },
    });
  });

  it('[RG3] [RG4] an empty answer of any method is unknown for everyone', () => {
    const empty = [
      ...[contactOpinions([]), endpointOpinions([]), deviceOpinions([], extensionOf)],
      ...[memberOpinions([], extensionOf), agentOpinions([], extensionOf), rowOpinions([], T0)],
    ];
    expect(empty).toEqual(METHODS.map((method) => ({ method, listed: new Map(), others: null })));
  });
});
