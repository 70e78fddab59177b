import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loseSight, NEVER_KNOWN } from '../registration/evidence.ts';
import { EMPTY_FOLD, type FoldState } from '../status/fold.ts';
import type { Probe } from '../status/wanted.ts';
import {
  makeContact,
  makeIntent,
  makeMember,
  makePerson,
  makeRecord,
  reconnectingSince,
  registeredSince,
  T0,
  unregisteredSince,
} from '../testing/build.ts';
import { callOf, newRecord, type AgentRecord } from './record.ts';
import { reduceAgent, type AgentFact, type ContactReport, type MemberReport } from './reduce.ts';

const report = (given: Partial<ContactReport> = {}): ContactReport => ({
  ...{ uri: 'sip:s-a@host', state: 'reachable', userAgent: null, address: null, roundTripMs: null },
  ...given,
});
const pausedReport = (given: Partial<MemberReport> = {}): MemberReport => ({
  ...{ queue: 'support', interface: 'Local/1001@agents-all', paused: true, reason: 'lunch' },
  ...given,
});
const all = (record: AgentRecord, ...facts: readonly AgentFact[]) => facts.reduce(reduceAgent, record);

describe('contacts and registration', () => {
  it('[RG1] the first reachable contact registers, the last one gone unregisters', () => {
    const folded = { ...EMPTY_FOLD, intent: makeIntent() };
    const one = all(makeRecord({ folded }), { type: 'contact', contact: report(), at: T0 });
    expect(one).toEqual(
      makeRecord({
        ...{ folded, contacts: [makeContact()], registration: registeredSince(T0), probe: 'pending' },
      }),
    );
    const gone = all(one, { type: 'contact', contact: report({ state: 'removed' }), at: T0 + 5 });
    expect(gone).toEqual(
      makeRecord({
        ...{ folded, contacts: [], registration: reconnectingSince(T0 + 5, T0), probe: 'pending' },
      }),
    );
  });

  it('[RG1] who is OFFLINE is not waited for: no grace begins, and one that runs ends with the sign-out', () => {
    const lost = { ...unregisteredSince(T0 + 5), lostAt: T0 + 5 };
    const idle = all(
      makeRecord(),
      { type: 'contact', contact: report(), at: T0 },
      { type: 'contact', contact: report({ state: 'removed' }), at: T0 + 5 },
    );
    expect(idle.registration).toEqual(lost);
    const folded = { ...EMPTY_FOLD, intent: makeIntent() };
    const going = makeRecord({ folded, registration: reconnectingSince(T0 + 5, T0) });
    expect(all(going, { type: 'folded', folded: EMPTY_FOLD, lastReceived: null }).registration).toEqual(lost);
  });

  it('[RG9] one of two devices gone leaves the agent registered', () => {
    const record = all(
      makeRecord(),
      { type: 'contact', contact: report(), at: T0 },
      { type: 'contact', contact: report({ uri: 'sip:4711@desk-phone' }), at: T0 + 1 },
      { type: 'contact', contact: report({ state: 'unreachable' }), at: T0 + 2 },
    );
    expect(record.registration).toEqual({ ...registeredSince(T0), asOf: T0 + 2 });
    expect(record.contacts).toEqual([
      makeContact({ reachable: false, at: T0 + 2 }),
      makeContact({ uri: 'sip:4711@desk-phone', session: null, at: T0 + 1 }),
    ]);
  });

  it('[RG1] what an event leaves out stays as it was known', () => {
    const listed = report({ userAgent: 'Desk 1.0', address: '10.0.0.7:5060', roundTripMs: 2.5 });
    const record = all(
      makeRecord(),
      { type: 'contacts', contacts: [listed], at: T0 },
      { type: 'contact', contact: report({ state: 'unreachable' }), at: T0 + 5 },
    );
    expect(record.contacts).toEqual([
      makeContact({
        ...{ userAgent: 'Desk 1.0', address: '10.0.0.7:5060', roundTripMs: 2.5 },
        ...{ reachable: false, at: T0 + 5 },
      }),
    ]);
  });

  it('[RG3] a contact’s older word changes nothing', () => {
    const record = all(makeRecord(), { type: 'contact', contact: report(), at: T0 + 5 });
    expect(all(record, { type: 'contact', contact: report({ state: 'unreachable' }), at: T0 })).toBe(record);
  });

  it('[RG3] a list asked for before an event does not undo it', () => {
    const record = all(
      makeRecord(),
      { type: 'contact', contact: report({ state: 'unreachable' }), at: T0 + 5 },
      { type: 'contacts', contacts: [report(), report({ uri: 'sip:s-b@host' })], at: T0 },
    );
    expect(record.contacts).toEqual([
      makeContact({ reachable: false, at: T0 + 5 }),
      makeContact({ uri: 'sip:s-b@host', session: 's-b' }),
    ]);
    expect(record.registration.state).toBe('registered');
    const known = all(makeRecord(), { type: 'contact', contact: report(), at: T0 + 5 });
    expect(all(known, { type: 'contacts', contacts: [], at: T0 }).contacts).toEqual([
      makeContact({ at: T0 + 5 }),
    ]);
  });

  it('[RG3] a contact gone while the list was asked for, told again after the list, leaves the truth', () => {
    const gone: AgentFact = { type: 'contact', contact: report({ state: 'removed' }), at: T0 + 5 };
    const list: AgentFact = {
      ...{ type: 'contacts', at: T0 },
      contacts: [report(), report({ uri: 'sip:s-b@host' })],
    };
    const record = all(makeRecord(), { type: 'contact', contact: report(), at: T0 - 9 }, gone, list, gone);
    expect(record.contacts).toEqual([makeContact({ uri: 'sip:s-b@host', session: 's-b' })]);
    expect(record.registration.state).toBe('registered');
  });

  it('[RG4] out of sight: registration and pauses are unknown, the rest is the last word', () => {
    const record = makeRecord({
      ...{ registration: registeredSince(T0), contacts: [makeContact()], members: [makeMember()] },
      channels: new Map([['1.1', T0]]),
    });
    expect(all(record, { type: 'sight.lost', at: T0 + 9 })).toEqual({
      ...record,
      registration: loseSight(registeredSince(T0), T0 + 9),
      members: [makeMember({ observed: null })],
    });
  });

  it('[RG4] what the log knew is restored as unknown', () => {
    const registration = { ...NEVER_KNOWN, lastKnown: 'registered', knownSince: T0, asOf: T0 } as const;
    expect(all(makeRecord(), { type: 'registration.restored', registration })).toEqual(
      makeRecord({ registration, probe: 'pending' }),
    );
  });
});

