// A status on its way: from the socket to a real Asterisk and back.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeskClient } from '../testkit/desk-client.ts';
import { until } from '../testkit/wait.ts';
import { openCentre, seenOf, told, type CentreBench } from './bench.ts';

let bench: CentreBench;
beforeAll(async () => {
  bench = await openCentre(['1001', '1002', '1003', '1004', '1005', '1006', '1007', '1008', '1009', '1010']);
}, 240_000);
afterEach(() => bench.leave());
afterAll(() => bench.end());

/** The first 79 bytes, on a character, without white space at the cut. */
function cut(reason: string): string {
  let kept = '';
  for (const character of reason) {
    if (Buffer.byteLength(kept + character) > 79) break;
    kept += character;
  }
  return kept.trimEnd();
}

const agreed = (desk: DeskClient): boolean => {
  const own = seenOf(desk, '1001') as { detail?: { queues: { agreed: boolean }[] } } | undefined;
  return own?.detail?.queues.every((queue) => queue.agreed) === true;
};

describe('the socket', () => {
  it('[WR1] hello, welcome, everybody, what works; numbered', async () => {
    const desk = await bench.desk('1001');
    await until('the health', () => desk.frames.length >= 5);
    const [welcome, snapshot, log, here, health] = desk.frames;
    expect(welcome).toMatchObject({
      ...{ n: 1, type: 'welcome', protocol: 1, scope: 'colleagues' },
      self: { extension: '1001', role: 'agent', session: desk.grant.session, lastSequence: 0 },
    });
    expect(snapshot).toMatchObject({ n: 2, type: 'agents:snapshot' });
    expect((snapshot?.['agents'] as unknown[]).length).toBe(12);
    expect(log).toMatchObject({ n: 3, type: 'self:log', entries: [{ kind: 'step', status: 'ONLINE' }] });
    // RG9: its own page is one of the agent's devices from now on.
    expect(here).toMatchObject({ type: 'agent:status', agents: [{ extension: '1001' }] });
    expect(health).toMatchObject({ type: 'system:health', health: { asterisk: { state: 'ready' } } });
    expect(desk.frames.map(({ n }) => n)).toEqual(desk.frames.map((_, index) => index + 1));
  });

  it('[PS1] a choice is acknowledged when it is in the log, and then Asterisk shows it', async () => {
    const desk = await bench.desk('1001');
    expect(await desk.setStatus('BREAK', 'lunch')).toMatchObject({ type: 'ack' });
    const log = bench.rows(
      'bridge',
      "SELECT status, reason, cause FROM log WHERE agent = '1001' AND kind = 'choice'",
    );
    expect(log.at(-1)).toEqual({ status: 'BREAK', reason: 'lunch', cause: 'agent' });
    await bench.shown('1001', 'lunch');
  });

  it('[ST5] a long reason in Cyrillic is cut to what Asterisk holds, and agrees: no second command', async () => {
    const desk = await bench.desk('1001');
    const reason = 'обед '.repeat(20).trim() + '\u{1F600}';
    await desk.setStatus('BREAK', reason);
    await bench.shown('1001', cut(reason));
    await until('agreement', () => agreed(desk));
    const paused = bench
      .logLines()
      .filter((line) => line['agent'] === '1001' && line['reason'] === cut(reason));
    expect(paused.map(({ msg }) => msg)).toEqual(['queue member paused']);
  });

  it('[ST2] [WR6] a supervisor changes an agent of the team, who hears of it at once; not one of another team', async () => {
    const [agent, other, boss] = [
      await bench.desk('1003'),
      await bench.desk('1200'),
      await bench.desk('1100'),
    ];
    expect(await boss.setStatus('MEETING', 'come here', '1003')).toMatchObject({ type: 'ack' });
    expect(await told(agent, '1003', 'OFFLINE')).toMatchObject({ auto: 'sip-not-registered' });
    await bench.shown('1003', 'come here');
    expect(await boss.setStatus('ONLINE', null, '1003')).toMatchObject({
      type: 'nack',
      code: 'not-reachable',
    });
    expect(await boss.setStatus('BREAK', 'x', '1200')).toMatchObject({ type: 'nack', code: 'forbidden' });
    expect(await other.setStatus('BREAK', 'own')).toMatchObject({ type: 'ack' });
  });

  it('[WR6] a colleague sees the status, not the reason', async () => {
    const [{ desk: agent }, colleague] = [await bench.readyAgent('1004'), await bench.desk('1005')];
    await agent.setStatus('BREAK', 'at the doctor');
    expect(await told(colleague, '1004', 'BREAK')).toMatchObject({ reason: null });
    expect(JSON.stringify(colleague.frames)).not.toContain('at the doctor');
    expect(await told(agent, '1004', 'BREAK')).toMatchObject({ reason: 'at the doctor' });
  });
});

