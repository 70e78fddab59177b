// What follows the roster: the narrator, the registration log, the marks on contacts.
import { describe, expect, it } from 'vitest';
import { makeChoice, makePerson, T0 } from '../../domain/testing/build.ts';
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { createMemoryPeople } from '../testing/memory-stores.ts';
import { settle } from '../testing/settle.ts';
import { markContacts } from './mark-contacts.ts';
import { narrateStatuses } from './narrate.ts';
import type { RegistrationNews } from './own-entries.ts';
import { GATHER_MS, recordRegistrations } from './registration-log.ts';
import { createRoster } from './roster.ts';

const contact = (state: 'reachable' | 'unreachable' | 'removed', at = T0, uri = 'sip:s-a@h') => ({
  ...{ type: 'contact' as const, at },
  contact: { uri, state, userAgent: null, address: null, roundTripMs: null },
});

function bench() {
  const roster = createRoster([makePerson()], [], 0);
  const log = createFakeLog();
  return { roster, log };
}

describe('the narrator', () => {
  it('[OP1] tells each change of a status once, with who and why', () => {
    const { roster, log } = bench();
    narrateStatuses(roster, log);
    roster.apply('1001', contact('reachable'));
    roster.record(makeChoice({ reason: 'lunch' }), 1);
    roster.apply('1001', contact('reachable', T0 + 5));
    roster.apply('1001', contact('removed', T0 + 9));
    roster.apply('1001', { type: 'grace.over', from: T0 + 9 });
    const base = { agent: '1001', cause: 'agent', actor: '1001' };
    expect(log.lines).toEqual(
      [
        ['OFFLINE', 'BREAK', 'lunch', null],
        ['BREAK', 'OFFLINE', null, 'sip-not-registered'],
      ].map(([from, status, reason, auto]) => ({
        ...{ level: 'info', message: 'agent status changed' },
        fields: { ...base, from, status, reason, auto },
      })),
    );
  });
});

describe('the registration log', () => {
  it('[ST11] [OP5] every change becomes a fact and a flag, gathered; unknown is a fact only', async () => {
    const { roster, log } = bench();
    const clock = createFakeClock(T0);
    const people = createMemoryPeople([]);
    const writes: (readonly RegistrationNews[])[] = [];
    const changes = {
      registrations: (news: readonly RegistrationNews[]) => (writes.push(news), Promise.resolve()),
    };
    const stop = recordRegistrations({ roster, changes, people, clock, log });
    roster.apply('1001', contact('reachable'));
    roster.apply('1001', contact('reachable', T0 + 1));
    roster.apply('1001', { type: 'sight.lost', at: T0 + 2 });
    expect(writes).toEqual([]);
    clock.advance(GATHER_MS);
    const told = (...states: RegistrationState[]) => states.map((state) => ({ agent: '1001', state }));
    expect([writes, [...people.registered]]).toEqual([[told('registered', 'unknown')], [['1001', true]]]);
    roster.apply('1001', contact('removed', T0 + 3));
    clock.advance(GATHER_MS);
    expect([writes.at(-1), people.registered.get('1001')]).toEqual([told('unregistered'), false]);
    changes.registrations = () =>
      Promise.reject(Object.assign(new Error('away'), { code: 'store-unavailable' }));
    roster.apply('1001', contact('reachable', T0 + 4));
    stop();
    await settle();
    const fields = { agents: ['1001'], count: 1, code: 'store-unavailable', error: 'away' };
    expect(log.lines).toEqual([{ level: 'warn', message: 'registrations not stored', fields }]);
    expect(clock.pending()).toBe(0);
  });

  it('[ST11] a thousand at once are written a part at a time, and none is left', () => {
    const many = Array.from({ length: 250 }, (_, index) => makePerson({ extension: String(2_000 + index) }));
    const roster = createRoster(many, [], 0);
    const clock = createFakeClock(T0);
    const writes: number[] = [];
    const changes = {
      registrations: (news: readonly RegistrationNews[]) => (writes.push(news.length), Promise.resolve()),
    };
    recordRegistrations({ roster, changes, people: createMemoryPeople([]), clock, log: createFakeLog() });
    for (const { extension } of many) roster.apply(extension, contact('reachable'));
    clock.advance(GATHER_MS * 3);
    expect([writes, clock.pending()]).toEqual([[100, 100, 50], 0]);
  });
});

describe('the marks on contacts', () => {
  it('[RG6] a contact is marked when it comes and when its reachability changes', async () => {
    const { roster, log } = bench();
    const marks: string[] = [];
    const store = {
      markContact: (extension: string, uri: string, status: string) => (
        marks.push(`${extension} ${uri} ${status}`),
        Promise.resolve()
      ),
    };
    markContacts({ roster, marks: store, log });
    roster.apply('1001', contact('reachable'));
    roster.apply('1001', contact('reachable', T0 + 1));
    roster.apply('1001', contact('unreachable', T0 + 2));
    roster.apply('1001', contact('reachable', T0 + 2, 'sip:4711@desk'));
    roster.apply('1001', contact('removed', T0 + 3));
    expect(marks).toEqual([
      ...['1001 sip:s-a@h Reachable', '1001 sip:s-a@h Unreachable', '1001 sip:4711@desk Reachable'],
    ]);
    store.markContact = () => Promise.reject(new Error('locked'));
    roster.apply('1001', contact('unreachable', T0 + 4, 'sip:4711@desk'));
    await settle();
    expect(log.said('warn')).toEqual(['contact status not written']);
  });
});
