import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHOOSABLE_STATUSES } from '../status/status.ts';
import { createAgentLog } from '../status/agent-log.ts';
import { makeChoice, makeStep, T0 } from '../testing/build.ts';
import { PROTOCOL, PROTOCOLS_SPOKEN, type ClientMessage } from './client.ts';
import {
  decodeClient,
  decodeServer,
  encodeClient,
  encodeServerBody,
  numbered,
  type Decoded,
} from './codec.ts';
import { REFUSALS } from './errors.ts';
import { changeToWire, tailToWire } from './log-entries.ts';
import type { ServerMessage } from './server.ts';

const change = { sequence: 1, status: 'BREAK', reason: 'lunch', made: T0, seen: null };
const set = (given: object = {}): object => ({
  type: 'status.set',
  id: 'r1',
  change: { ...change, ...given },
});

const CLIENT: readonly ClientMessage[] = [
  { type: 'hello', protocol: 1, token: 'a.b.c' },
  { type: 'hello', protocol: 1, token: 'a.b.c', resume: { epoch: 'e1', rev: 7, scope: 'colleagues' } },
  { type: 'status.set', id: 'r1', change },
  {
    type: 'status.set',
    id: 'r1',
    agent: '1002',
    change: { ...change, reason: null, seen: 's-a.0000000001' },
  },
  { type: 'outbox.flush', id: 'r2', changes: [] },
  { type: 'outbox.flush', id: 'r2', changes: [change, { ...change, sequence: 2 }] },
  { type: 'clock.ping', id: 'r3', sent: T0 + 0.5 },
  { type: 'reauth', id: 'r4', token: 'd.e.f' },
  { type: 'hello', protocol: 1, token: 'a.b.c', device: 'd-0123456789abcdef' },
  { type: 'queue.pause', id: 'r5', agent: '1002', queue: 'support', reason: 'new' },
  { type: 'queue.unpause', id: 'r6', agent: '1002', queue: 'support' },
];

const view = {
  ...{ extension: '1001', name: 'Ada Berg', role: 'agent', status: 'ON_CALL', reason: null, auto: null },
  ...{ since: T0, next: { status: 'BREAK', reason: 'обед' }, mark: 'connection-lost', canTakeCall: false },
} as const;
const detailed = {
  ...view,
  detail: {
    intent: { status: 'BREAK', reason: 'обед', cause: 'agent', actor: '1001', since: T0, entry: 'a.1' },
    ...{ lastReceived: 'a.1', question: { entry: 'a.2', made: T0 } },
    overruled: { entry: 'a.3', status: 'ONLINE', by: '1100' },
    registration: { state: 'unknown', since: T0, lastKnown: 'registered', graceFrom: null, asOf: T0 },
    probe: 'pending',
    devices: [],
    contacts: [
      {
        uri: 'sip:s-a@h',
        session: 's-a',
        reachable: true,
        userAgent: 'x',
        address: 'h:1',
        roundTripMs: 1.5,
        at: T0,
      },
    ],
    queues: [
      {
        ...{ queue: 'support', wanted: { paused: true, reason: 'обед' }, observed: null, agreed: false },
        ...{ hold: null, contestedSince: null },
      },
      {
        queue: 'sales',
        wanted: { paused: false },
        observed: { paused: false, reason: '', at: T0 },
        agreed: true,
        hold: { reason: 'new', author: '1100', since: T0 },
        contestedSince: T0,
      },
      { queue: 'vip', wanted: null, observed: null, agreed: true, hold: null, contestedSince: null },
    ],
  },
} as const;
const health = { asterisk: { state: 'ready', since: T0 }, store: { state: 'failing', since: T0 } } as const;

const longLog = createAgentLog(
  [
    makeChoice({ cause: 'supervisor', actor: '1100' }),
    makeChoice({ sequence: 2, made: T0 + 1, status: 'MEETING' }),
    makeChoice({ sequence: 3, made: T0 + 2, seen: 's-desk.0000000001', uncertain: true }),
  ],
  1,
);

const SERVER = [
  {
    ...{ type: 'welcome', protocol: 1, epoch: 'e1', rev: 0, serverTime: T0, scope: 'colleagues' },
    self: { extension: '1001', name: 'Ada', role: 'agent', session: 's-a', device: 's-a', lastSequence: 0 },
  },
  { type: 'agents:snapshot', rev: 3, agents: [view, detailed] },
  { type: 'agent:status', rev: 4, agents: [] },
  { type: 'system:health', health },
  { type: 'self:log', tail: null, entries: [changeToWire(makeChoice()), changeToWire(makeStep())] },
  { type: 'self:log', tail: tailToWire(longLog.tail()), entries: longLog.tail().entries.map(changeToWire) },
  {
    type: 'queue:drift',
    drifts: [
      {
        ...{ agent: '1001', queue: 'support', wanted: { paused: true, reason: 'lunch' }, contested: true },
        observed: { paused: false, reason: '', at: T0 },
      },
    ],
  },
  { type: 'ack', id: 'r1', rev: 5 },
  { type: 'ack', id: 'r3', rev: 5, serverTime: T0 },
  { type: 'nack', id: 'r1', code: 'sequence-taken', lastSequence: 9, sequence: 4 },
  ...REFUSALS.map((code) => ({ type: 'nack', id: 'r1', code, detail: 'why' })),
] as readonly (ServerMessage & object)[] as readonly ServerMessage[];

