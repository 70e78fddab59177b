import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeContact, T0 } from '../../domain/testing/build.ts';
import * as machine from './inquiry.ts';
import { NEVER_ASKED, type Inquiry, type Situation, type Step } from './inquiry.ts';

const PAGE = makeContact({ uri: 'sip:s-a@h1', session: 's-a' });
const RELOADED = makeContact({ uri: 'sip:s-a@h2', session: 's-a' });
const SECOND = makeContact({ uri: 'sip:s-b@h1', session: 's-b' });
const DESK_PHONE = makeContact({ uri: 'sip:4711@10.0.0.7', session: null });

/** A page that is connected, and its phone; ONLINE. */
const at = (given: Partial<Situation> = {}): Situation => ({
  ...{ status: 'ONLINE', probe: 'pending', sight: 'reachable', contacts: [PAGE], pages: new Set(['s-a']) },
  ...given,
});
const AWAY = at({ sight: 'none', contacts: [] });

/** The machine with what the record then says of it. */
function bench(first: Situation) {
  let inquiry: Inquiry = NEVER_ASKED;
  let situation = first;
  let now = T0;
  const take = ({ inquiry: next, ask }: Step): Step['ask'] => {
    inquiry = next;
    situation = { ...situation, probe: next.probe };
    return ask;
  };
  const self = {
    look: (given: Partial<Situation> = {}) => {
      situation = { ...situation, ...given };
      return take(machine.look(inquiry, situation, now));
    },
    after(ms: number) {
      now += ms;
      return self.look();
    },
    doubt: () => take(machine.doubt(inquiry, situation, now)),
    taken: () => void (inquiry = machine.taken(inquiry, now)),
    seen: (session = 's-a') => take({ inquiry: machine.seen(inquiry, situation, session), ask: null }),
    measured: (...uris: readonly string[]) =>
      take({ inquiry: machine.measured(inquiry, situation, uris), ask: null }),
    /** What else is asked until nobody asks any more, as ms from now and kind; the clock goes with it. */
    unfold(steps: number) {
      const found: [number, Step['ask'] | 'rests'][] = [];
      const began = now;
      for (let step = 0; step < steps; step += 1) {
        const due = machine.nextLookAt(inquiry, situation);
        if (due === null) break;
        const ask = self.after(due - now);
        found.push([now - began, ask ?? 'rests']);
        if (ask) self.taken();
      }
      return found;
    },
    get probe() {
      return inquiry.probe;
    },
    get next() {
      const due = machine.nextLookAt(inquiry, situation);
      return due === null ? null : due - now;
    },
  };
  return self;
}

/** Asked, and Asterisk took it. */
function asked(given: Partial<Situation> = {}) {
  const agent = bench(at(given));
  expect(agent.look()).toBe('anew');
  agent.taken();
  return agent;
}

