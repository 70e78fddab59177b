// The roster reducer: a record and a fact give the next record. The same object comes back when nothing changed.
import { isSame } from '../equal.ts';
import { verdictOf, userOfUri, type Contact, type ContactState } from '../registration/contacts.ts';
import {
  applyEvidence,
  endGrace,
  loseSight,
  reachOf,
  type Evidence,
  type Registration,
} from '../registration/evidence.ts';
import type { ObservedPause } from '../status/plan.ts';
import type { FoldState } from '../status/fold.ts';
import type { Hold } from '../status/holds.ts';
import type { Probe } from '../status/wanted.ts';
import type { AgentRecord, Desk, Member, Person } from './record.ts';

/** One contact as Asterisk lists it. */
export interface ContactReport {
  readonly uri: string;
  readonly state: ContactState;
  readonly userAgent: string | null;
  /** "host:port"; an event may leave it out. */
  readonly address: string | null;
  readonly roundTripMs: number | null;
}

export interface MemberReport {
  readonly queue: string;
  readonly interface: string;
  readonly paused: boolean;
  readonly reason: string;
}

/** Facts about one agent. `at` is ms on the bridge's clock when it was asked or told. */
export type AgentFact =
  | { readonly type: 'person'; readonly person: Person }
  | { readonly type: 'folded'; readonly folded: FoldState; readonly lastReceived: string | null }
  | { readonly type: 'registration.restored'; readonly registration: Registration }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | { readonly type: 'contact'; readonly contact: ContactReport; readonly at: number }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactReport[]; readonly at: number }
  /** Asterisk was out of sight and lists none now: those from before are of a time that is over, and say nothing. */
  | { readonly type: 'contacts.forgotten' }
  | { readonly type: 'members'; readonly members: readonly MemberReport[]; readonly at: number }
  | { readonly type: 'member'; readonly member: MemberReport; readonly at: number }
  | { readonly type: 'member.removed'; readonly queue: string; readonly interface: string }
  | { readonly type: 'channels'; readonly up: ReadonlyMap<string, number>; readonly at: number }
  | { readonly type: 'channel.up'; readonly uniqueId: string; readonly at: number }
  | { readonly type: 'channel.ended'; readonly uniqueId: string; readonly at: number }
  | { readonly type: 'holds'; readonly holds: ReadonlyMap<string, Hold> }
  | {
      readonly type: 'member.contested';
      readonly queue: string;
      readonly interface: string;
      readonly since: number | null;
    }
  /** All open sessions. */
  | { readonly type: 'desks'; readonly desks: readonly Desk[] }
  | { readonly type: 'probe'; readonly probe: Probe }
  /** RG1: the grace that began at `from` ran out. */
  | { readonly type: 'grace.over'; readonly from: number }
  | { readonly type: 'sight.lost'; readonly at: number };

const contactOf = (report: ContactReport, at: number, before?: Contact): Contact => ({
  uri: report.uri,
  session: sessionOfUri(report.uri),
  reachable: report.state === 'reachable',
  userAgent: report.userAgent ?? before?.userAgent ?? null,
  address: report.address ?? before?.address ?? null,
  roundTripMs: report.roundTripMs ?? before?.roundTripMs ?? null,
  at,
});

/** Sessions register with `contactName` = session id (SE1); desk phones use anything else. */
function sessionOfUri(uri: string): string | null {
  const user = userOfUri(uri);
  return user?.startsWith('s-') ? user : null;
}

function withContacts(record: AgentRecord, contacts: readonly Contact[], at: number): AgentRecord {
  const evidence: Evidence = {
    method: 'contact-statuses',
    extension: record.person.extension,
    verdict: verdictOf(contacts),
    at,
  };
  return { ...record, contacts, registration: applyEvidence(record.registration, evidence) };
}

function withContact(record: AgentRecord, report: ContactReport, at: number): AgentRecord {
  const before = record.contacts.find((contact) => contact.uri === report.uri);
  if (before && before.at > at) return record;
  if (report.state === 'removed') {
    // Also when it is not known: a list asked for before this event may have brought the others meanwhile.
    const others = record.contacts.filter((contact) => contact !== before);
    return withContacts(record, others, at);
  }
  const contact = contactOf(report, at, before);
  const contacts = before
    ? record.contacts.map((one) => (one === before ? contact : one))
    : [...record.contacts, contact];
  return withContacts(record, contacts, at);
}

/** A list of contacts asked for at `at` never overwrites what an event said of one later. */
function withContactList(record: AgentRecord, reports: readonly ContactReport[], at: number): AgentRecord {
  const later = new Map(record.contacts.filter((one) => one.at > at).map((one) => [one.uri, one]));
  const listed = reports.map((report) => later.get(report.uri) ?? contactOf(report, at));
  const missing = [...later.values()].filter((one) => !listed.includes(one));
  return withContacts(
    record,
    [...listed, ...missing],
    Math.max(at, ...[...later.values()].map((one) => one.at)),
  );
}

const observedOf = (report: MemberReport, at: number): ObservedPause => ({
  paused: report.paused,
  reason: report.reason,
  at,
});

