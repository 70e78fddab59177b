import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { AgentViewSchema } from '../protocol/views.ts';
import { loseSight } from '../registration/evidence.ts';
import { createAgentLog } from '../status/agent-log.ts';
import type { Change } from '../status/log.ts';
import {
  makeChoice,
  makeContact,
  makeMember,
  makePerson,
  makeRecord,
  registeredSince,
  T0,
  unregisteredSince,
} from '../testing/build.ts';
import type { AgentRecord } from './record.ts';
import { canTakeCall, colleagueView, fullView, memberStates } from './view.ts';

const recordWith = (entries: readonly Change[], given: Partial<AgentRecord> = {}): AgentRecord => {
  const { folded, lastReceived } = createAgentLog(entries);
  return makeRecord({ folded, lastReceived, registration: registeredSince(T0 - 9), ...given });
};
const lunch = makeChoice({ reason: 'at the doctor' });
const online = makeChoice({ status: 'ONLINE' });

describe('what colleagues see', () => {
  it('[WR6] name, extension, status, time and whether a call can be taken; no reason, no detail', () => {
    expect(colleagueView(recordWith([lunch]))).toEqual({
      ...{
        extension: '1001',
        name: 'Ada Berg',
        role: 'agent',
        status: 'BREAK',
        since: T0,
        canTakeCall: false,
      },
      ...{ reason: null, auto: null, next: null, mark: null },
    });
  });

  it('[WR6] neither what comes after the call nor why somebody is out of reach', () => {
    const onCall = recordWith([lunch], { channels: new Map([['1.1', T0 + 5]]) });
    expect(colleagueView(onCall)).toMatchObject({ status: 'ON_CALL', reason: null, next: null });
    const away = recordWith([lunch], { registration: unregisteredSince(T0 + 1) });
    expect(colleagueView(away)).toMatchObject({ status: 'OFFLINE', reason: null, auto: null });
    expect(fullView(away)).toMatchObject({ status: 'OFFLINE', reason: null, auto: 'sip-not-registered' });
  });

  it('[ST3] that a status is old shows to everybody', () => {
    const registration = loseSight(registeredSince(T0 - 9), T0 + 5);
    expect(colleagueView(recordWith([online], { registration }))).toMatchObject({
      status: 'ONLINE',
      mark: 'as-of',
    });
  });
});

describe('who can take a call', () => {
  const ready = { members: [makeMember()] };
  const pausedMember = makeMember({ observed: { paused: true, reason: 'x', at: T0 } });
  it.each<[string, Partial<AgentRecord>, boolean]>([
    ['unpaused in a queue, reachable, on no call', ready, true],
    ['unpaused in one queue of two', { members: [makeMember({ queue: 'sales' }), pausedMember] }, true],
    ['paused in all', { members: [pausedMember] }, false],
    ['in no queue', { members: [] }, false],
    ['whose pause is not known', { members: [makeMember({ observed: null })] }, false],
    ['not registered', { ...ready, registration: unregisteredSince(T0) }, false],
    ['out of sight', { ...ready, registration: loseSight(registeredSince(T0), T0 + 1) }, false],
    ['on a call', { ...ready, channels: new Map([['1.1', T0]]) }, false],
  ])('[WB2] %s: %j is %s', (_name, given, can) => {
    expect(canTakeCall(recordWith([online], given))).toBe(can);
  });
});

describe('what the agent and supervisors see', () => {
  it('[PS7] wanted, observed and reachable, with who and when', () => {
    const member = makeMember({ observed: { paused: false, reason: '', at: T0 + 2 } });
    const record = recordWith([lunch], { contacts: [makeContact()], members: [member] });
    expect(fullView(record)).toEqual({
      ...{
        extension: '1001',
        name: 'Ada Berg',
        role: 'agent',
        status: 'BREAK',
        since: T0,
        canTakeCall: true,
      },
      ...{ reason: 'at the doctor', auto: null, next: null, mark: null },
      detail: {
        intent: {
          ...{
            status: 'BREAK',
            reason: 'at the doctor',
            cause: 'agent',
            actor: '1001',
            since: T0,
            entry: lunch.id,
          },
        },
        ...{ lastReceived: lunch.id, question: null, overruled: null },
        registration: {
          ...{ state: 'registered', since: T0 - 9, lastKnown: 'registered', asOf: T0 - 9 },
          graceFrom: null,
        },
        probe: 'proven',
        devices: [
          {
            ...{ id: 'sip:s-a@host', session: 's-a', label: null, userAgent: null, address: null },
            ...{ roundTripMs: null, phone: 'reachable', connected: false },
            ...{ openedAt: null, endsAfterCall: false },
          },
        ],
        contacts: [makeContact()],
        queues: [
          {
            ...{ queue: 'support', wanted: { paused: true, reason: 'at the doctor' }, agreed: false },
            observed: { paused: false, reason: '', at: T0 + 2 },
            ...{ hold: null, contestedSince: null },
          },
        ],
      },
    });
  });

  it('[PS6] [PS5] the question of a declined ONLINE, and whose change stood up against the agent’s', () => {
    const stale = makeChoice({ sequence: 2, status: 'ONLINE', made: T0 + 1, received: T0 + 90_000 });
    expect(fullView(recordWith([lunch, stale])).detail?.question).toEqual({ entry: stale.id, made: T0 + 1 });
    const boss = makeChoice({ device: 's-boss', cause: 'supervisor', actor: '1100', made: T0 + 1 });
    const unseen = makeChoice({ sequence: 2, status: 'MEETING', made: T0 + 2, seen: lunch.id });
    expect(fullView(recordWith([lunch, boss, unseen])).detail?.overruled).toEqual({
      ...{ entry: unseen.id, status: 'MEETING', by: '1100' },
    });
  });

  it('[PS8] a hold pauses its queue only', () => {
    const holds = new Map([['sales', { reason: 'new queue', author: '1100', since: T0 }]]);
    const members = [makeMember(), makeMember({ queue: 'sales' })];
    expect(memberStates(recordWith([online], { holds, members }))).toEqual([
      { ...members[0], hold: null, wanted: { paused: false } },
      { ...members[1], hold: holds.get('sales'), wanted: { paused: true, reason: 'new queue' } },
    ]);
  });

  it('[PS7] [PS8] [PS2] who holds a queue, and since when it is contested', () => {
    const hold = { reason: 'new queue', author: '1100', since: T0 };
    const record = recordWith([online], {
      holds: new Map([['sales', hold]]),
      members: [makeMember({ contestedSince: T0 + 9 }), makeMember({ queue: 'sales' })],
    });
    expect(fullView(record).detail?.queues).toMatchObject([
      { queue: 'support', hold: null, contestedSince: T0 + 9 },
      { queue: 'sales', hold, contestedSince: null },
    ]);
  });

  it('[WR1] both views are of the protocol', () => {
    const record = recordWith([lunch], {
      person: makePerson(),
      contacts: [makeContact()],
      members: [makeMember()],
    });
    for (const view of [colleagueView(record), fullView(record)])
      expect(v.parse(AgentViewSchema, view)).toEqual(view);
  });
});
