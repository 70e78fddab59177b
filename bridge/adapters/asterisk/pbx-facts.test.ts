import { describe, expect, it } from 'vitest';
import { channelOf, contactOf, endpointOfChannel, factOf, memberOf } from './pbx-facts.ts';

const iface = 'Local/1001@agents-all';
const member = {
  ...{ queue: 'support', interface: iface, stateinterface: 'PJSIP/1001', paused: '1', pausedreason: 'lunch' },
};

describe('AMI messages', () => {
  it.each([
    ['PJSIP/1001-0000002a', '1001'],
    ['PJSIP/1001-s-a-0000002a', '1001-s-a'],
    ['PJSIP/1001', null],
    ['PJSIP/1001-2a', null],
    ['Local/1001@agents-all-00000001;1', null],
    ['SIP/1001-0000002a', null],
    ['', null],
  ])('[RG11] the endpoint of %s is %s', (channel, endpoint) => {
    expect(endpointOfChannel(channel)).toBe(endpoint);
  });

  it('[PS3] a member carries its own interface and its state interface', () => {
    expect(memberOf(member)).toEqual({
      ...{ queue: 'support', interface: iface, stateInterface: 'PJSIP/1001', paused: true, reason: 'lunch' },
    });
    // `QueueMember` of a list calls the interface Location.
    const { interface: location, ...listed } = member;
    expect(memberOf({ ...listed, location, stateinterface: '', paused: '0', pausedreason: '' })).toEqual({
      ...{ queue: 'support', interface: iface, stateInterface: iface, paused: false, reason: '' },
    });
    expect([memberOf({}), memberOf({ queue: 'support' })]).toEqual([null, null]);
  });

  it.each<[Record<string, string>, unknown]>([
    [{ event: 'QueueMemberPause', ...member }, 'member'],
    [{ event: 'QueueMemberAdded', ...member }, 'member'],
    [{ event: 'QueueMemberRemoved', ...member }, 'member.removed'],
    [{ event: 'QueueMemberStatus', ...member }, undefined],
    [{ event: 'QueueMemberPause' }, undefined],
    [{ event: 'ContactStatus', uri: 'sip:a@b', contactstatus: 'Reachable', endpointname: '1001' }, 'contact'],
    [{ event: 'ContactStatus', uri: 'sip:a@b', contactstatus: 'Dancing', endpointname: '1001' }, undefined],
    [{ event: 'ContactStatus', uri: '', contactstatus: 'Reachable', endpointname: '1001' }, undefined],
    [{ event: 'Newstate', channel: 'PJSIP/1001-0000002a', channelstate: '6', uniqueid: '1.1' }, 'channel.up'],
    [{ event: 'Newstate', channel: 'PJSIP/1001-0000002a', channelstate: '5', uniqueid: '1.1' }, undefined],
    [
      { event: 'Newstate', channel: 'Local/1001@x-00000001;1', channelstate: '6', uniqueid: '1.1' },
      undefined,
    ],
    [
      { event: 'Hangup', channel: 'PJSIP/1001-0000002a', channelstate: '6', uniqueid: '1.1' },
      'channel.ended',
    ],
    [{ event: 'Hangup', channel: 'PJSIP/1001-0000002a' }, undefined],
    [{ event: 'Reload', module: 'app_queue' }, 'reloaded'],
    [{ event: 'FullyBooted' }, undefined],
    [{}, undefined],
  ])('[PS2] %j is %s', (message, type) => {
    expect(factOf(message)?.type).toBe(type);
  });

  it('[RG1] a contact as an event and as a list tell it', () => {
    const event = {
      aor: '1001',
      uri: 'sip:s-a@h:7;transport=ws',
      contactstatus: 'Unreachable',
      roundtripusec: '0',
    };
    expect(contactOf(event)).toEqual({
      ...{ extension: '1001', uri: 'sip:s-a@h:7;transport=ws', state: 'unreachable' },
      ...{ userAgent: null, address: 'h:7', roundTripMs: null },
    });
    const item = {
      endpointname: '1001',
      uri: 'sip:a@b',
      status: 'Reachable',
      useragent: 'SIP.js',
      viaaddress: '10.0.0.7:5060',
      roundtripusec: '2345',
    };
    expect(contactOf(item)).toEqual({
      ...{ extension: '1001', uri: 'sip:a@b', state: 'reachable', userAgent: 'SIP.js' },
      ...{ address: 'b', roundTripMs: 2.3 },
    });
    expect(contactOf({ ...item, roundtripusec: 'N/A' })?.roundTripMs).toBeNull();
  });

  // The URI is where Asterisk sends to, rewritten to where the REGISTER came from; the Via is the phone's own belief.
  it.each([
    ['sip:s-a@127.0.0.1:47196;transport=ws;x-ast-orig-host=s-a.invalid:0', 's-a.invalid', '127.0.0.1:47196'],
    ['sip:4711@10.0.0.7', '192.168.1.7:5060', '10.0.0.7'],
    ['sips:4711@[2001:db8::7]:5061;transport=tls', '', '[2001:db8::7]:5061'],
    ['sip:10.0.0.7:5070', '', '10.0.0.7:5070'],
    ['sip:s-a@x1y2.invalid;transport=ws', '10.0.0.7:5060', '10.0.0.7:5060'],
    ['sip:s-a@x1y2.invalid;transport=ws', 'x1y2.INVALID:0', null],
    ['sip:s-a@x1y2.invalid;transport=ws', '', null],
    ['tel:+4930', '', null],
  ])('[RG9] %s, Via %j: reached at %s', (uri, viaaddress, address) => {
    expect(contactOf({ aor: '1001', uri, status: 'Reachable', viaaddress })?.address).toBe(address);
  });

  it('[RG11] an answered channel in a list tells how long it is up', () => {
    const item = { channel: 'PJSIP/1001-0000002a', channelstate: '6', uniqueid: '1.1', duration: '01:02:03' };
    expect(channelOf(item)).toEqual({ extension: '1001', uniqueId: '1.1', upForMs: 3_723_000 });
    expect(channelOf({ ...item, duration: '' })?.upForMs).toBe(0);
    expect([channelOf({ ...item, channelstate: '5' }), channelOf({})]).toEqual([null, null]);
  });
});