describe('a proof that the phone can be rung', () => {
  const ONLINE = { ...EMPTY_FOLD, intent: makeIntent() };
  const BREAK = { ...EMPTY_FOLD, intent: makeIntent({ status: 'BREAK', entry: 's-desk.0000000002' }) };
  const folded = (fold: FoldState): AgentFact => ({ type: 'folded', folded: fold, lastReceived: null });
  const proven = makeRecord({
    ...{ folded: ONLINE, contacts: [makeContact()], registration: registeredSince(T0) },
  });
  const gone: AgentFact = { type: 'contact', contact: report({ state: 'removed' }), at: T0 + 5 };
  const back: AgentFact = { type: 'contact', contact: report(), at: T0 + 6 };

  it('[RG12] a new record has none', () => {
    expect(newRecord(makePerson()).probe).toBe('pending');
  });

  it.each<[string, Probe, readonly AgentFact[]]>([
    ['stands through a break', 'proven', [folded(BREAK)]],
    ['ends with the next ONLINE', 'pending', [folded(BREAK), folded(ONLINE)]],
    [
      'stands for another ONLINE after an ONLINE',
      'proven',
      [folded({ ...ONLINE, intent: makeIntent({ entry: 's-desk.0000000009' }) })],
    ],
    ['ends with the registration', 'pending', [gone]],
    ['does not come back with the registration', 'pending', [gone, { type: 'probe', probe: 'proven' }, back]],
    ['ends when the grace is over', 'pending', [gone, { type: 'grace.over', from: T0 + 5 }]],
    ['stands while Asterisk is out of sight', 'proven', [{ type: 'sight.lost', at: T0 + 5 }]],
    ['ends when Asterisk is seen again', 'pending', [{ type: 'sight.lost', at: T0 + 5 }, back]],
    ['stands for a second contact', 'proven', [{ ...back, contact: report({ uri: 'sip:s-b@host' }) }]],
  ])('[RG12] %s', (_name, probe, facts) => {
    expect(all(proven, ...facts).probe).toBe(probe);
  });

  it('[RG12] silence ends with the next ONLINE too: it is asked anew', () => {
    const silent = { ...proven, folded: BREAK, probe: 'silent' } as const;
    expect(all(silent, folded(ONLINE)).probe).toBe('pending');
  });
});