describe('the question', () => {
  it('[RG12] is put when somebody ONLINE is reachable and unproven; the page’s word proves it at once', () => {
    const agent = asked();
    expect([agent.probe, agent.look()]).toEqual(['pending', null]);
    agent.seen();
    expect([agent.probe, agent.next]).toEqual(['proven', null]);
  });

  it('[RG12] is put again at 0.5 s and 1.5 s; at 3 s it is silence, asked into every 5 s', () => {
    const agent = asked();
    expect(agent.unfold(4)).toEqual([
      ...[
        [500, 'again'],
        [1_500, 'again'],
        [3_000, 'rests'],
        [5_000, 'anew'],
      ],
    ]);
    expect(agent.probe).toBe('silent');
    expect(agent.unfold(4)).toEqual([
      ...[
        [500, 'again'],
        [1_500, 'again'],
        [3_000, 'rests'],
        [5_000, 'anew'],
      ],
    ]);
    expect(agent.probe).toBe('silent');
    agent.seen();
    expect([agent.probe, agent.next]).toEqual(['proven', null]);
  });

  it('[RG12] an answer that comes after the 3 s counts', () => {
    const agent = asked();
    agent.unfold(3);
    expect(agent.probe).toBe('silent');
    agent.seen();
    expect(agent.probe).toBe('proven');
  });

  it('[RG12] what Asterisk never took says nothing of the phone: pending, and asked again', () => {
    const agent = bench(at());
    agent.look();
    for (let step = 0; step < 3; step += 1) agent.after(agent.next!);
    expect([agent.probe, agent.next]).toEqual(['pending', 2_000]);
    expect([agent.after(2_000), agent.probe]).toEqual(['anew', 'pending']);
  });

  it.each(['BREAK', 'PAUSE', 'WRAP_UP'] as const)(
    '[RG12] in %s it is put once, and silence is not asked into',
    (status) => {
      const agent = asked({ status });
      expect(agent.unfold(9)).toEqual([
        ...[
          [500, 'again'],
          [1_500, 'again'],
          [3_000, 'rests'],
        ],
      ]);
      expect([agent.probe, agent.next, agent.look()]).toEqual(['silent', null, null]);
    },
  );

  it('[RG12] whoever is OFFLINE is asked on demand only', () => {
    const agent = bench(at({ status: 'OFFLINE' }));
    expect([agent.look(), agent.probe]).toEqual([null, 'pending']);
    expect(agent.doubt()).toBe('anew');
    agent.taken();
    expect(agent.unfold(9).length).toBe(3);
    expect(agent.probe).toBe('silent');
  });

  it('[RG12] nobody is asked who cannot be reached, or while Asterisk is out of sight; then it is', () => {
    const agent = bench(AWAY);
    expect([agent.look(), agent.doubt(), agent.next]).toEqual([null, null, null]);
    expect(agent.look(at())).toBe('anew');
  });

  it('[RG12] a new device of somebody unproven is asked at once', () => {
    const agent = asked();
    agent.after(1_000);
    expect(agent.look({ contacts: [PAGE, SECOND] })).toBe('anew');
    expect(agent.next).toBe(500);
  });
});

describe('a proof', () => {
  function proven(given: Partial<Situation> = {}) {
    const agent = asked(given);
    agent.seen();
    expect(agent.probe).toBe('proven');
    return agent;
  }

  it('[RG12] does not outlive its device; another device is then asked', () => {
    const agent = proven({ contacts: [PAGE, SECOND], pages: new Set(['s-a', 's-b']) });
    expect([agent.look({ contacts: [SECOND] }), agent.probe]).toEqual(['anew', 'pending']);
    agent.seen('s-a');
    expect(agent.probe).toBe('pending');
    agent.seen('s-b');
    expect(agent.probe).toBe('proven');
  });

  it('[RG12] of one device is enough; the other one may go', () => {
    const agent = proven({ contacts: [PAGE, SECOND], pages: new Set(['s-a', 's-b']) });
    expect([agent.look({ contacts: [PAGE] }), agent.probe]).toEqual([null, 'proven']);
    const both = proven({ contacts: [PAGE, SECOND], pages: new Set(['s-a', 's-b']) });
    both.seen('s-b');
    expect([both.look({ contacts: [SECOND] }), both.probe]).toEqual([null, 'proven']);
  });

  it('[RG12] ends with the registration, and the one that comes back is asked', () => {
    const agent = proven();
    expect([agent.look({ sight: 'reconnecting', contacts: [], probe: 'pending' }), agent.next]).toEqual([
      null,
      null,
    ]);
    agent.seen();
    expect(agent.probe).toBe('pending');
    expect(agent.look({ sight: 'reachable', contacts: [RELOADED] })).toBe('anew');
  });

  it('[RG12] stands while Asterisk is only out of sight', () => {
    const agent = proven();
    expect([agent.look({ sight: 'none' }), agent.probe]).toEqual([null, 'proven']);
    expect([agent.look({ sight: 'reachable' }), agent.probe]).toEqual([null, 'proven']);
    agent.look({ sight: 'none' });
    expect([agent.look({ sight: 'reachable', contacts: [SECOND] }), agent.probe]).toEqual([
      'anew',
      'pending',
    ]);
  });

  it('[RG12] ends when the record doubts it: ONLINE was chosen', () => {
    const agent = proven();
    agent.look({ status: 'BREAK' });
    expect([agent.look({ status: 'ONLINE', probe: 'pending' }), agent.probe]).toEqual(['anew', 'pending']);
  });

  it('[RG12] ends with a doubt: a page came back, or somebody wants to know', () => {
    const agent = proven();
    expect([agent.doubt(), agent.probe]).toEqual(['anew', 'pending']);
    agent.seen();
    expect(agent.probe).toBe('proven');
  });

  it('[RG12] is not given by a session that has no contact', () => {
    const agent = asked({ pages: new Set(['s-a', 's-b']) });
    agent.seen('s-b');
    expect(agent.probe).toBe('pending');
  });
});

