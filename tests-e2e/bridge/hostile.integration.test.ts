// Input nobody honest sends: refused by name; nothing changed, nothing run, nobody else kept waiting.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRawAmi } from '../testkit/raw-ami.ts';
import { frame, OPCODE, type Intruder } from '../testkit/intruder.ts';
import type { DeskGrant } from '../testkit/desk-client.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { seenOf } from './bench.ts';
import { openHostile, type Forgery, type HostileBench } from './hostile-bench.ts';

let bench: HostileBench;
/** Of 1002, who attacks, and of 1003. */
let mine: DeskGrant;
let other: DeskGrant;
/** Of a session of 1004 that is over. */
let over: DeskGrant;
beforeAll(async () => {
  bench = await openHostile();
  [mine, other, over] = [await bench.signIn('1002'), await bench.signIn('1003'), await bench.signIn('1004')];
  await bench.post('/api/sign-out', {}, { authorization: `Bearer ${over.accessToken}` });
  await Promise.all([
    bench.shown('1002', 'Auto: SIP not registered'),
    bench.shown('1003', 'Auto: SIP not registered'),
    bench.shown('1004', 'offline'),
  ]);
}, 240_000);
afterAll(() => bench.end());

const intruders: Intruder[] = [];
afterEach(() => {
  for (const intruder of intruders.splice(0)) intruder.destroy();
});
async function intrude(token?: string): Promise<Intruder> {
  const intruder = await bench.intrude(token);
  intruders.push(intruder);
  return intruder;
}

const hello = (token: unknown, more: object = {}): string =>
  JSON.stringify({ type: 'hello', protocol: 1, token, ...more });
/** What it was answered; the bridge tells much besides. */
const answers = ({ frames }: Intruder): readonly string[] =>
  frames.map(({ type }) => type).filter((type) => type === 'ack' || type === 'nack');
const NOT_OURS = '4002 a frame that is not of the protocol';
const NO_TOKEN = '4001 the access token is missing, wrong or old';
const MEGABYTE = 'x'.repeat(1_048_576);

/** Both before the hello and after it. */
const ENDING: readonly (readonly [string, string, () => (string | Buffer)[]])[] = [
  ['no JSON', NOT_OURS, () => ['Action: Command\r\nCommand: core show uptime\r\n\r\n']],
  ['JSON that is no object', NOT_OURS, () => ['null']],
  ['a list', NOT_OURS, () => [`[${hello(mine.accessToken)}]`]],
  ['nothing', NOT_OURS, () => ['']],
  ['lists in lists', NOT_OURS, () => ['['.repeat(4_000)]],
  ['objects in objects', NOT_OURS, () => ['{"type":'.repeat(500)]],
  ['all of it in __proto__', NOT_OURS, () => [`{"__proto__":${hello(mine.accessToken)}}`]],
  ['a binary frame', NOT_OURS, () => [frame(hello(mine.accessToken), { opcode: OPCODE.binary })]],
  ['a frame of 1 MB', '1009', () => [MEGABYTE]],
  ['a binary frame of 1 MB', '1009', () => [frame(MEGABYTE, { opcode: OPCODE.binary })]],
  ['a frame that says it has 4 EB', '1009', () => [frame('x', { length: 2 ** 62 })]],
  [
    '1 MB in pieces',
    '1009',
    () => [
      frame('x'.repeat(60_000), { unfinished: true }),
      frame('x'.repeat(60_000), { opcode: OPCODE.continuation, unfinished: true }),
    ],
  ],
  ['bytes that are no UTF-8', '1007', () => [frame(Buffer.from('{"type":"\xff\xfe"}', 'latin1'))]],
  ['a compressed frame', '1002', () => [frame(hello(mine.accessToken), { compressed: true })]],
  ['a frame without a mask', '1002', () => [frame(hello(mine.accessToken), { unmasked: true })]],
  ['a frame of a kind that does not exist', '1002', () => [frame('x', { opcode: OPCODE.reserved })]],
];

