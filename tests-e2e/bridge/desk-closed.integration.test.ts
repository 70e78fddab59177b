// Whoever closes the desk and leaves the phone behind is not sent calls for ever.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareCentre } from '../../tools/centre.ts';
import { registerPhone } from '../testkit/sip-registrant.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { benchOf, told, type CentreBench } from './bench.ts';
import { observe, type Observer } from './probe-bench.ts';

/** 2.4 s instead of a quarter of an hour. */
const DESK_CLOSED_MIN = '0.04';

let bench: CentreBench;
let observer: Observer;
beforeAll(async () => {
  const person = (extension: string, role: 'agent' | 'supervisor' = 'agent') => ({
    ...{ extension, name: `Person ${extension}`, role, teams: ['support'] },
  });
  bench = await benchOf((runDir) =>
    prepareCentre({
      ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2, environment: { DESK_CLOSED_MIN } },
      queues: [{ name: 'support', members: ['1001', '1002', '1003'] }],
      people: [...['1001', '1002', '1003'].map((one) => person(one)), person('1100', 'supervisor')],
    }),
  );
  observer = await observe(bench);
}, 240_000);
afterAll(async () => {
  observer.close();
  await bench.end();
});

const steps = (agent: string) =>
  bench.rows(
    'bridge',
    `SELECT status, reason, cause, follows FROM log WHERE agent = '${agent}' AND kind = 'step' ORDER BY rev`,
  );
const inForce = (agent: string): unknown =>
  bench.rows('bridge', `SELECT id FROM log WHERE agent = '${agent}' AND kind = 'step' ORDER BY rev`)[0]?.[
    'id'
  ];

describe('a desk that stays closed', () => {
  it('[RG13] its agent becomes PAUSE with the reason, by a step that follows the ONLINE in force', async () => {
    const boss = await bench.desk('1100');
    const { desk } = await bench.readyAgent('1001');
    const from = observer.mark();
    desk.close();
    expect(await told(boss, '1001', 'PAUSE')).toMatchObject({ reason: 'desk closed' });
    await bench.shown('1001', 'desk closed');
    expect(steps('1001').at(-1)).toEqual({
      ...{ status: 'PAUSE', reason: 'desk closed', cause: 'session', follows: inForce('1001') },
    });
    expect(observer.story('1001', from)).toEqual(['paused: desk closed']);
  });

  it('[RG13] one that opens again in time, and one who has a desk phone alone, go on', async () => {
    const boss = await bench.desk('1100');
    const phoneOnly = await bench.signIn('1003');
    await registerPhone({ ...phoneOnly.sip, contactName: 'desk-1003' }).registered;
    await bench.shown('1003', '');
    const { desk } = await bench.readyAgent('1002');
    desk.close();
    const again = await bench.join(desk.grant);
    const closed = deviceTime();
    // What must not come would have come by then.
    await until('twice the time', () => deviceTime() - closed > 2 * 2_400, 8_000);
    expect([steps('1002').length, steps('1003').length]).toEqual([1, 1]);
    again.close();
    expect(await told(boss, '1002', 'PAUSE')).toMatchObject({ reason: 'desk closed' });
    expect(steps('1003').length).toBe(1);
  });
});