describe('members', () => {
  it('[PS3] are told apart by queue and interface', () => {
    const record = all(
      makeRecord(),
      { type: 'member', member: pausedReport(), at: T0 },
      { type: 'member', member: pausedReport({ queue: 'sales' }), at: T0 },
      { type: 'member', member: pausedReport({ interface: 'PJSIP/1001', reason: 'x' }), at: T0 },
      { type: 'member', member: pausedReport({ paused: false, reason: '' }), at: T0 + 1 },
      { type: 'member.removed', queue: 'sales', interface: 'Local/1001@agents-all' },
    );
    expect(record.members).toEqual([
      makeMember({ observed: { paused: false, reason: '', at: T0 + 1 } }),
      makeMember({ interface: 'PJSIP/1001', observed: { paused: true, reason: 'x', at: T0 } }),
    ]);
  });

  it('[PS3] a list never overwrites what an event said later; who is not in it is no member', () => {
    const record = all(
      makeRecord({ members: [makeMember({ queue: 'old' })] }),
      { type: 'member', member: pausedReport(), at: T0 + 5 },
      {
        ...{ type: 'members', at: T0 + 1 },
        members: [pausedReport({ paused: false, reason: '' }), pausedReport({ queue: 'sales' })],
      },
    );
    expect(record.members).toEqual([
      makeMember({ observed: { paused: true, reason: 'lunch', at: T0 + 5 } }),
      makeMember({ queue: 'sales', observed: { paused: true, reason: 'lunch', at: T0 + 1 } }),
    ]);
  });
});

describe('calls', () => {
  it('[ST6] overlapping channels are one call, from the first Up to the last Hangup', () => {
    const up = (uniqueId: string, at: number): AgentFact => ({ type: 'channel.up', uniqueId, at });
    const ended = (uniqueId: string, at: number): AgentFact => ({ type: 'channel.ended', uniqueId, at });
    const two = all(makeRecord(), up('1.1', T0), up('1.2', T0 + 5), up('1.1', T0 + 9), ended('1.1', T0 + 10));
    expect([two.channels, two.callEndedAt, callOf(two)]).toEqual([
      ...[new Map([['1.2', T0 + 5]]), null, { since: T0 + 5 }],
    ]);
    const over = all(two, ended('1.2', T0 + 20));
    expect([over.channels, over.callEndedAt, callOf(over)]).toEqual([new Map(), T0 + 20, null]);
  });

  it('[RG11] a snapshot says which channels are up; a call missing in it has ended', () => {
    const snapshot = (at: number, ...ids: readonly string[]): AgentFact => ({
      ...{ type: 'channels', up: new Map(ids.map((id) => [id, T0])), at },
    });
    const on = all(makeRecord(), snapshot(T0, '1.1'));
    expect([callOf(on), on.callEndedAt]).toEqual([{ since: T0 }, null]);
    const off = all(on, snapshot(T0 + 30));
    expect([callOf(off), off.callEndedAt]).toEqual([null, T0 + 30]);
    expect(all(off, snapshot(T0 + 60)).callEndedAt).toBe(T0 + 30);
  });
});

