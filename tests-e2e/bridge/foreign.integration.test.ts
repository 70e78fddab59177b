// Somebody else changes pauses in Asterisk: from its command line, by SQL, while we are at it ourselves.
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareCentre } from '../../tools/centre.ts';
import { openAmiProxy } from '../testkit/ami-proxy.ts';
import { membersOf } from '../testkit/asterisk-truth.ts';
import type { DeskClient } from '../testkit/desk-client.ts';
import { until } from '../testkit/wait.ts';
import { benchOf, SHORT_GRACE, seenOf, told, type CentreBench } from './bench.ts';

let bench: CentreBench;
beforeAll(async () => {
  const person = (extension: string, role: 'agent' | 'supervisor' = 'agent') => ({
    ...{ extension, name: `Person ${extension}`, role, teams: ['support'] },
  });
  bench = await benchOf((runDir) =>
    prepareCentre({
      ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2, environment: SHORT_GRACE },
      queues: [
        {
          name: 'support',
          members: ['1001', '1002', '1003'],
          plain: ['1004'],
          realtime: [{ extension: '1005' }],
        },
        { name: 'sales', members: ['1002', '1003'] },
      ],
      people: [
        ...['1001', '1002', '1003', '1004', '1005'].map((one) => person(one)),
        person('1100', 'supervisor'),
      ],
    }),
  );
}, 240_000);
afterEach(() => bench.leave());
afterAll(() => bench.end());

/** Signed in, ONLINE whatever was chosen before, and unpaused. */
async function ready(extension: string) {
  const desk = await bench.desk(extension);
  const phone = await bench.phone(desk.grant);
  await desk.setStatus('ONLINE', null);
  await bench.shown(extension, '');
  return { desk, phone };
}

const cli = (command: string): Promise<string> => bench.centre.asterisk.cli(command);
const pauseOne = (extension: string, queue: string, reason: string): Promise<string> =>
  cli(`queue pause member Local/${extension}@agents-all queue ${queue} reason ${reason}`);
const unpauseOne = (extension: string, queue: string): Promise<string> =>
  cli(`queue unpause member Local/${extension}@agents-all queue ${queue}`);

const inQueues = async (extension: string) =>
  (await membersOf(bench.centre, extension)).map(({ queue, paused, reason }) => [
    queue,
    paused ? reason : null,
  ]);
/** Asterisk itself shows this, and the bridge agrees. */
const holds = (
  desk: DeskClient,
  extension: string,
  expected: readonly (readonly [string, string | null])[],
) =>
  until(`${extension} is ${JSON.stringify(expected)}`, async () => {
    const own = seenOf(desk, extension) as { detail?: { queues: { agreed: boolean }[] } } | undefined;
    const agreed = own?.detail?.queues.every((queue) => queue.agreed) === true;
    return agreed && JSON.stringify(await inQueues(extension)) === JSON.stringify(expected);
  });
const entries = (extension: string, kind: 'choice' | 'hold') =>
  bench.rows(
    'bridge',
    `SELECT status, reason, cause, actor, subject FROM log WHERE agent = '${extension}' AND kind = '${kind}' ORDER BY rev`,
  );
const FREE = [
  ['sales', null],
  ['support', null],
] as const;

