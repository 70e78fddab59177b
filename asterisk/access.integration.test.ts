import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ami } from './private/ami.ts';
import { until } from './private/wait.ts';
import { header, type SipMessage } from './testing/sip-message.ts';
import { heard, readyAgent, startTestPbx, type TestPbx } from './testing/test-pbx.ts';

/** The exact list of OP7. */
const passes = [
  ...['FullyBooted', 'Shutdown', 'Reload', 'ContactStatus', 'PeerStatus', 'DeviceStateChange'],
  ...['Added', 'Removed', 'Pause', 'Penalty', 'Ringinuse', 'Status'].map((what) => `QueueMember${what}`),
  ...['Join', 'Leave', 'Abandon'].map((what) => `QueueCaller${what}`),
  ...['Called', 'Connect', 'Complete', 'Dump', 'RingNoAnswer'].map((what) => `Agent${what}`),
  ...['Newchannel', 'Newstate', 'Rename', 'Hangup', 'Hold', 'Unhold', 'BridgeEnter', 'BridgeLeave'],
  ...['AttendedTransfer', 'BlindTransfer', 'OriginateResponse', 'ChanSpyStart', 'ChanSpyStop'],
];

let test: TestPbx;
let watch: Ami;
let act: Ami;
beforeAll(async () => {
  test = await startTestPbx();
  await test.provision('1001', '1002');
  watch = await test.login('watch');
  act = await test.login('act');
});
afterAll(() => test.end());

const callSupport = (id: string): Promise<unknown> =>
  act.action({
    Action: 'Originate',
    Channel: 'Local/support@callers/n',
    Context: 'demo-caller',
    Exten: 's',
    Priority: '1',
    // a caller who would like to be an event
    CallerID: '"Event: DialBegin" <+79990001122>',
    ChannelId: id,
    OtherChannelId: `${id}-q`,
    Async: 'true',
  });

describe('the two AMI users', () => {
  it('[OP7] say FullyBooted right after the login', async () => {
    for (const user of ['watch', 'act'] as const) {
      const ami = await test.login(user);
      await heard(ami, 'FullyBooted');
      ami.close();
    }
  });

  it('[OP7] [ST6] watch sees a queue call by the listed events only; the INVITE names call and queue', async () => {
    const invites: SipMessage[] = [];
    const { phone } = await readyAgent(test, watch, '1001', {
      onInvite: (invite, self) => {
        invites.push(invite);
        self.reply(invite, '180 Ringing');
      },
    });
    await callSupport('call-a');
    const joined = await heard(watch, 'QueueCallerJoin', { Uniqueid: 'call-a-q' });
    const invite = await until('INVITE', 5000, () => invites[0]);
    expect(header(invite, 'x-linkedid')).toBe(joined['Linkedid']);
    expect(header(invite, 'x-queue')).toBe('support');
    expect(header(invite, 'x-waited')).toMatch(/^\d+$/);

    await act.action({ Action: 'Setvar', Channel: 'call-a', Variable: 'CARD', Value: 'Event: Hangup' });
    await act.action({ Action: 'Hangup', Channel: 'call-a' });
    await heard(watch, 'Hangup', { Uniqueid: 'call-a' });
    await heard(watch, 'QueueCallerAbandon', { Uniqueid: 'call-a-q' });

    const seen = new Set(watch.events.map((event) => event['Event'] ?? ''));
    expect([...seen].filter((name) => !passes.includes(name))).toEqual([]);
    expect([...seen]).toEqual(
      expect.arrayContaining(['AgentCalled', 'Newchannel', 'Newstate', 'QueueCallerLeave']),
    );
    expect(
      watch.events.every((event) => event['Timestamp'] !== undefined || event['Event'] === 'FullyBooted'),
    ).toBe(true);
    await phone.close();
  });

  it('[OP7] the filter in the reference is exactly the list', () => {
    const lines = readFileSync(join(test.pbx.runDir, 'conf/manager.conf'), 'utf8').split('\n');
    const filters = lines
      .slice(0, lines.indexOf('[act](account)'))
      .flatMap((line) => /^eventfilter = (.*)$/.exec(line)?.[1] ?? [])
      .map((text) => new RegExp(text.replace('[[:space:]]', '\\s')));
    const others = [
      'VarSet',
      'Newexten',
      'DTMFBegin',
      'DTMFEnd',
      'QueueMemberPaused',
      'HangupRequest',
      'UserEvent',
    ];
    const through = [...passes, ...others].filter((name) =>
      filters.some((filter) => filter.test(`Event: ${name}\r\n`)),
    );
    expect(through).toEqual(passes);
    expect(filters.some((filter) => filter.test('Event: VarSet\r\nValue: Event: Hangup\r\n'))).toBe(false);
  });

  it('[RG2] the filter leaves the answers to lists alone', async () => {
    const phone = await test.phone('1002', 'l', {
      credential: test.rows.openSession('1002', 'l', test.pbx.sipRealm),
    });
    await phone.register();
    const lists = {
      QueueStatus: 'QueueMember',
      DeviceStateList: 'DeviceStateChange',
      PJSIPShowRegistrationInboundContactStatuses: 'ContactStatusDetail',
      PJSIPShowContacts: 'ContactList',
      QueueSummary: 'QueueSummary',
    };
    for (const [Action, entry] of Object.entries(lists)) {
      expect((await watch.list({ Action })).map((message) => message['Event'])).toContain(entry);
    }
    expect((await watch.list({ Action: 'Agents' })).map((message) => message['Event'])).toEqual([
      undefined,
      'AgentsComplete',
    ]);
    await phone.close();
  });

  it('[OP7] neither can run a command, reach the shell, or change the configuration', async () => {
    const shell = {
      Action: 'Originate',
      Channel: 'Local/support@callers',
      Application: 'System',
      Data: 'true',
    };
    const forbidden = [
      { Action: 'Command', Command: 'core show version' },
      { Action: 'UpdateConfig', SrcFilename: 'manager.conf', DstFilename: 'manager.conf' },
      shell,
    ];
    for (const action of forbidden) {
      await expect(act.action(action)).rejects.toThrow();
      await expect(watch.action(action)).rejects.toThrow();
    }
    // `system` includes GetConfig (README): watch can read files of the configuration folder, act cannot.
    await expect(act.action({ Action: 'GetConfig', Filename: 'manager.conf' })).rejects.toThrow(/denied/i);
    await expect(act.action({ Action: 'QueuePause', Interface: 'x', Paused: 'true' })).rejects.toThrow(
      /denied/i,
    );
    await expect(act.action({ Action: 'Reload' })).rejects.toThrow(/denied/i);
    await expect(watch.action({ Action: 'Originate', Channel: 'Local/support@callers' })).rejects.toThrow(
      /denied/i,
    );
  });
});

