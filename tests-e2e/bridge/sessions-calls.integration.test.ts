// Sessions that end while their agent talks: a real call on a real Asterisk.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../asterisk/testing/phone.ts';
import { contactsOf } from '../testkit/asterisk-truth.ts';
import type { DeskClient } from '../testkit/desk-client.ts';
import { liveCall, talkingPhone, type LiveCall } from '../testkit/talking-phone.ts';
import { until } from '../testkit/wait.ts';
import { openCentre, told, type CentreBench } from './bench.ts';

let bench: CentreBench;
const phones: Phone[] = [];
beforeAll(async () => {
  bench = await openCentre(['1001', '1002', '1003', '1004', '1005']);
}, 240_000);
afterEach(() => {
  for (const phone of phones.splice(0)) phone.destroy();
  bench.leave();
});
afterAll(() => bench.end());

async function talking(extension: string): Promise<{ desk: DeskClient; phone: Phone; call: LiveCall }> {
  const desk = await bench.desk(extension);
  const phone = await talkingPhone(desk.grant.sip);
  phones.push(phone);
  await told(desk, extension, 'ONLINE');
  const call = await liveCall(bench.centre, extension);
  await told(desk, extension, 'ON_CALL');
  return { desk, phone, call };
}

let requests = 0;
/** Sends a request; resolves with what answers it: `ack`, or the code of the refusal. */
async function ask(desk: DeskClient, request: object): Promise<unknown> {
  requests += 1;
  const id = `ask-${requests}`;
  desk.sendText(JSON.stringify({ ...request, id }));
  const answer = await until('an answer', () => desk.frames.find((frame) => frame['id'] === id));
  return answer.type === 'ack' ? 'ack' : answer['code'];
}

interface SeenDevice {
  readonly id: string;
  readonly endsAfterCall: boolean;
}
/** The agent's devices as the desk was told last. */
function devices(desk: DeskClient, extension: string): readonly SeenDevice[] {
  type Seen = { readonly extension: string; readonly detail?: { readonly devices: readonly SeenDevice[] } };
  const views = desk.frames.flatMap((frame) => (frame['agents'] ?? []) as readonly Seen[]);
  return views.findLast((view) => view.extension === extension)?.detail?.devices ?? [];
}

const sessionRow = (id: string) =>
  bench.rows('bridge', `SELECT closed_why AS why, ending_why AS ending FROM sessions WHERE id = '${id}'`)[0];
const refresh = (cookie: string): Promise<Response> => bench.post('/api/refresh', {}, { cookie });
const cookieOf = (response: Response): string =>
  (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

describe('reuse of an old refresh token', () => {
  it('[SE1] [RG8] takes secret and contact at once and pauses; the live call goes on', async () => {
    const { desk, phone, call } = await talking('1001');
    const second = cookieOf(await refresh(desk.grant.cookie));
    await refresh(second);
    const before = await call.channels();
    expect((await refresh(desk.grant.cookie)).status).toBe(401);
    expect(await desk.closed).toBe(4004);
    await bench.shown('1001', 'offline');
    expect(await contactsOf(bench.centre, '1001')).toEqual([]);
    expect(bench.rows('pbx', "SELECT id FROM ps_contacts WHERE endpoint = '1001'")).toEqual([]);
    expect(await phone.register()).toBe(401);
    // The very same channel, with all of the above done to its session.
    expect((await call.channels()).map((line) => line.split('!')[0])).toEqual(
      before.map((line) => line.split('!')[0]),
    );
    // And it ends as any call does: the phone is still at the end of its signalling.
    await call.hangUp();
    expect(phone.received.at(-1)?.first).toMatch(/^BYE /);
  });
});

describe('a forced sign-out', () => {
  it('[SE4] waits for the end of the call, over a restart of the bridge too', async () => {
    const { desk, phone, call } = await talking('1002');
    const supervisor = await bench.desk('1100');
    const { session } = desk.grant;
    expect(await ask(supervisor, { type: 'device.signOut', agent: '1002', device: session })).toBe('ack');
    await until('the agent is told', () => devices(desk, '1002')[0]?.endsAfterCall);
    expect([sessionRow(session), await phone.register()]).toEqual([
      { why: null, ending: 'signed out by supervisor' },
      200,
    ]);
    await bench.centre.bridge.kill();
    await bench.centre.bridge.start();
    const again = await bench.join(desk.grant);
    await told(again, '1002', 'ON_CALL');
    expect(devices(again, '1002')).toMatchObject([{ id: session, endsAfterCall: true }]);
    expect((await call.channels()).length).toBe(1);
    await call.hangUp();
    expect(await again.closed).toBe(4004);
    await bench.shown('1002', 'offline');
    expect(await phone.register()).toBe(401);
    await until('the contact is gone', async () => (await contactsOf(bench.centre, '1002')).length === 0);
    expect(sessionRow(session)).toEqual({ why: 'signed out by supervisor', ending: null });
    expect(bench.rows('bridge', "SELECT actor FROM log WHERE agent = '1002' AND status = 'OFFLINE'")).toEqual(
      [{ actor: '1100' }],
    );
  });

  it('[SE4] whose call ended while the bridge was away ends when it is back', async () => {
    const { desk, call } = await talking('1003');
    const supervisor = await bench.desk('1100');
    expect(await ask(supervisor, { type: 'agent.signOut', agent: '1003' })).toBe('ack');
    await bench.centre.bridge.kill();
    await call.hangUp();
    await bench.centre.bridge.start();
    await bench.shown('1003', 'offline');
    const { session } = desk.grant;
    await until('the session is over', () => sessionRow(session)?.['why'] === 'signed out by supervisor');
    expect(sessionRow(session)).toMatchObject({ ending: null });
  });

  it('[SE4] with "hang up too" ends the agent’s call, and nobody else’s', async () => {
    const { desk, call } = await talking('1004');
    const other = await talking('1005');
    const supervisor = await bench.desk('1100');
    expect(await ask(supervisor, { type: 'agent.signOut', agent: '1004', hangUp: true })).toBe('ack');
    expect(await desk.closed).toBe(4004);
    await until('the call is over', async () => (await call.channels()).length === 0);
    await bench.shown('1004', 'offline');
    expect((await other.call.channels()).length).toBe(1);
    await other.call.hangUp();
  });

  it('[WR4] is refused to a colleague, of a device nobody has, and of nobody', async () => {
    const [mine, supervisor] = [await bench.desk('1200'), await bench.desk('1100')];
    const victim = await bench.desk('1001');
    const device = victim.grant.session;
    expect([
      await ask(mine, { type: 'device.signOut', agent: '1001', device }),
      await ask(mine, { type: 'agent.signOut', agent: '1200' }),
      await ask(supervisor, { type: 'device.signOut', agent: '1001', device: 's-nobody' }),
      await ask(supervisor, { type: 'agent.signOut', agent: '1200' }),
      await ask(supervisor, { type: 'agent.signOut', agent: '9999' }),
    ]).toEqual(['forbidden', 'forbidden', 'unknown-device', 'forbidden', 'unknown-agent']);
    expect(sessionRow(device)).toEqual({ why: null, ending: null });
  });
});