describe('from the command line', () => {
  it('[PS4] a pause of all of an agent’s queues is the agent’s PAUSE, an unpause ONLINE', async () => {
    const { desk } = await ready('1001');
    await pauseOne('1001', 'support', 'lunch');
    expect(await told(desk, '1001', 'PAUSE')).toMatchObject({ reason: 'lunch' });
    expect(entries('1001', 'choice').at(-1)).toEqual({
      ...{ status: 'PAUSE', reason: 'lunch', cause: 'asterisk', actor: 'asterisk', subject: null },
    });
    await bench.shown('1001', 'lunch');
    await unpauseOne('1001', 'support');
    await told(desk, '1001', 'ONLINE');
    await holds(desk, '1001', [['support', null]]);
    expect(entries('1001', 'choice').at(-1)).toMatchObject({ status: 'ONLINE', cause: 'asterisk' });
  });

  it('[PS4] the same for a member that is the plain endpoint', async () => {
    const { desk } = await ready('1004');
    await cli('queue pause member PJSIP/1004 queue support reason lunch');
    expect(await told(desk, '1004', 'PAUSE')).toMatchObject({ reason: 'lunch' });
    await cli('queue unpause member PJSIP/1004');
    await told(desk, '1004', 'ONLINE');
  });

  it('[PS4] both queues paused with one command are one choice', async () => {
    const { desk } = await ready('1003');
    await cli('queue pause member Local/1003@agents-all');
    expect(await told(desk, '1003', 'PAUSE')).toMatchObject({ reason: null });
    await bench.shown('1003', 'PAUSE');
    await cli('queue unpause member Local/1003@agents-all');
    await told(desk, '1003', 'ONLINE');
    await holds(desk, '1003', FREE);
    expect(entries('1003', 'hold')).toEqual([]);
  });

  it('[PS4] [PS8] a pause of one queue of two is a hold: it outlives a restart of the bridge and the agent’s next change', async () => {
    const { desk } = await ready('1002');
    await pauseOne('1002', 'support', 'lunch');
    const held = [
      ['sales', null],
      ['support', 'lunch'],
    ] as const;
    await until('the hold is stored', () => entries('1002', 'hold').length === 1);
    await holds(desk, '1002', held);
    expect(seenOf(desk, '1002')).toMatchObject({ status: 'ONLINE' });

    await bench.centre.bridge.kill();
    await bench.centre.bridge.start();
    const again = await bench.join(desk.grant);
    await holds(again, '1002', held);
    await again.setStatus('BREAK', 'coffee');
    await holds(again, '1002', [
      ['sales', 'coffee'],
      ['support', 'coffee'],
    ]);
    await again.setStatus('ONLINE', null);
    await holds(again, '1002', held);
    const own = seenOf(again, '1002') as { detail?: { queues: object[] } };
    expect(own.detail?.queues).toMatchObject([
      { queue: 'support', hold: { reason: 'lunch', author: 'asterisk' } },
      { queue: 'sales', hold: null },
    ]);
    // Lifted by the side that set it.
    await unpauseOne('1002', 'support');
    await until('the hold is lifted', () => entries('1002', 'hold').at(-1)?.['reason'] === null);
    await holds(again, '1002', FREE);
    expect(entries('1002', 'hold').at(-1)).toMatchObject({ subject: 'support', cause: 'asterisk' });
  });

  it('[PS4] an unpause of one queue during a break is repaired, and a supervisor hears of it', async () => {
    const [{ desk }, boss] = [await ready('1002'), await bench.desk('1100')];
    await desk.setStatus('BREAK', null);
    const onBreak = [
      ['sales', 'BREAK'],
      ['support', 'BREAK'],
    ] as const;
    await holds(desk, '1002', onBreak);
    const before = entries('1002', 'choice').length;
    await unpauseOne('1002', 'sales');
    const drift = await until('the supervisor is told', () =>
      boss.frames.find((frame) => frame.type === 'queue:drift' && JSON.stringify(frame).includes('"1002"')),
    );
    expect(drift['drifts']).toMatchObject([
      { agent: '1002', queue: 'sales', observed: { paused: false }, contested: false },
    ]);
    await holds(desk, '1002', onBreak);
    expect(entries('1002', 'choice').length).toBe(before);
  });

  it('[PS4] an unpause while our pause for a break is in flight changes nothing: BREAK stands', async () => {
    const { host, ports } = bench.centre.asterisk;
    const proxy = await openAmiProxy({ host, port: ports.ami });
    try {
      await bench.centre.bridge.kill();
      await bench.centre.bridge.start({ AMI_PORT: String(proxy.port) });
      const { desk } = await ready('1001');
      await holds(desk, '1001', [['support', null]]);
      const before = entries('1001', 'choice').length;
      // Our command and Asterisk's reports now take their time, so the other's unpause is between them.
      proxy.delay(300);
      expect((await desk.setStatus('BREAK', 'tea')).type).toBe('ack');
      await unpauseOne('1001', 'support');
      await bench.shown('1001', 'tea');
      await holds(desk, '1001', [['support', 'tea']]);
      expect(seenOf(desk, '1001')).toMatchObject({ status: 'BREAK', reason: 'tea' });
      expect(entries('1001', 'choice').length).toBe(before + 1);
    } finally {
      await bench.centre.bridge.kill();
      await bench.centre.bridge.start();
      await proxy.close();
    }
  });

  it('[PS4] what is changed of somebody who cannot be reached is repaired', async () => {
    const { desk, phone } = await ready('1001');
    await phone.unregister();
    await bench.shown('1001', 'Auto: SIP not registered');
    await unpauseOne('1001', 'support');
    await holds(desk, '1001', [['support', 'Auto: SIP not registered']]);
  });
});

