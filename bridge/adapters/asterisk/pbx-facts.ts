// AMI messages → facts. Names of headers as Asterisk 22 documents them; what does not fit gives null and changes nothing.
import { contactState } from '../../../domain/registration/contacts.ts';
import type { PbxChannel, PbxContact, PbxFact, PbxMember } from '../../reconcile/ports.ts';
import { first, type AmiMessage } from './ami-message.ts';

const text = (message: AmiMessage, key: string): string => first(message, key) ?? '';

/** `PJSIP/1001-0000002a` → `1001`; null for anything else, the halves of a Local channel included. */
export function endpointOfChannel(channel: string): string | null {
  return /^PJSIP\/(.+)-[0-9a-f]{8}$/.exec(channel)?.[1] ?? null;
}

/** Channel state 6 is Up (Asterisk, channelstate.h). */
const isUp = (message: AmiMessage): boolean => text(message, 'channelstate') === '6';

/** `QueueMember`, `QueueMemberPause`, `QueueMemberAdded`. */
export function memberOf(message: AmiMessage): PbxMember | null {
  const [queue, iface] = [text(message, 'queue'), text(message, 'interface') || text(message, 'location')];
  if (!queue || !iface) return null;
  return {
    queue,
    interface: iface,
    stateInterface: text(message, 'stateinterface') || iface,
    paused: text(message, 'paused') === '1',
    reason: text(message, 'pausedreason'),
  };
}

/** Microseconds as Asterisk writes them, to a tenth of a ms; null when it has not measured any (`0`, `N/A`). */
export function milliseconds(usec: string): number | null {
  const microseconds = Number(usec);
  return Number.isFinite(microseconds) && microseconds > 0 ? Math.round(microseconds / 100) / 10 : null;
}

/** A browser knows no address of its own and names `<random>.invalid` (RFC 7118 §5.3, RFC 2606). */
const isNowhere = (host: string): boolean => host.toLowerCase().endsWith('.invalid');

/** "host:port" where Asterisk reaches the contact: with `rewrite_contact` the one it came from. Null: not in the URI. */
export function addressOfUri(uri: string): string | null {
  const [, host, port] = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>[\]]+)(:\d+)?/.exec(uri) ?? [];
  if (host === undefined || isNowhere(host)) return null;
  return host + (port ?? '');
}

/** What the phone calls itself, often an address behind NAT: better than nothing. */
function addressOfVia(via: string): string | null {
  return via === '' || isNowhere(via.replace(/:\d+$/, '')) ? null : via;
}

/** `ContactStatus` (event) and `ContactStatusDetail` (list). */
export function contactOf(message: AmiMessage): PbxContact | null {
  const extension = text(message, 'endpointname') || text(message, 'aor');
  const uri = text(message, 'uri');
  const state = contactState(text(message, 'contactstatus') || text(message, 'status'));
  if (!extension || !uri || !state) return null;
  return {
    extension,
    uri,
    state,
    userAgent: text(message, 'useragent') || null,
    address: addressOfUri(uri) ?? addressOfVia(text(message, 'viaaddress')),
    roundTripMs: milliseconds(text(message, 'roundtripusec')),
  };
}

/** `hh:mm:ss` → ms. */
function durationMs(duration: string): number {
  return duration.split(':').reduce((sum, part) => sum * 60 + (Number(part) || 0), 0) * 1_000;
}

/** `CoreShowChannel`. */
export function channelOf(message: AmiMessage): PbxChannel | null {
  const extension = endpointOfChannel(text(message, 'channel'));
  if (extension === null || !isUp(message)) return null;
  return { extension, uniqueId: text(message, 'uniqueid'), upForMs: durationMs(text(message, 'duration')) };
}

function removedOf(message: AmiMessage): PbxFact | null {
  const member = memberOf(message);
  if (!member) return null;
  const { queue, interface: iface, stateInterface } = member;
  return { type: 'member.removed', queue, interface: iface, stateInterface };
}

function channelFact(message: AmiMessage, ended: boolean): PbxFact | null {
  const extension = endpointOfChannel(text(message, 'channel'));
  const uniqueId = text(message, 'uniqueid');
  if (extension === null || !uniqueId) return null;
  if (ended) return { type: 'channel.ended', extension, uniqueId };
  return isUp(message) ? { type: 'channel.up', extension, uniqueId } : null;
}

/**
 * `Queue:support_pause_Local/1001@agents-all`, INUSE: paused. Told of every kind of member whenever that changes, just
 * before QueueMemberPause; of realtime ones that were read anew it is all that is told.
 */
function memberStateOf(message: AmiMessage): PbxFact | null {
  const [, queue, iface] = /^Queue:(.+?)_pause_(.+)$/.exec(text(message, 'device')) ?? [];
  const paused = { INUSE: true, NOT_INUSE: false }[text(message, 'state')];
  if (!queue || !iface || paused === undefined) return null;
  return { type: 'member.state', queue, interface: iface, paused };
}

/** What an unsolicited event says, null when nothing that the rooms need. */
export function factOf(message: AmiMessage): PbxFact | null {
  switch (text(message, 'event')) {
    case 'QueueMemberPause': {
      const member = memberOf(message);
      return member && { type: 'member', told: 'paused', member };
    }
    case 'QueueMemberAdded': {
      const member = memberOf(message);
      return member && { type: 'member', told: 'added', member };
    }
    case 'DeviceStateChange':
      return memberStateOf(message);
    case 'QueueMemberRemoved':
      return removedOf(message);
    case 'ContactStatus': {
      const contact = contactOf(message);
      return contact && { type: 'contact', contact };
    }
    case 'Newstate':
      return channelFact(message, false);
    case 'Hangup':
      return channelFact(message, true);
    case 'Reload':
      return { type: 'reloaded' };
    default:
      return null;
  }
}
