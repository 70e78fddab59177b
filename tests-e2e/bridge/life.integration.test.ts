// What outlives whom: bridge and Asterisk killed and started again, under people who stay.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { membersOf } from '../testkit/asterisk-truth.ts';
import type { DeskClient } from '../testkit/desk-client.ts';
import { until } from '../testkit/wait.ts';
import { openCentre, told, type CentreBench } from './bench.ts';

/** OP2 asks for 1 s; five of them, as the machine has others to serve. */
const SOON_MS = 5_000;

let bench: CentreBench;
beforeAll(async () => {
  bench = await openCentre(['1001', '1002', '1003', '1004', '1005']);
}, 240_000);
afterAll(() => bench.end());

const health = async () => {
  const response = await fetch(`${bench.centre.url}/health`);
  return { status: response.status, body: (await response.json()) as { asterisk: { state: string } } };
};
const healthy = () => until('health 200', async () => (await health()).status === 200, SOON_MS);
const mark = (): unknown => bench.rows('pbx', 'SELECT coalesce(max(id), 0) AS id FROM queue_log')[0]?.['id'];
const unpausesSince = (id: unknown, agent: string) =>
  bench.rows(
    'pbx',
    `SELECT event FROM queue_log WHERE agent = '${agent}' AND event LIKE 'UNPAUSE%' AND id > ${String(id)}`,
  );

describe('the bridge', () => {
  it('[OP3] a stop tells the sockets to come back, with 1001', async () => {
    const desk = await bench.desk('1001');
    await bench.centre.bridge.stop();
    expect(await desk.closed).toBe(1001);
    await bench.centre.bridge.start();
  });

  it('[SE3] [ST10] killed and started it keeps session, intent and pause; nobody is unpaused for it', async () => {
    const { desk, phone } = await bench.readyAgent('1001');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1001', 'lunch');
    const since = mark();
    await bench.centre.bridge.kill();
    await bench.shown('1001', 'lunch');
    await bench.centre.bridge.start();
    await healthy();
    const again = await bench.join(desk.grant);
    expect(await told(again, '1001', 'BREAK')).toMatchObject({ reason: 'lunch' });
    expect((await bench.post('/api/refresh', {}, { cookie: desk.grant.cookie })).status).toBe(200);
    expect(await phone.register()).toBe(200);
    await bench.shown('1001', 'lunch');
    expect(unpausesSince(since, '1001')).toEqual([]);
    // The desk counts on from where it was.
    expect(await again.setStatus('ONLINE', null)).toMatchObject({ type: 'ack' });
    await bench.shown('1001', '');
  });

  it('[PS2] what changed in Asterisk while it was away is brought back in step', async () => {
    const { desk } = await bench.readyAgent('1002');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1002', 'lunch');
    await bench.centre.bridge.kill();
    await bench.centre.asterisk.cli('queue unpause member Local/1002@agents-all');
    await bench.shown('1002', '');
    await bench.centre.bridge.start();
    await bench.shown('1002', 'lunch', SOON_MS);
  });

  it('[RG1] a phone that went away meanwhile is found gone', async () => {
    const { phone } = await bench.readyAgent('1003');
    await bench.centre.bridge.kill();
    phone.destroySocket();
    await bench.centre.bridge.start();
    await bench.shown('1003', 'Auto: SIP not registered', SOON_MS);
  });
});