describe('members of every kind', () => {
  it('[PS4] [PS3] a realtime member changed by SQL is taken over once Asterisk has read the row', async () => {
    const { desk } = await ready('1005');
    const pbx = new DatabaseSync(bench.centre.files.pbx, { timeout: 2_000 });
    pbx.exec("UPDATE queue_members SET paused = 1, reason_paused = 'tea' WHERE interface LIKE '%1005%'");
    pbx.close();
    // What a caller, or anybody's look at the queue, makes Asterisk do.
    await cli('queue show support');
    expect(await told(desk, '1005', 'PAUSE')).toMatchObject({ reason: 'tea' });
    await desk.setStatus('ONLINE', null);
    await holds(desk, '1005', [['support', null]]);
  });

  it('[PS2] a queue module loaded anew is looked at anew', async () => {
    const { desk } = await ready('1002');
    await desk.setStatus('BREAK', 'tea');
    await holds(desk, '1002', [
      ['sales', 'tea'],
      ['support', 'tea'],
    ]);
    await cli('module reload app_queue.so');
    await cli('queue unpause member Local/1002@agents-all queue sales');
    await holds(desk, '1002', [
      ['sales', 'tea'],
      ['support', 'tea'],
    ]);
  });

  it('[PS9] [PS2] a member added from the command line during a break is paused, one removed is forgotten', async () => {
    const { desk } = await ready('1001');
    await desk.setStatus('BREAK', 'tea');
    await bench.shown('1001', 'tea');
    await cli('queue add member Local/1001@agents-all to sales penalty 0 as 1001 state_interface PJSIP/1001');
    await holds(desk, '1001', [
      ['sales', 'tea'],
      ['support', 'tea'],
    ]);
    await cli('queue remove member Local/1001@agents-all from sales');
    await holds(desk, '1001', [['support', 'tea']]);
  });
});

describe('a member that somebody else keeps changing', () => {
  it('[PS2] is contested after more than 5 repairs in a minute, left alone, and put right by the next choice', async () => {
    const { desk } = await ready('1003');
    await desk.setStatus('BREAK', 'tea');
    const all = [
      ['sales', 'tea'],
      ['support', 'tea'],
    ] as const;
    await holds(desk, '1003', all);
    const queues = () =>
      (
        seenOf(desk, '1003') as unknown as {
          detail: { queues: { queue: string; contestedSince: number | null }[] };
        }
      ).detail.queues;
    for (let time = 0; time < 5; time += 1) {
      await unpauseOne('1003', 'sales');
      await until('seen', () => bench.logLines().filter(isRepair).length > time);
      await holds(desk, '1003', all);
    }
    await unpauseOne('1003', 'sales');
    await until('contested', () => queues().some(({ contestedSince }) => contestedSince !== null));
    expect(await inQueues('1003')).toEqual([
      ['sales', null],
      ['support', 'tea'],
    ]);
    await desk.setStatus('MEETING', null);
    await holds(desk, '1003', [
      ['sales', 'MEETING'],
      ['support', 'MEETING'],
    ]);
    expect(queues().every(({ contestedSince }) => contestedSince === null)).toBe(true);
  });

  const isRepair = (line: Readonly<Record<string, unknown>>): boolean =>
    line['agent'] === '1003' && line['msg'] === 'queue member differed, repaired';
});