describe('the witness in Asterisk', () => {
  it('[WR4] would see a command: Asterisk itself reports that the bridge’s account asked for one', async () => {
    const { seen } = bench.witnessed();
    const { host, ports, ami } = bench.centre.asterisk;
    const bridge = await connectRawAmi({ host, port: ports.ami, ...ami.watch });
    const [answer] = await bridge.ask('Command', { Command: 'core show uptime' });
    bridge.close();
    expect(answer?.get('response')).toBe('Error');
    const asked = (await seen()).filter((message) => message.get('event') === 'RequestNotAllowed');
    expect(asked.map((message) => message.get('requesttype'))).toEqual(['Action: Command']);
  });
});

describe('a socket', () => {
  it.each(ENDING)('[WR1] [WR3] before its hello: %s: %s', async (_name, why, what) => {
    await bench.unharmed(async () => {
      const intruder = await intrude();
      intruder.send(...what());
      expect([await intruder.closed(), intruder.frames]).toEqual([why, []]);
    });
    await intrude(mine.accessToken);
  });

  it.each(ENDING)('[WR1] [WR3] after its hello: %s: %s', async (_name, why, what) => {
    await bench.unharmed(async () => {
      const intruder = await intrude(mine.accessToken);
      intruder.send(...what());
      expect([await intruder.closed(), answers(intruder)]).toEqual([why, []]);
    });
    await intrude(mine.accessToken);
  });

  it.each<[string, string, () => string]>([
    ['no token', NOT_OURS, () => '{"type":"hello","protocol":1}'],
    ['a token that is no text', NOT_OURS, () => hello({ toString: 'x' })],
    ['a token of 3 KB', NOT_OURS, () => hello('x'.repeat(3_000))],
    ['a protocol that is no number', NOT_OURS, () => hello(mine.accessToken, { protocol: '1' })],
    ['half a protocol', NOT_OURS, () => hello(mine.accessToken, { protocol: 1.5 })],
    ['a protocol of 1e308', '4003 protocol version not spoken here', () => hello('x', { protocol: 1e308 })],
    ['a refresh token', NO_TOKEN, () => hello(mine.cookie.replace('refresh=', ''))],
    ['a token with line ends', NO_TOKEN, () => hello(`${mine.accessToken}\r\nx`)],
    ['the token of a session that is over', '4004 the session was ended', () => hello(over.accessToken)],
    ['a session that never was', '4004 the session was ended', () => hello(bench.forge("s-x' OR 1=1 --"))],
  ])('[WR1] [WR3] a hello with %s: %s', async (_name, why, what) => {
    await bench.unharmed(async () => {
      const intruder = await intrude();
      intruder.send(what());
      expect([await intruder.closed(), intruder.frames]).toEqual([why, []]);
    });
    await intrude(mine.accessToken);
  });
});

const FORGERIES: readonly (readonly [string, Forgery])[] = [
  ['of another bridge', { secret: 'f'.repeat(64) }],
  ['that ran out', { claims: { exp: 1_700_000_000 } }],
  ['of another issuer', { claims: { iss: 'somebody' } }],
  ['without a signature', { header: { alg: 'none' }, signature: '' }],
  ['signed another way', { header: { alg: 'HS512' } }],
  ['with the signature of another', { signature: 'x'.repeat(43) }],
];

describe('a forged token', () => {
  it('[SE1] the forger can: a token with the right key and nothing changed is let in', async () => {
    await intrude(bench.forge(mine.session));
  });

  it.each(FORGERIES)(
    '[WR1] [WR3] %s: 4001; in reauth `unauthorised`; over HTTP 401',
    async (_name, given) => {
      const token = bench.forge(mine.session, given);
      await bench.unharmed(async () => {
        const stranger = await intrude();
        stranger.send(hello(token));
        expect([await stranger.closed(), stranger.frames]).toEqual([NO_TOKEN, []]);
        const known = await intrude(mine.accessToken);
        known.send(JSON.stringify({ type: 'reauth', id: 'a', token }));
        expect(await known.answer('a')).toMatchObject({ type: 'nack', code: 'unauthorised' });
        const authorization = `Bearer ${token}`;
        for (const response of [
          await fetch(`${bench.centre.url}/api/config`, { headers: { authorization } }),
          await bench.post('/api/sign-out', {}, { authorization }),
        ]) {
          expect([response.status, await response.json()]).toEqual([
            401,
            { error: { code: 'unauthorised' } },
          ]);
        }
      });
    },
  );
});

