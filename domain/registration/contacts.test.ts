import { describe, expect, it } from 'vitest';
import { makeContact } from '../testing/build.ts';
import { contactState, userOfUri, verdictOf } from './contacts.ts';

describe('contacts', () => {
  it.each([
    // As events and lists of Asterisk 18 to 22 word them.
    ['Reachable', 'reachable'],
    ['Avail', 'reachable'],
    ['NonQualified', 'reachable'],
    ['NonQual', 'reachable'],
    ['Created', 'reachable'],
    ['Updated', 'reachable'],
    ['Unreachable', 'unreachable'],
    ['Unavail', 'unreachable'],
    ['Unknown', 'unreachable'],
    ['Removed', 'removed'],
    ['REACHABLE', 'reachable'],
    ['', null],
    ['reach', null],
    ['toString', null],
  ])('[RG1] %j means %s', (word, state) => {
    expect(contactState(word)).toBe(state);
  });

  it.each([
    ['sip:s-0a1b@192.0.2.1:5060;transport=ws', 's-0a1b'],
    ['sip:s-0a1b@df7jal23ls0d.invalid;transport=ws;x-ast-orig-host=a:0', 's-0a1b'],
    ['sips:1001@host', '1001'],
    ['sip:1001@[::1]:5060', '1001'],
    ['sip:host', null],
    ['sip:@host', null],
    ['tel:+49301234', null],
    ['', null],
    ['<sip:1001@host>', null],
    ['sip:a;b=c@host', null],
  ])('[RG9] the user of %j is %j', (uri, user) => {
    expect(userOfUri(uri)).toBe(user);
  });

  it('[RG1] registered means that at least one contact can be reached', () => {
    const [reachable, not] = [makeContact(), makeContact({ uri: 'sip:s-b@host', reachable: false })];
    expect([[], [not], [not, reachable], [reachable]].map(verdictOf)).toEqual([
      ...['unregistered', 'unregistered', 'registered', 'registered'],
    ]);
  });
});
