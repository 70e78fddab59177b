import { describe, expect, it } from 'vitest';
import { pbxContact } from '../testing/fake-pbx.ts';
import { createSecondTransport, SECOND_AFTER_MS } from './second-transport.ts';
import { faults } from './fake-sources.ts';
import { sweepBench, sweepNow } from './sweep-bench.ts';

/** Registered with one contact, by an event. */
function bench() {
  const made = sweepBench({ 1001: true });
  const { clock, roster } = made;
  const hear = (uri: string, state: 'reachable' | 'removed'): void => {
    clock.advance(1_000);
    roster.apply('1001', { type: 'contact', contact: pbxContact('1001', { uri, state }), at: clock.now() });
  };
  hear('sip:s-a@h1', 'reachable');
  clock.advance(1_000);
  return { ...made, hear, contacts: () => roster.get('1001')?.contacts.map(({ uri }) => uri) };
}

type Bench = ReturnType<typeof bench>;
const ways: readonly (readonly [string, (given: Bench) => Promise<void>])[] = [
  [
    'a sweep without contact statuses',
    async (given) => {
      given.sources.truth.set('1001', false);
      given.sources.breakDown('contact-statuses', faults.fails);
      await sweepNow(given);
    },
  ],
  [
    'ARI alone',
    ({ roster, clock }) => {
      const second = createSecondTransport({ roster, clock, isReady: () => true, onAlone: () => undefined });
      second.handleWord({ extension: '1001', verdict: 'unregistered' });
      clock.advance(SECOND_AFTER_MS);
      return Promise.resolve();
    },
  ],
];

describe('a loss found without a list of contacts', () => {
  it.each(ways)(
    '[RG1] [RG3] by %s: no contact outlives it, the next phone’s going is a loss',
    async (_name, lose) => {
      const given = bench();
      await lose(given);
      expect([given.registrationOf('1001').state, given.contacts()]).toEqual(['unregistered', []]);
      given.hear('sip:s-a@h2', 'reachable');
      expect([given.registrationOf('1001').state, given.contacts()]).toEqual(['registered', ['sip:s-a@h2']]);
      given.hear('sip:s-a@h2', 'removed');
      expect([given.registrationOf('1001').state, given.contacts()]).toEqual(['unregistered', []]);
    },
  );
});