const sameMember = (
  a: { queue: string; interface: string },
  b: { queue: string; interface: string },
): boolean => a.queue === b.queue && a.interface === b.interface;

const memberOf = (report: MemberReport, observed: ObservedPause, before: Member | undefined): Member => ({
  queue: report.queue,
  interface: report.interface,
  observed,
  contestedSince: before?.contestedSince ?? null,
});

function withMember(record: AgentRecord, report: MemberReport, at: number): AgentRecord {
  const before = record.members.find((one) => sameMember(one, report));
  const member = memberOf(report, observedOf(report, at), before);
  const members = before
    ? record.members.map((one) => (one === before ? member : one))
    : [...record.members, member];
  return { ...record, members };
}

/** A list of members asked for at `at` never overwrites what an event said later. */
function withMembers(record: AgentRecord, reports: readonly MemberReport[], at: number): AgentRecord {
  const members = reports.map((report): Member => {
    const before = record.members.find((one) => sameMember(one, report));
    const observed = before?.observed && before.observed.at > at ? before.observed : observedOf(report, at);
    return memberOf(report, observed, before);
  });
  return { ...record, members };
}

function withoutChannel(record: AgentRecord, uniqueId: string, at: number): AgentRecord {
  if (!record.channels.has(uniqueId)) return record;
  const channels = new Map(record.channels);
  channels.delete(uniqueId);
  return { ...record, channels, callEndedAt: channels.size === 0 ? at : record.callEndedAt };
}

/** Asterisk cannot be seen: pauses and registration are unknown, the rest is the last word. */
const outOfSight = (record: AgentRecord, at: number): AgentRecord => ({
  ...record,
  registration: loseSight(record.registration, at),
  members: record.members.map((member) => ({ ...member, observed: null })),
});

/**
 * RG12: a proof holds for the registration it was given for and for the ONLINE it was asked for. In one step with what
 * ends it, so that between the two nothing is unpaused on an old proof.
 */
function withDoubt(before: AgentRecord, next: AgentRecord): AgentRecord {
  const online = ({ folded }: AgentRecord): boolean => folded.intent.status === 'ONLINE';
  const chosen = online(next) && !online(before);
  const moved = reachOf(next.registration) !== reachOf(before.registration);
  // Asterisk may have been started anew meanwhile, and every registration with it.
  const seenAgain = before.registration.state === 'unknown' && next.registration.state !== 'unknown';
  return chosen || moved || seenAgain ? { ...next, probe: 'pending' } : next;
}

/** RG1: whoever is OFFLINE by choice or signed out is not waited for: a grace would outlive the shift. */
function withoutIdleGrace(record: AgentRecord): AgentRecord {
  const { graceFrom } = record.registration;
  if (graceFrom === null || record.folded.intent.status !== 'OFFLINE') return record;
  return { ...record, registration: endGrace(record.registration, graceFrom) };
}

/** `record` with the fact taken in; the very same object when it says nothing new. */
export function reduceAgent(record: AgentRecord, fact: AgentFact): AgentRecord {
  const next = withDoubt(record, withoutIdleGrace(withFact(record, fact)));
  return isSame(next, record) ? record : next;
}

function withFact(record: AgentRecord, fact: AgentFact): AgentRecord {
  switch (fact.type) {
    case 'person':
      return { ...record, person: fact.person };
    case 'folded':
      return { ...record, folded: fact.folded, lastReceived: fact.lastReceived };
    case 'registration.restored':
      return { ...record, registration: fact.registration };
    case 'evidence':
      return { ...record, registration: applyEvidence(record.registration, fact.evidence) };
    case 'contact':
      return withContact(record, fact.contact, fact.at);
    case 'contacts':
      return withContactList(record, fact.contacts, fact.at);
    case 'contacts.forgotten':
      return { ...record, contacts: [] };
    case 'members':
      return withMembers(record, fact.members, fact.at);
    case 'member':
      return withMember(record, fact.member, fact.at);
    case 'member.removed':
      return { ...record, members: record.members.filter((member) => !sameMember(member, fact)) };
    case 'channels': {
      const ended = record.channels.size > 0 && fact.up.size === 0;
      return { ...record, channels: fact.up, callEndedAt: ended ? fact.at : record.callEndedAt };
    }
    case 'channel.up':
      if (record.channels.has(fact.uniqueId)) return record;
      return { ...record, channels: new Map(record.channels).set(fact.uniqueId, fact.at) };
    case 'channel.ended':
      return withoutChannel(record, fact.uniqueId, fact.at);
    case 'holds':
      return { ...record, holds: fact.holds };
    case 'member.contested': {
      const { since: contestedSince } = fact;
      const members = record.members.map((one) => (sameMember(one, fact) ? { ...one, contestedSince } : one));
      return { ...record, members };
    }
    case 'desks':
      return { ...record, desks: fact.desks };
    case 'probe':
      return { ...record, probe: fact.probe };
    case 'grace.over':
      return { ...record, registration: endGrace(record.registration, fact.from) };
    case 'sight.lost':
      return outOfSight(record, fact.at);
  }
}