const bad = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function refusalOf<Message>(decoded: Decoded<Message>) {
  if (decoded.ok) throw new Error('taken');
  return decoded;
}

describe('what a client sends', () => {
  it.each(CLIENT)('[WR1] $type comes back as it was sent', (message) => {
    expect(decodeClient(encodeClient(message))).toEqual({ ok: true, message });
  });

  it('[WR1] what the protocol does not name is left out', () => {
    expect(decodeClient(JSON.stringify({ ...CLIENT[0], extra: 1 }))).toEqual({
      ok: true,
      message: CLIENT[0],
    });
    expect(decodeClient('{"type":"clock.ping","id":"r","sent":1,"__proto__":{"id":"x"}}')).toEqual({
      ok: true,
      message: { type: 'clock.ping', id: 'r', sent: 1 },
    });
  });

  it('[WR1] the bridge speaks its own protocol', () => {
    expect(PROTOCOLS_SPOKEN).toContain(PROTOCOL);
  });

  it.each<[string, unknown, string | null]>([
    // frame → whom to nack
    ['nothing', '', null],
    ['no JSON', '{"type":"hello"', null],
    ['a number', '42', null],
    ['null', 'null', null],
    ['a list', '[]', null],
    ['no type', {}, null],
    ['no type, but an id', { id: 'r1' }, 'r1'],
    ['an unknown type', { type: 'queue.drop', id: 'r1' }, 'r1'],
    ['a device of the wrong form', { type: 'hello', protocol: 1, token: 'x', device: 'bridge' }, null],
    ['a queue without a name', { type: 'queue.unpause', id: 'r1', agent: '1001', queue: '' }, 'r1'],
    ['a hold of nobody', { type: 'queue.pause', id: 'r1', queue: 'support', reason: 'x' }, 'r1'],
    ['a server message', { type: 'ack', id: 'r1', rev: 1 }, 'r1'],
    ['a prototype for a type', { type: '__proto__', id: 'r1' }, 'r1'],
    ['hello without a token', { type: 'hello', protocol: 1 }, null],
    ['hello with half a version', { type: 'hello', protocol: 1.5, token: 'x' }, null],
    ['hello with a version in words', { type: 'hello', protocol: '1', token: 'x' }, null],
    ['hello with an endless token', { type: 'hello', protocol: 1, token: 'x'.repeat(2_049) }, null],
    ['hello with half a resume', { type: 'hello', protocol: 1, token: 'x', resume: { epoch: 'e' } }, null],
    ['a request without an id', { type: 'status.set', change }, null],
    ['an empty id', { type: 'status.set', id: '', change }, null],
    ['an endless id', { type: 'status.set', id: 'x'.repeat(65), change }, null],
    ['an id that is a number', { type: 'status.set', id: 1, change }, null],
    ['no change', { type: 'status.set', id: 'r1' }, 'r1'],
    ['a bad agent', { type: 'status.set', id: 'r1', agent: '1001\r\nAction: x', change }, 'r1'],
    ['an empty agent', { type: 'status.set', id: 'r1', agent: '', change }, 'r1'],
    ['sequence 0', set({ sequence: 0 }), 'r1'],
    ['a negative sequence', set({ sequence: -1 }), 'r1'],
    ['half a sequence', set({ sequence: 1.5 }), 'r1'],
    ['a sequence that no id has room for', set({ sequence: 10_000_000_000 }), 'r1'],
    ['a sequence beyond whole numbers', set({ sequence: 2 ** 60 }), 'r1'],
    ['a sequence in words', set({ sequence: '1' }), 'r1'],
    ['a status that is no text', set({ status: 3 }), 'r1'],
    ['an endless status', set({ status: 'B'.repeat(33) }), 'r1'],
    ['no reason at all', set({ reason: undefined }), 'r1'],
    ['an endless reason', set({ reason: 'x'.repeat(2_001) }), 'r1'],
    ['no time', set({ made: null }), 'r1'],
    [
      'a time without end',
      '{"type":"status.set","id":"r1","change":{"sequence":1,"status":"BREAK","reason":null,"made":1e999,"seen":null}}',
      'r1',
    ],
    ['seen in a number', set({ seen: 7 }), 'r1'],
    ['endless seen', set({ seen: 'x'.repeat(129) }), 'r1'],
    ['an outbox of one thing', { type: 'outbox.flush', id: 'r2', changes: change }, 'r2'],
    ['an outbox over 200', { type: 'outbox.flush', id: 'r2', changes: Array(201).fill(change) }, 'r2'],
    ['an outbox with a bad change', { type: 'outbox.flush', id: 'r2', changes: [change, {}] }, 'r2'],
    ['a ping without a time', { type: 'clock.ping', id: 'r3' }, 'r3'],
    ['a reauth without a token', { type: 'reauth', id: 'r4' }, 'r4'],
    ['an abyss', '['.repeat(60_000), null],
  ])('[WR1] refused: %s', (_name, frame, requestId) => {
    const { problem, ...rest } = refusalOf(decodeClient(bad(frame)));
    expect(rest).toEqual({ ok: false, requestId });
    expect(problem).toMatch(/^(not JSON|[\w.]+: expected .+)$/);
  });

  it('[WR1] an unknown status and a long reason pass: each has a refusal of its own', () => {
    expect(decodeClient(bad(set({ status: 'LUNCH', reason: 'x'.repeat(500) })))).toMatchObject({ ok: true });
  });

  it('[WR1] what was received is never repeated: it may be a secret in the wrong field', () => {
    const secret = 'correct horse battery staple';
    for (const frame of [
      { type: 'hello', protocol: secret, token: secret },
      { type: secret, id: 'r1' },
      { type: 'reauth', id: 'r1', token: { secret } },
      set({ sequence: secret }),
    ]) {
      expect(JSON.stringify(decodeClient(bad(frame)))).not.toContain(secret);
    }
  });

  it('[WR1] no text makes it throw; what is taken is of the protocol', () => {
    const almost = fc.record(
      {
        type: fc.constantFrom('hello', 'status.set', 'outbox.flush', 'clock.ping', 'reauth', 'ack', 7),
        id: fc.oneof(fc.string(), fc.integer()),
        protocol: fc.oneof(fc.integer(), fc.double()),
        token: fc.oneof(fc.string(), fc.constant(null)),
        sent: fc.double(),
        agent: fc.string({ maxLength: 4 }),
        change: fc.record(
          {
            sequence: fc.oneof(fc.integer(), fc.double()),
            status: fc.constantFrom(...CHOOSABLE_STATUSES, 'x'),
            reason: fc.option(fc.string()),
            made: fc.double(),
            seen: fc.option(fc.string()),
          },
          { requiredKeys: [] },
        ),
        changes: fc.array(fc.jsonValue()),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), almost.map(bad)), (text) => {
        const decoded = decodeClient(text);
        if (decoded.ok) expect(decodeClient(encodeClient(decoded.message))).toEqual(decoded);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what the bridge sends', () => {
  it.each(SERVER)('[WR2] $type comes back as it was sent, with its number', (body) => {
    expect(decodeServer(numbered(7, encodeServerBody(body)))).toEqual({ ok: true, message: { n: 7, body } });
  });

  it.each<[string, unknown]>([
    ['no number', { type: 'ack', id: 'r1', rev: 1 }],
    ['half a number', { n: 1.5, type: 'ack', id: 'r1', rev: 1 }],
    ['an unknown type', { n: 1, type: 'queue:stats' }],
    ['a refusal nobody knows', { n: 1, type: 'nack', id: 'r1', code: 'no' }],
    ['a status nobody knows', { n: 1, type: 'agent:status', rev: 1, agents: [{ ...view, status: 'LUNCH' }] }],
    [
      'ON_CALL as what comes next',
      {
        n: 1,
        type: 'agent:status',
        rev: 1,
        agents: [{ ...view, next: { status: 'ON_CALL', reason: null } }],
      },
    ],
    [
      'a pause without a reason',
      {
        n: 1,
        type: 'agent:status',
        rev: 1,
        agents: [
          {
            ...detailed,
            detail: {
              ...detailed.detail,
              queues: [{ queue: 'q', wanted: { paused: true }, observed: null, agreed: true }],
            },
          },
        ],
      },
    ],
    ['a rev that is none', { n: 1, type: 'agent:status', rev: null, agents: [] }],
    ['no JSON', 'n'],
    ['nothing', ''],
  ])('[WR1] refused: %s', (_name, frame) => {
    expect(refusalOf(decodeServer(bad(frame))).problem).not.toBe('');
  });

  it('[WR1] no text makes it throw', () => {
    const some = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(...SERVER).map((one) => numbered(1, JSON.stringify(one)).slice(0, -3)),
    );
    fc.assert(
      fc.property(some, (text) => {
        const decoded = decodeServer(text);
        if (decoded.ok) expect(decoded.message.n).toBeTypeOf('number');
      }),
      { numRuns: 1_000 },
    );
  });
});