describe('a phone', () => {
  it('[ST4] registered: unpaused; its socket gone: OFFLINE and paused; back again: ONLINE again', async () => {
    const { desk, phone } = await bench.readyAgent('1006');
    await told(desk, '1006', 'ONLINE');
    phone.destroySocket();
    expect(await told(desk, '1006', 'OFFLINE')).toMatchObject({ auto: 'sip-not-registered' });
    await bench.shown('1006', 'Auto: SIP not registered');
    await bench.phone(desk.grant);
    expect(await told(desk, '1006', 'ONLINE')).toMatchObject({ auto: 'sip-registered' });
    await bench.shown('1006', '');
  });

  it('[ST4] a break stays a break, paused throughout', async () => {
    const { desk, phone } = await bench.readyAgent('1007');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1007', 'lunch');
    const mark = bench.rows('pbx', 'SELECT max(id) AS id FROM queue_log')[0]?.['id'];
    await phone.unregister();
    await told(desk, '1007', 'OFFLINE');
    await bench.phone(desk.grant);
    expect(await told(desk, '1007', 'BREAK')).toMatchObject({ reason: 'lunch' });
    await bench.shown('1007', 'lunch');
    const since = bench.rows(
      'pbx',
      `SELECT event FROM queue_log WHERE agent = '1007' AND id > ${String(mark)}`,
    );
    expect(since).toEqual([]);
  });

  it('[RG6] its contact is in the table Asterisk writes, with our mark, and nowhere else when it is gone', async () => {
    const { phone } = await bench.readyAgent('1008');
    const contacts = () => bench.rows('pbx', "SELECT status FROM ps_contacts WHERE endpoint = '1008'");
    await until('the mark', () => contacts()[0]?.['status'] === 'Reachable');
    expect(contacts()).toEqual([{ status: 'Reachable' }]);
    await phone.unregister();
    await until('the row is gone', () => contacts().length === 0);
  });

  it('[OP5] both queries answer as they stand', async () => {
    const { desk } = await bench.readyAgent('1009');
    await told(desk, '1009', 'ONLINE');
    const user = () =>
      bench.rows(
        'bridge',
        "SELECT username, extension, online, sipRegistered FROM users WHERE extension = '1009';",
      );
    await until('registered', () => user()[0]?.['sipregistered'] === 1);
    expect(user()).toEqual([{ username: '1009', extension: '1009', online: 1, sipregistered: 1 }]);
    const contacts = () =>
      bench.rows('pbx', "SELECT endpoint, status, expiration_time FROM ps_contacts WHERE endpoint = '1009';");
    // Written behind the event, like the flag above.
    await until('the mark', () => contacts()[0]?.['status'] === 'Reachable');
    expect(contacts()).toEqual([
      { endpoint: '1009', status: 'Reachable', expiration_time: expect.any(Number) as unknown },
    ]);
  });

  it('[RG9] [SE3] two sessions of one agent: both devices ring, each with the call’s Linkedid and queue', async () => {
    const { desk, phone } = await bench.readyAgent('1010');
    const second = await bench.signIn('1010');
    const other = await bench.phone(second);
    expect(second.session).not.toBe(desk.grant.session);
    await until(
      'both contacts',
      () => bench.rows('pbx', "SELECT id FROM ps_contacts WHERE endpoint = '1010'").length === 2,
    );
    await bench.call('support');
    const rings = await until('both ring', () => {
      const all = [...phone.rings(), ...other.rings()];
      return all.length >= 2 ? all : null;
    });
    expect(new Set(rings.map(({ linkedId }) => linkedId)).size).toBe(1);
    expect(rings[0]?.linkedId).toMatch(/^\S*\d+\.\d+$/);
    expect(rings.map(({ queue, ringing }) => [queue, ringing])).toEqual([
      ['support', true],
      ['support', true],
    ]);
    await desk.setStatus('BREAK', 'lunch');
    await bench.centre.asterisk.cli('channel request hangup all');
    await until('silence', () => [...phone.rings(), ...other.rings()].every(({ ringing }) => !ringing));
  });
});
