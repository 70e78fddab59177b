// The events are those a real Asterisk 22.10.1 sent (asterisk/README.md, ARI), shortened.
import { describe, expect, it } from 'vitest';
import { decodeAriEvent, factOfAri, type AriFact } from './ari-events.ts';

const endpoint = (state?: string, technology = 'PJSIP') => ({
  ...{ technology, resource: '1001', channel_ids: [] },
  ...(state === undefined ? {} : { state }),
});
const uri = 'sip:s-one@127.0.0.1:47196;transport=ws;x-ast-orig-host=s-one.invalid:0';
const contact = (status: string, state?: string, usec = '0') => ({
  type: 'ContactStatusChange',
  timestamp: '2026-11-21T15:40:59.111+0000',
  endpoint: endpoint(state),
  contact_info: { uri, contact_status: status, aor: '1001', roundtrip_usec: usec },
  application: 'desk',
});
const peer = (status: string) => ({
  ...{ type: 'PeerStatusChange', endpoint: endpoint('online'), peer: { peer_status: status } },
});
const device = (name: string, state: string) => ({
  type: 'DeviceStateChanged',
  device_state: { name, state },
});

function factOf(event: object): AriFact | null | undefined {
  const decoded = decodeAriEvent(JSON.stringify(event));
  return decoded ? factOfAri(decoded) : decoded;
}
const said = (fact: AriFact | null | undefined) =>
  fact && [fact.extension, fact.verdict, fact.contact?.state ?? null];

describe('ARI events', () => {
  it('[RG1] a sign-in: the contact, then its endpoint', () => {
    expect(factOf(contact('Reachable', 'online', '2498'))).toEqual({
      ...{ source: 'ContactStatusChange', extension: '1001', verdict: 'registered' },
      contact: {
        ...{ extension: '1001', uri, state: 'reachable', userAgent: null, address: '127.0.0.1:47196' },
        roundTripMs: 2.5,
      },
    });
    expect(factOf(peer('Reachable'))).toEqual({
      ...{ source: 'PeerStatusChange', extension: '1001', verdict: 'registered', contact: null },
    });
  });

  it.each([
    ['the first report of a new contact', contact('NonQualified', 'offline'), ['unknown', 'reachable']],
    ['a second contact', contact('NonQualified', 'online'), ['registered', 'reachable']],
    ['one of two gone', contact('Removed', 'online'), ['registered', 'removed']],
    ['the last gone', contact('Removed', 'offline'), ['unregistered', 'removed']],
    ['silent', contact('Unreachable', 'offline'), ['unregistered', 'unreachable']],
    ['no state given', contact('Reachable'), ['unknown', 'reachable']],
    ['a state nobody documents', contact('Reachable', 'constructor'), ['unknown', 'reachable']],
    ['peer gone', peer('Unreachable'), ['unregistered', null]],
    ['peer of another kind', peer('Lagged'), ['unknown', null]],
    ['endpoint', { type: 'EndpointStateChange', endpoint: endpoint('offline') }, ['unregistered', null]],
    ['device', device('PJSIP/1001', 'NOT_INUSE'), ['registered', null]],
    ['device gone', device('PJSIP/1001', 'UNAVAILABLE'), ['unregistered', null]],
    ['device not there', device('PJSIP/1001', 'INVALID'), ['unregistered', null]],
    ['device on a call: also without a contact', device('PJSIP/1001', 'INUSE'), ['unknown', null]],
    ['device ringing', device('PJSIP/1001', 'RINGING'), ['unknown', null]],
  ])('[RG3] %s', (_name, event, [verdict, state]) => {
    expect(said(factOf(event))).toEqual(['1001', verdict, state]);
  });

  it.each([
    ['a queue', device('Queue:support_pause_PJSIP/1001', 'INUSE')],
    ['a Local channel', device('Local/1001@agents-all', 'INUSE')],
    ['another technology', { ...peer('Reachable'), endpoint: endpoint('online', 'IAX2') }],
    ['a contact state nobody documents', contact('Sleeping', 'online')],
    ['a channel', { type: 'ChannelVarset', variable: 'CARD', value: 'PeerStatusChange' }],
  ])('[RG3] %s says nothing of a registration', (_name, event) => {
    expect(factOf(event)).toBeNull();
  });

  it.each([
    ['cut off', '{"type":"PeerStatusChange","endpoint"'],
    ['without endpoint', JSON.stringify({ type: 'PeerStatusChange', peer: { peer_status: 'Reachable' } })],
    ['without name', JSON.stringify({ ...peer('Reachable'), endpoint: { ...endpoint(), resource: '' } })],
    ['a number for a word', JSON.stringify({ ...peer('Reachable'), peer: { peer_status: 1 } })],
    ['a list', '[{"type":"PeerStatusChange"}]'],
    ['only looks like it', JSON.stringify({ type: 'X', value: { type: 'PeerStatusChange' } })],
  ])('[RG3] %s is refused', (_name, text) => {
    expect(decodeAriEvent(text)).toBeUndefined();
  });
});