describe('Asterisk', () => {
  const pausedEverywhere = async (extensions: readonly string[]): Promise<boolean> => {
    const members = await Promise.all(extensions.map((one) => membersOf(bench.centre, one)));
    return members.flat().every(({ paused }) => paused);
  };

  it('[PS9] [OP2] killed and started: health says so, all are paused with the right reason again, nobody is unpaused in between', async () => {
    const { desk } = await bench.readyAgent('1004');
    const online = await bench.readyAgent('1005');
    await desk.setStatus('BREAK', 'lunch');
    await bench.shown('1004', 'lunch');
    expect(await health()).toMatchObject({ status: 200, body: { status: 'ok' } });

    await bench.centre.asterisk.kill();
    const away = await until(
      'health 503',
      async () => {
        const now = await health();
        return now.status === 503 ? now : null;
      },
      SOON_MS,
    );
    expect(away.body).toMatchObject({ status: 'degraded', store: { state: 'ready' } });
    expect(['down', 'connecting']).toContain(away.body.asterisk.state);
    await markedOld(desk, '1004');
    // Nothing is lost meanwhile: what is chosen now is brought to Asterisk when it is back.
    expect(await desk.setStatus('MEETING', 'while it was away')).toMatchObject({ type: 'ack' });

    const since = mark();
    await bench.centre.asterisk.start();
    let unpausedSeen = false;
    await until(
      'both are paused with the right reason',
      async () => {
        unpausedSeen ||= !(await pausedEverywhere(['1004', '1005']));
        const [[meeting], [gone]] = [
          await membersOf(bench.centre, '1004'),
          await membersOf(bench.centre, '1005'),
        ];
        return meeting?.reason === 'while it was away' && gone?.reason === 'Auto: SIP not registered';
      },
      SOON_MS,
    );
    expect([unpausedSeen, unpausesSince(since, '1004'), unpausesSince(since, '1005')]).toEqual([
      false,
      [],
      [],
    ]);
    await healthy();
    // The phones come back by themselves; ST4.
    await bench.phone(online.desk.grant);
    await bench.shown('1005', '');
    await told(online.desk, '1005', 'ONLINE');
  });

  it('[OP2] stopped and started in good order it is the same', async () => {
    await bench.shown('1005', '');
    await bench.centre.asterisk.stop();
    await bench.centre.asterisk.start();
    await bench.shown('1005', 'Auto: SIP not registered', SOON_MS);
    await bench.shown('1004', 'while it was away', SOON_MS);
    await healthy();
  });

  const markedOld = (desk: DeskClient, extension: string): Promise<boolean> =>
    until(
      `${extension} is marked as of then`,
      () =>
        desk.frames
          .flatMap(
            (frame) => (frame['agents'] ?? []) as readonly { extension: string; mark: string | null }[],
          )
          .findLast((view) => view.extension === extension)?.mark === 'as-of',
    );
});

describe('the log of the bridge', () => {
  it('[OP1] has a line for each thing of importance, as JSON', () => {
    const said = new Set(bench.logLines().map(({ msg }) => msg));
    const wanted = [
      ...['bridge ready', 'bridge stops', 'Asterisk is ready', 'Asterisk is out of reach', 'signed in'],
      ...['agent status changed', 'queue member paused', 'queue member unpaused'],
    ];
    expect(wanted.filter((line) => !said.has(line))).toEqual([]);
    const change = bench
      .logLines()
      .find(({ msg, reason }) => msg === 'agent status changed' && reason === 'lunch');
    expect(change).toMatchObject({
      level: 30,
      agent: '1001',
      status: 'BREAK',
      cause: 'agent',
      actor: '1001',
    });
    expect(bench.logLines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('[OP1] holds no secret: no password, token, HA1 or AMI secret', async () => {
    const { accessToken, cookie, sip } = await bench.signIn('1001');
    await bench.post('/api/refresh', {}, { cookie });
    const { ami, ari } = bench.centre.asterisk;
    const text = bench.logText();
    const secrets = [
      ...bench.centre.logins.map(({ password }) => password),
      ...[accessToken, cookie.replace('refresh=', ''), sip.ha1],
      ...bench.rows('pbx', 'SELECT md5_cred FROM ps_auths').map((row) => String(row['md5_cred'])),
      ...[ami.watch.secret, ami.act.secret, ari.password],
    ];
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);
    expect(secrets.filter((secret) => text.includes(secret)).length).toBe(0);
    expect(text).not.toMatch(/argon2|refresh=|Bearer /);
  });
});
