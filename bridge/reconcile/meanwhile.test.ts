import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pbxContact, pbxMember } from '../testing/fake-pbx.ts';
import { withMeanwhile } from './meanwhile.ts';
import type { PbxFact, PbxSnapshot } from './ports.ts';

const EMPTY: PbxSnapshot = { members: [], contacts: [], channels: [] };

const fact: fc.Arbitrary<PbxFact> = fc.oneof(
  fc
    .record({ queue: fc.constantFrom('support', 'sales'), paused: fc.boolean() })
    .map((given) => ({ type: 'member' as const, told: 'paused' as const, member: pbxMember('1001', given) })),
  fc.constantFrom('support', 'sales').map((queue) => {
    const { interface: iface, stateInterface } = pbxMember('1001');
    return { type: 'member.removed' as const, queue, interface: iface, stateInterface };
  }),
  fc
    .record({
      uri: fc.constantFrom('sip:a@h', 'sip:b@h'),
      state: fc.constantFrom('reachable' as const, 'unreachable' as const, 'removed' as const),
    })
    .map((given) => ({ type: 'contact' as const, contact: pbxContact('1001', given) })),
  fc.record({
    type: fc.constantFrom('channel.up' as const, 'channel.ended' as const),
    ...{ extension: fc.constant('1001'), uniqueId: fc.constantFrom('1.1', '1.2') },
  }),
  fc.constant({ type: 'reloaded' as const }),
);

const sorted = ({ members, contacts, channels }: PbxSnapshot) =>
  [members, contacts ?? [], channels].map((list) => list.map((item) => JSON.stringify(item)).sort());

it('[PS2] whenever in that time the snapshot was taken, with the facts of all of it the outcome is the same', () => {
  fc.assert(
    fc.property(fc.array(fact), fc.array(fact), fc.nat(), (before, during, moment) => {
      const atAsking = withMeanwhile(EMPTY, before);
      const taken = withMeanwhile(atAsking, during.slice(0, moment % (during.length + 1)));
      expect(sorted(withMeanwhile(taken, during))).toEqual(sorted(withMeanwhile(atAsking, during)));
    }),
  );
});

it('[PS2] an event leaves out what the list knew of a contact; a channel’s start is the list’s', () => {
  const snapshot: PbxSnapshot = {
    ...EMPTY,
    contacts: [pbxContact('1001', { userAgent: 'Desk 1.0', address: '10.0.0.7:5060', roundTripMs: 3 })],
    channels: [{ extension: '1001', uniqueId: '1.1', upForMs: 9_000 }],
  };
  const facts: readonly PbxFact[] = [
    { type: 'contact', contact: pbxContact('1001', { state: 'unreachable' }) },
    { type: 'channel.up', extension: '1001', uniqueId: '1.1' },
  ];
  expect(withMeanwhile(snapshot, facts)).toEqual({
    ...snapshot,
    contacts: [
      pbxContact('1001', {
        ...{ userAgent: 'Desk 1.0', address: '10.0.0.7:5060', roundTripMs: 3, state: 'unreachable' },
      }),
    ],
  });
});

it('[RG3] what is told of one contact is no list of all: without a list there is none', () => {
  const told: PbxFact = { type: 'contact', contact: pbxContact('1001', { state: 'removed' }) };
  expect(withMeanwhile({ ...EMPTY, contacts: null }, [told])).toEqual({ ...EMPTY, contacts: null });
});
