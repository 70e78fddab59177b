import { describe, expect, it } from 'vitest';
import type { AgentDetail } from '../../domain/protocol/views.ts';
import { createTranslator } from '../i18n/translate.ts';
import { agent } from './testing.ts';
import { describeTruth, type TruthInput, type TruthPart } from './truth.ts';

const at = Date.UTC(2026, 0, 2, 14, 2);
const { say } = createTranslator('en', 'UTC');

const input = (change: Partial<TruthInput> = {}): TruthInput => ({
  own: agent(),
  session: 's-1',
  bridgeGoneSince: null,
  asterisk: { state: 'ready', since: 1 },
  asteriskOffForMs: 0,
  phoneOffForMs: 0,
  askedForMs: 0,
  notTaken: null,
  unconfirmed: null,
  personName: (extension) => (extension === '1100' ? 'Dana' : extension),
  reasonName: (_status, reason) => (reason === 'lunch' ? 'lunch hour' : reason),
  ...change,
});

const read = ({ state, words, advice }: TruthPart): string => `${state}: ${say(advice ?? words)}`;
const lines = (change: Partial<TruthInput> = {}): string[] => {
  const { you, asterisk, phone } = describeTruth(input(change));
  return [you, asterisk, phone].map(read);
};
const queue = (name: string, wanted: boolean, observed: boolean | null): AgentDetail['queues'][number] => ({
  queue: name,
  wanted: wanted ? { paused: true, reason: 'lunch' } : { paused: false },
  observed: observed === null ? null : { paused: observed, reason: observed ? 'lunch' : '', at: 1 },
  agreed: observed === wanted,
  ...{ hold: null, contestedSince: null },
});
const lunch = { ...agent().detail!.intent, status: 'BREAK', reason: 'lunch' } as const;