describe('nothing changed', () => {
  const hold = { reason: 'new queue', author: '1100', since: T0 };
  const member = makeMember({ observed: { paused: true, reason: 'lunch', at: T0 } });
  const record = makeRecord({
    ...{ contacts: [makeContact()], registration: registeredSince(T0), members: [member] },
    ...{ channels: new Map([['1.1', T0]]), holds: new Map([['support', hold]]) },
  });

  it.each<[string, AgentFact]>([
    ['the person as known', { type: 'person', person: makePerson() }],
    ['the fold as known', { type: 'folded', folded: EMPTY_FOLD, lastReceived: null }],
    [
      'unknown evidence',
      { type: 'evidence', evidence: { method: 'agents', extension: '1001', verdict: 'unknown', at: T0 + 9 } },
    ],
    ['the contact as known', { type: 'contact', contact: report(), at: T0 }],
    ['the contacts as known', { type: 'contacts', contacts: [report()], at: T0 }],
    [
      'a contact gone that was not there',
      { type: 'contact', contact: report({ uri: 'sip:x@y', state: 'removed' }), at: T0 },
    ],
    ['the member as known', { type: 'member', member: pausedReport(), at: T0 }],
    ['the members as known', { type: 'members', members: [pausedReport()], at: T0 }],
    ['a member gone that was not there', { type: 'member.removed', queue: 'sales', interface: 'x' }],
    ['the channels as known', { type: 'channels', up: new Map([['1.1', T0]]), at: T0 + 9 }],
    ['a channel up that is up', { type: 'channel.up', uniqueId: '1.1', at: T0 + 9 }],
    ['a channel ended that was not there', { type: 'channel.ended', uniqueId: '9.9', at: T0 + 9 }],
    ['the holds as known', { type: 'holds', holds: new Map([['support', { ...hold }]]) }],
  ])('[ST11] %s: the same object comes back', (_name, fact) => {
    expect(reduceAgent(record, fact)).toBe(record);
  });

  it('[ST11] sight lost twice: the same object comes back', () => {
    const lost = all(record, { type: 'sight.lost', at: T0 + 9 });
    expect(all(lost, { type: 'sight.lost', at: T0 + 20 })).toBe(lost);
  });
});

const contactFact = fc.record({
  type: fc.constant('contact' as const),
  contact: fc.record({
    uri: fc.constantFrom('sip:s-a@h', 'sip:s-b@h', 'sip:4711@h'),
    state: fc.constantFrom('reachable', 'unreachable', 'removed'),
    userAgent: fc.constant(null),
    address: fc.constant(null),
    roundTripMs: fc.constant(null),
  }),
});
const memberFact = fc.record({
  type: fc.constant('member' as const),
  member: fc.record({
    queue: fc.constantFrom('support', 'sales'),
    interface: fc.constant('Local/1001@agents-all'),
    paused: fc.boolean(),
    reason: fc.constantFrom('', 'lunch'),
  }),
});
const channelFact = fc.record({
  type: fc.constantFrom('channel.up' as const, 'channel.ended' as const),
  uniqueId: fc.constantFrom('1.1', '1.2'),
});

describe('facts in the order in which Asterisk tells them', () => {
  it('[RG3] the record says what the last word on each contact, member and channel said', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(contactFact, memberFact, channelFact), { maxLength: 30 }), (facts) => {
        const record = facts.reduce<AgentRecord>(
          (before, fact, index) => reduceAgent(before, { ...fact, at: T0 + index }),
          newRecord(makePerson()),
        );
        const contacts = new Map<string, boolean>();
        const members = new Map<string, boolean>();
        const channels = new Set<string>();
        for (const fact of facts) {
          if (fact.type === 'member') members.set(fact.member.queue, fact.member.paused);
          if (fact.type === 'channel.up') channels.add(fact.uniqueId);
          if (fact.type === 'channel.ended') channels.delete(fact.uniqueId);
          if (fact.type !== 'contact') continue;
          contacts.set(fact.contact.uri, fact.contact.state === 'reachable');
          if (fact.contact.state === 'removed') contacts.delete(fact.contact.uri);
        }
        expect(new Map(record.contacts.map(({ uri, reachable }) => [uri, reachable]))).toEqual(contacts);
        expect(new Map(record.members.map(({ queue, observed }) => [queue, observed?.paused]))).toEqual(
          members,
        );
        expect(new Set(record.channels.keys())).toEqual(channels);
        expect(record.registration.state === 'registered').toBe([...contacts.values()].includes(true));
      }),
    );
  });
});