describe('the ARI user', () => {
  const ari = (method: string, path: string): Promise<Response> => {
    const { user, password } = test.pbx.ari;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return fetch(`http://${test.pbx.host}:${test.pbx.ports.http}/ari${path}`, {
      method,
      headers: { authorization },
    });
  };

  it('[OP7] reads endpoints and changes nothing', async () => {
    const endpoints = (await (await ari('GET', '/endpoints')).json()) as { resource: string }[];
    expect(endpoints.map((endpoint) => endpoint.resource).sort()).toEqual(['1001', '1002']);
    expect((await ari('PUT', '/deviceStates/Stasis:x?deviceState=BUSY')).status).toBe(403);
    expect((await ari('PUT', '/endpoints/sendMessage?to=a&from=b')).status).toBe(403);
    expect((await ari('POST', '/events/user/x?application=a')).status).toBe(403);
  });
});

describe("an agent's own dialling", () => {
  it('[WR4] reaches colleagues and the echo test, nothing else', async () => {
    const called: SipMessage[] = [];
    const busy = await test.phone('1002', 'callee', {
      credential: test.rows.openSession('1002', 'callee', test.pbx.sipRealm),
      onInvite: (invite, self) => {
        called.push(invite);
        self.reply(invite, '486 Busy Here');
      },
    });
    await busy.register();
    await heard(watch, 'PeerStatus', { Peer: 'PJSIP/1002', PeerStatus: 'Reachable' });
    const phone = await test.phone('1001', 'dial', {
      credential: test.rows.openSession('1001', 'dial', test.pbx.sipRealm),
    });
    const dial = (number: string): Promise<number> => phone.request('INVITE', `sip:${number}@127.0.0.1`);
    for (const number of [
      'support',
      's',
      '+79990001122',
      '911',
      '112',
      '700',
      'demo-caller',
      '*97',
      '10011',
      '2001',
    ]) {
      expect([number, await dial(number)]).toEqual([number, 404]);
    }
    expect(await dial('1002')).toBe(486);
    expect(header(called[0] ?? { first: '', headers: new Map(), body: '' }, 'x-linkedid')).not.toBe('');
    expect(await dial('1001')).toBe(480); // nobody registered there
    expect(await dial('*43')).toBe(200);
    await phone.close();
    await busy.close();
  });

  it('[WR4] needs the secret for each call, too', async () => {
    const phone = await test.phone('1001', 'nobody');
    expect(await phone.request('INVITE', 'sip:1002@127.0.0.1')).toBe(401);
    await phone.close();
  });
});