describe('truth line', () => {
  it('[PS7] says what is chosen, what Asterisk holds and whether the phone can be reached', () => {
    expect(lines()).toEqual(['ok: Online', 'ok: ready for calls', 'ok: reachable, 12 ms']);
  });

  it('[PS7] names the reason as its reader knows it', () => {
    const own = agent(
      {},
      { intent: lunch, queues: [queue('support', true, true), queue('sales', true, true)] },
    );
    expect(lines({ own }).slice(0, 2)).toEqual(['ok: Break (lunch hour)', 'ok: paused']);
  });

  it('[PS7] says that a break chosen in a call comes after it', () => {
    const own = agent({ status: 'ON_CALL' }, { intent: lunch });
    expect(lines({ own })[0]).toBe('ok: Break, after this call');
  });

  it('[PS7] counts queues when they are many, and says where they differ', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => queue(name, name === 'e', name === 'e'));
    expect(lines({ own: agent({}, { queues: many }) })[1]).toBe('ok: ready in 4 queues, paused in e');
    const held = [queue('a', false, false), queue('b', true, true)];
    expect(lines({ own: agent({}, { queues: held }) })[1]).toBe('ok: ready in a, paused in b');
    expect(lines({ own: agent({}, { queues: [] }) })[1]).toBe('ok: You are in no queue');
  });

  it.each([
    [2_000, 'ok: ready for calls'],
    [2_001, 'off: Asterisk has not confirmed your Break yet, retrying. A call may still come.'],
  ])('[PS7] a pause unconfirmed for %i ms', (asteriskOffForMs, line) => {
    const own = agent({}, { intent: lunch, queues: [queue('support', true, false)] });
    expect(lines({ own, asteriskOffForMs })[1]).toBe(line);
  });

  it('[PS7] an unpause unconfirmed for longer than 2 s means that no calls come', () => {
    const own = agent({}, { queues: [queue('support', false, true)] });
    expect(lines({ own, asteriskOffForMs: 2_001 })[1]).toBe(
      'off: Asterisk still holds you paused, retrying. No calls come until it lets go.',
    );
  });

  it('[PS7] the unknown is written with its time: Asterisk away, registration unknown, bridge away', () => {
    const unknown = agent(
      {},
      {
        registration: { state: 'unknown', since: at, lastKnown: 'registered', graceFrom: null, asOf: at },
        queues: [queue('support', false, null)],
      },
    );
    expect(lines({ own: unknown, asterisk: { state: 'down', since: at } }).slice(1)).toEqual([
      'unknown: unknown since 14:02',
      'unknown: unknown since 14:02',
    ]);
    expect(lines({ bridgeGoneSince: at })).toEqual(Array(3).fill('unknown: unknown since 14:02'));
    expect(lines({ own: null })).toEqual(Array(3).fill('unknown: not known yet'));
  });

  it('[PS7] an unreachable phone is said at once, what it means after 2 s', () => {
    const registration = {
      state: 'unregistered',
      since: at,
      lastKnown: 'unregistered',
      graceFrom: null,
      asOf: at,
    } as const;
    const own = agent({}, { registration, contacts: [] });
    expect(lines({ own, phoneOffForMs: 500 })[2]).toBe('off: not reachable');
    expect(lines({ own, phoneOffForMs: 2_500 })[2]).toBe(
      'off: Your phone cannot be reached: no calls will come. Reconnecting by itself.',
    );
  });

  it('[RG1] in the grace the phone is reconnecting, and no calls come until it is back', () => {
    const lost = { state: 'unregistered', since: at, lastKnown: 'unregistered' } as const;
    const registration = { ...lost, graceFrom: at, asOf: at };
    const own = agent({}, { registration, contacts: [] });
    expect(lines({ own, phoneOffForMs: 500 })[2]).toBe('off: reconnecting');
    expect(lines({ own, phoneOffForMs: 2_500 })[2]).toBe(
      'off: Your phone is reconnecting by itself. No calls come until it is back.',
    );
  });

  it.each([
    [2_000, 'ok: reachable, 12 ms'],
    [2_001, 'unknown: Your phone is being asked.'],
  ])('[RG12] asked for %i ms', (askedForMs, line) => {
    expect(lines({ own: agent({}, { probe: 'pending' }), askedForMs })[2]).toBe(line);
  });

  it('[RG12] a silent phone holds calls back, and what happens next is said', () => {
    const own = agent({}, { probe: 'silent', contacts: [] });
    expect(lines({ own, phoneOffForMs: 9_000 })[2]).toBe(
      'off: Your phone does not answer. Calls are held back; it is asked again every few seconds.',
    );
  });

  it('[RG12] in a break nobody waits for the phone’s answer', () => {
    for (const probe of ['pending', 'silent'] as const)
      expect(lines({ own: agent({}, { probe, intent: lunch }), askedForMs: 0 })[2]).toBe(
        'ok: reachable, 12 ms',
      );
  });

  it.each([
    [2_000, 'ok: reachable, 12 ms'],
    [
      2_001,
      'off: The centre has not taken this phone down yet, telling it again. The phone system does not know this phone yet.',
    ],
  ])('[SE2] a registration the centre has not taken down for %i ms', (forMs, line) => {
    expect(lines({ notTaken: { code: 'not-registered', forMs } })[2]).toBe(line);
  });

  it('[PS7] another device that is reachable is not this one', () => {
    const contacts = [
      {
        uri: 'sip:1001@desk',
        session: null,
        reachable: true,
        userAgent: null,
        address: null,
        roundTripMs: 1,
        at: 1,
      },
    ];
    const own = agent({}, { contacts });
    expect(lines({ own, phoneOffForMs: 100 })[2]).toBe('ok: reachable on another device');
    expect(lines({ own, phoneOffForMs: 2_100 })[2]).toMatch(/^off: Calls ring on your other device/);
  });

  it('[PS7] says who set the status when it was a supervisor', () => {
    const own = agent({}, { intent: { ...lunch, cause: 'supervisor', actor: '1100' } });
    expect(lines({ own })[0]).toBe('ok: Break (lunch hour), set by Dana');
  });

  it('[PS7] with the bridge away, what was chosen here is told as what it is: not known to the centre', () => {
    expect(lines({ bridgeGoneSince: at, unconfirmed: lunch })).toEqual([
      'unknown: Break (lunch hour), the centre does not know yet',
      'unknown: unknown since 14:02',
      'unknown: unknown since 14:02',
    ]);
  });

  it.each([
    ['asterisk', 'ok: paused in sales: “lunch” (set in Asterisk, since 14:02)'],
    ['1100', 'ok: paused in sales: “lunch” (Dana, since 14:02)'],
  ])('[PS8] a hold by %s is told with its reason and time', (author, line) => {
    const held = { ...queue('sales', true, true), hold: { reason: 'lunch', author, since: at } };
    const queues = [queue('support', false, false), held];
    expect(lines({ own: agent({}, { queues }) })[1]).toBe(line);
    // In a break everything is paused anyway.
    expect(lines({ own: agent({}, { queues: [held], intent: lunch }) })[1]).toBe('ok: paused');
  });

  it('[PS8] several holds are told by their queues', () => {
    const hold = { reason: 'x', author: '1100', since: at };
    const queues = ['a', 'b'].map((name) => ({ ...queue(name, true, true), hold }));
    expect(lines({ own: agent({}, { queues }) })[1]).toBe('ok: paused separately in a, b');
  });

  it('[PS2] a contested queue is told, and that supervisors know', () => {
    const queues = [{ ...queue('sales', false, true), contestedSince: at }];
    expect(lines({ own: agent({}, { queues }) })[1]).toMatch(
      /^off: Somebody else keeps changing your pause in sales\./,
    );
  });
});