describe('the token of another agent', () => {
  it('[WR1] [WR3] does not turn an open socket into that agent’s: `unauthorised`, and it goes on as itself', async () => {
    await bench.unharmed(async () => {
      const intruder = await intrude(mine.accessToken);
      intruder.send(JSON.stringify({ type: 'reauth', id: 'a', token: other.accessToken }));
      expect(await intruder.answer('a')).toMatchObject({ type: 'nack', code: 'unauthorised' });
      intruder.send(JSON.stringify({ type: 'reauth', id: 'b', token: mine.accessToken }));
      expect(await intruder.answer('b')).toMatchObject({ type: 'ack' });
    });
  });

  it('[WR1] in a hello makes it that agent’s socket whatever else the hello says', async () => {
    const intruder = await intrude();
    const claims = { agent: '1002', session: mine.session, self: { extension: '1002', role: 'admin' } };
    intruder.send(hello(other.accessToken, claims));
    await until('the welcome', () => intruder.frames.length > 0);
    expect(intruder.frames[0]).toMatchObject({
      self: { extension: '1003', role: 'agent', session: other.session },
    });
  });
});

/** The text of a `status.set`; `given` is JSON text, as JSON.stringify would not write 1e400. */
const statusSet = (given: string, agent?: string): string => {
  const base = { sequence: 900, status: 'BREAK', reason: 'x', made: deviceTime(), seen: null };
  const change = `${JSON.stringify(base).slice(0, -1)},${given}}`;
  return `{"type":"status.set","id":"a",${agent === undefined ? '' : `"agent":${agent},`}"change":${change}}`;
};
const flushOf = (count: number): string => {
  const changes = Array.from({ length: count }, (_, index) => {
    return { sequence: 900 + index, status: 'BREAK', reason: 'x', made: deviceTime(), seen: null };
  });
  return JSON.stringify({ type: 'outbox.flush', id: 'a', changes });
};
const badChange = (name: string, given: string): [string, string, string] => [
  name,
  'bad-request',
  statusSet(given),
];