describe('Asterisk’s own measurement', () => {
  it.each<[string, Partial<Situation>, string, string]>([
    ['proves a desk phone', { contacts: [DESK_PHONE], pages: new Set() }, DESK_PHONE.uri, 'proven'],
    ['proves a desk phone beside a page', { contacts: [PAGE, DESK_PHONE] }, DESK_PHONE.uri, 'proven'],
    ['proves no device that has a page to answer', {}, PAGE.uri, 'pending'],
    ['proves none while another page of the agent is here', { pages: new Set(['s-b']) }, PAGE.uri, 'pending'],
    ['proves every device while no page is here', { pages: new Set() }, PAGE.uri, 'proven'],
    ['proves nothing of a contact that is gone', { pages: new Set() }, RELOADED.uri, 'pending'],
  ])('[RG12] %s', (_name, given, uri, probe) => {
    const agent = asked(given);
    agent.measured(uri);
    expect(agent.probe).toBe(probe);
  });
});

describe('a phone that comes and goes', () => {
  it('[RG12] without ever answering counts as silent after 15 s, though each question begins anew', () => {
    const agent = asked();
    for (let round = 0; round < 8; round += 1) {
      expect(agent.probe).toBe('pending');
      agent.look({ sight: 'reconnecting', contacts: [], probe: 'pending' });
      agent.after(2_000);
      expect(agent.look({ sight: 'reachable', contacts: [round % 2 ? PAGE : RELOADED] })).toBe('anew');
      agent.taken();
    }
    expect(agent.probe).toBe('silent');
    agent.seen();
    expect(agent.probe).toBe('proven');
  });
});

describe('whatever happens', () => {
  const happening = fc.oneof(
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({
      do: fc.constantFrom('taken', 'doubt', 'seen', 'measured'),
      device: fc.constantFrom('s-a', 's-b'),
    }),
    fc.record({
      do: fc.constant('change' as const),
      status: fc.constantFrom('ONLINE', 'BREAK', 'OFFLINE'),
      sight: fc.constantFrom('reachable', 'reconnecting', 'none'),
      contacts: fc.subarray([PAGE, RELOADED, SECOND, DESK_PHONE]),
      pages: fc.subarray(['s-a', 's-b']),
    }),
  );

  it('[RG12] proven only by an answer since the last doubt, of a device that is there; ONLINE it is asked until proven', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
        let inquiry: Inquiry = NEVER_ASKED;
        let situation = at({ sight: 'none', contacts: [], pages: new Set() });
        let now = T0;
        let answered = false;
        const take = (next: Inquiry): void => {
          inquiry = next;
          situation = { ...situation, probe: next.probe };
        };
        for (const one of happenings) {
          if (one.do === 'pass') now += one.ms;
          if (one.do === 'taken') inquiry = machine.taken(inquiry, now);
          if (one.do === 'change') {
            const moved = one.sight !== situation.sight && one.sight !== 'none' && situation.sight !== 'none';
            situation = {
              ...situation,
              ...one,
              pages: new Set(one.pages),
              probe: moved ? 'pending' : situation.probe,
            };
          }
          if (one.do === 'seen') take(machine.seen(inquiry, situation, one.device));
          if (one.do === 'measured') take(machine.measured(inquiry, situation, [PAGE.uri, DESK_PHONE.uri]));
          if (one.do === 'seen' || one.do === 'measured') answered ||= inquiry.probe === 'proven';
          const { inquiry: next, ask } =
            one.do === 'doubt'
              ? machine.doubt(inquiry, situation, now)
              : machine.look(inquiry, situation, now);
          take(next);
          if (ask === 'anew') answered = false;
          const devices = situation.contacts.map(({ session, uri }) => session ?? uri);
          if (next.probe === 'proven') {
            expect(answered).toBe(true);
            if (situation.sight === 'reachable')
              expect(next.provedBy.some((device) => devices.includes(device))).toBe(true);
          } else if (situation.status === 'ONLINE' && situation.sight === 'reachable') {
            expect(machine.nextLookAt(next, situation)).not.toBeNull();
          }
        }
      }),
    );
  });
});
