// PS2: a snapshot is of some moment between asking and answering; what Asterisk told in that time is newer or the same.
import type { PbxFact, PbxSnapshot } from './ports.ts';

const byKey = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item> =>
  new Map(items.map((item) => [keyOf(item), item]));

const memberKey = (member: { queue: string; interface: string }): string =>
  `${member.queue}\n${member.interface}`;
const contactKey = (contact: { extension: string; uri: string }): string =>
  `${contact.extension}\n${contact.uri}`;

/** The snapshot with the facts told since it was asked for, in their order: the last word on each thing stands. */
export function withMeanwhile(snapshot: PbxSnapshot, facts: readonly PbxFact[]): PbxSnapshot {
  const members = byKey(snapshot.members, memberKey);
  const contacts = byKey(snapshot.contacts ?? [], contactKey);
  const channels = byKey(snapshot.channels, (channel) => channel.uniqueId);
  for (const fact of facts) {
    switch (fact.type) {
      case 'member':
        members.set(memberKey(fact.member), fact.member);
        break;
      case 'member.removed':
        members.delete(memberKey(fact));
        break;
      case 'contact': {
        const { contact } = fact;
        const before = contacts.get(contactKey(contact));
        const userAgent = contact.userAgent ?? before?.userAgent ?? null;
        const address = contact.address ?? before?.address ?? null;
        const roundTripMs = contact.roundTripMs ?? before?.roundTripMs ?? null;
        if (contact.state === 'removed') contacts.delete(contactKey(contact));
        else contacts.set(contactKey(contact), { ...contact, userAgent, address, roundTripMs });
        break;
      }
      case 'channel.up': {
        const { extension, uniqueId } = fact;
        if (!channels.has(uniqueId)) channels.set(uniqueId, { extension, uniqueId, upForMs: 0 });
        break;
      }
      case 'channel.ended':
        channels.delete(fact.uniqueId);
        break;
      case 'member.state':
      case 'reloaded':
        break;
    }
  }
  return {
    members: [...members.values()],
    // What is told of one contact is no list of all.
    contacts: snapshot.contacts && [...contacts.values()],
    channels: [...channels.values()],
  };
}