describe('a request', () => {
  it.each<[string, string, string]>([
    badChange('sequence 0', '"sequence":0'),
    badChange('sequence −1', '"sequence":-1'),
    badChange('sequence 1e10', '"sequence":1e10'),
    badChange('sequence 1e400', '"sequence":1e400'),
    badChange('sequence 1.5', '"sequence":1.5'),
    badChange('sequence "NaN"', '"sequence":"NaN"'),
    badChange('made 1e400', '"made":1e400'),
    badChange('made "now"', '"made":"now"'),
    badChange('offset 1e400', '"offset":1e400'),
    badChange('offset null', '"offset":null'),
    badChange('seen of 60 KB', `"seen":"${'x'.repeat(60_000)}"`),
    badChange('a reason of 60 KB', `"reason":"${'x'.repeat(60_000)}"`),
    badChange('a reason that is an object', '"reason":{"toString":"x"}'),
    badChange('a status of 60 KB', `"status":"${'x'.repeat(60_000)}"`),
    badChange('a status that is a list', '"status":["BREAK"]'),
    badChange('a reason nested 20,000 deep', `"reason":${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    ['a change in __proto__', 'bad-request', '{"type":"status.set","id":"a","__proto__":{"change":{}}}'],
    [
      'the change of the prototype',
      'bad-request',
      '{"type":"status.set","id":"a","change":{"__proto__":{}}}',
    ],
    ['a type of the prototype', 'bad-request', '{"type":"constructor","id":"a"}'],
    ['a type that is none', 'bad-request', '{"type":"Command","id":"a","Command":"core show uptime"}'],
    ['201 changes at once', 'bad-request', flushOf(201)],
    ['changes that are no list', 'bad-request', '{"type":"outbox.flush","id":"a","changes":{"length":1}}'],
    ['a ping that was never sent', 'bad-request', '{"type":"clock.ping","id":"a","sent":"NaN"}'],
    ['status __proto__', 'unknown-status', statusSet('"status":"__proto__"')],
    ['status ON_CALL', 'unknown-status', statusSet('"status":"ON_CALL"')],
    ['status LUNCH', 'unknown-status', statusSet('"status":"LUNCH"')],
    ['an unknown agent', 'unknown-agent', statusSet('"reason":null', '"9999"')],
    ['agent __proto__', 'unknown-agent', statusSet('"reason":null', '"__proto__"')],
    ['agent constructor', 'unknown-agent', statusSet('"reason":null', '"constructor"')],
    ['a colleague', 'forbidden', statusSet('"reason":null', '"1003"')],
    ['an agent that is no extension', 'bad-request', statusSet('"reason":null', '"10 01"')],
    ['an agent with line ends', 'bad-request', statusSet('"reason":null', '"1002\\r\\nAction: Command"')],
    ['500 characters', 'reason-too-long', statusSet(`"reason":"${'x'.repeat(500)}"`)],
    ['121 emoji', 'reason-too-long', statusSet(`"reason":"${'😀'.repeat(121)}"`)],
    ...[
      ['CR LF and an action', 'x\r\nAction: Command\r\nCommand: core show uptime'],
      ['two CR LF and an action', 'x\r\n\r\nAction: Command\r\nCommand: core show uptime\r\n\r\n'],
      ['LF', 'x\ny'],
      ['NUL', 'x\0y'],
      ['a tab', 'x\ty'],
      ['escape', '\u001b[2J'],
      ['NEL', 'x\u0085y'],
      ['U+2028', 'x\u2028y'],
      ['U+2029', 'x\u2029y'],
      ['a lone high surrogate', 'x\ud83d'],
      ['a lone low surrogate', '\ude00x'],
    ].map(([name, reason]): [string, string, string] => [
      `${name} in a reason`,
      'reason-control-characters',
      statusSet(`"reason":${JSON.stringify(reason)}`),
    ]),
  ])('[WR3] [ST5] %s: `%s`', async (_name, code, text) => {
    await bench.unharmed(async () => {
      const intruder = await intrude(mine.accessToken);
      intruder.send(text);
      expect(await intruder.answer('a')).toMatchObject({ type: 'nack', code });
      // And the socket goes on.
      intruder.send('{"type":"clock.ping","id":"b","sent":1}');
      expect(await intruder.answer('b')).toMatchObject({ type: 'ack' });
      expect(answers(intruder)).toEqual(['nack', 'ack']);
    });
  });
});

describe('a change with a strange time', () => {
  it.each<[string, string]>([
    ['made 1e308', '"made":1e308'],
    ['made −1e308', '"made":-1e308'],
    ['made and offset 1e308', '"made":1e308,"offset":1e308'],
    ['made 1e308, offset −1e308', '"made":1e308,"offset":-1e308'],
    ['offset −5', `"made":3,"offset":-5`],
    ['seen nobody knows', `"seen":"x\\r\\nAction: Command"`],
  ])('[PS5] %s: placed between the beginning of time and its arrival', async (_name, given) => {
    const { accessToken, session } = await bench.signIn('1004');
    const intruder = await intrude(accessToken);
    intruder.send(statusSet(given));
    expect(await intruder.answer('a')).toMatchObject({ type: 'ack' });
    const [placed, ...more] = bench.rows(
      'bridge',
      `SELECT made, received FROM log WHERE device = '${session}'`,
    );
    expect(more).toEqual([]);
    expect(placed?.['made']).toBeGreaterThanOrEqual(0);
    expect(placed?.['made']).toBeLessThanOrEqual(Number(placed?.['received']));
    expect(Math.abs(Number(placed?.['received']) - deviceTime())).toBeLessThan(5_000);
  });
});

describe('a flush', () => {
  const flushed = async (changes: readonly object[]) => {
    const { accessToken, session } = await bench.signIn('1004');
    const intruder = await intrude(accessToken);
    intruder.send(JSON.stringify({ type: 'outbox.flush', id: 'a', changes }));
    const answer = await intruder.answer('a');
    const log = bench.rows(
      'bridge',
      `SELECT sequence FROM log WHERE device = '${session}' ORDER BY sequence`,
    );
    return { answer, stored: log.map(({ sequence }) => sequence) };
  };
  const change = (sequence: number, given: object = {}): object => {
    return { sequence, status: 'BREAK', reason: null, made: deviceTime(), seen: null, ...given };
  };

  it('[WR2] [WR3] of 200 is stored whole', async () => {
    const all = Array.from({ length: 200 }, (_, index) => index + 1);
    const { answer, stored } = await flushed(all.map((sequence) => change(sequence)));
    expect([answer.type, stored]).toEqual(['ack', all]);
  });

  it('[WR2] [WR3] of none is an ack', async () => {
    expect(await flushed([])).toMatchObject({ answer: { type: 'ack' }, stored: [] });
  });

  it('[WR3] with one that is refused stands up to there', async () => {
    const changes = [change(1), change(2, { reason: 'x\r\ny' }), change(3)];
    expect(await flushed(changes)).toMatchObject({
      answer: { type: 'nack', code: 'reason-control-characters' },
      stored: [1],
    });
  });

  it('[WR3] with one that is none of the protocol is refused whole', async () => {
    expect(await flushed([change(1), change(0)])).toMatchObject({
      answer: { type: 'nack', code: 'bad-request' },
      stored: [],
    });
  });
});

describe('a strange reason', () => {
  const FAMILY = '👨‍👩‍👧‍👦';
  it.each<[string, string, string]>([
    ['120 emoji', '😀'.repeat(120), '😀'.repeat(19)],
    ['120 Cyrillic letters', 'ж'.repeat(120), 'ж'.repeat(39)],
    ['120 Chinese characters', '中'.repeat(120), '中'.repeat(26)],
    ['families of seven code points', FAMILY.repeat(17), `${FAMILY.repeat(3)}👨`],
    ['flags of two', '🇷🇺'.repeat(60), `${'🇷🇺'.repeat(9)}🇷`],
    ['letters with an accent of their own', 'e\u0301'.repeat(60), `${'e\u0301'.repeat(26)}e`],
    ['right to left, and back by force', 'обед \u202eqp\u202c', 'обед \u202eqp\u202c'],
    ['Hebrew and Arabic', 'הפסקה غداء', 'הפסקה غداء'],
    [
      'what means something elsewhere',
      `') --" ${'$'}{SHELL(id)} %s <b> & \\`,
      `') --" ${'$'}{SHELL(id)} %s <b> & \\`,
    ],
  ])('[ST5] arrives whole: %s', async (_name, reason, cut) => {
    const desk = await bench.desk('1003');
    expect(await desk.setStatus('BREAK', reason)).toMatchObject({ type: 'ack' });
    expect(bench.rows('bridge', "SELECT reason FROM log WHERE agent = '1003' ORDER BY rev").at(-1)).toEqual({
      reason,
    });
    // The intent is BREAK; the agent has no phone, so the status is not.
    const intent = () =>
      (seenOf(desk, '1003') as { detail?: { intent: object; queues: { agreed: boolean }[] } } | undefined)
        ?.detail;
    await until('the desk is told', () => intent()?.queues.every(({ agreed }) => agreed));
    expect(intent()?.intent).toMatchObject({ status: 'BREAK', reason });
    await bench.shown('1003', cut);
    const commands = bench.logLines().filter((line) => line['agent'] === '1003' && line['reason'] === cut);
    expect(commands.map(({ msg }) => msg)).toEqual(['queue member paused']);
  });
});
