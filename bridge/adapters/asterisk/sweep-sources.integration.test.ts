// The methods of the sweep against a real Asterisk: each right with no, one and several contacts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Phone } from '../../../asterisk/testing/phone.ts';
import type { SweepSources } from '../../sweep/ports.ts';
import { openShared } from '../store/open.ts';
import { until, useAsterisk } from '../../testing/asterisk-bench.ts';
import type { AriLink } from './ari-link.ts';
import { createSweepSources } from './sweep-sources.ts';

const bench = useAsterisk();

async function openSources(): Promise<{ sources: SweepSources; ari: AriLink }> {
  const { pbx } = bench.test;
  const store = await openShared({ file: join(pbx.runDir, 'bridge.sqlite'), pbxFile: pbx.dbFile });
  bench.afterwards(() => store.close());
  const [link, ari] = [bench.ami(), bench.ari()];
  await until(() => link.state() === 'ready');
  return { sources: createSweepSources({ link, ari, rows: store.pbx }), ari };
}

/** All six, each as short as it can be said. */
async function answers(sources: SweepSources) {
  const [contacts, devices, members, endpoints, rows] = await Promise.all([
    sources.contactStatuses(),
    sources.deviceStates(),
    sources.queueStatus(),
    sources.ariEndpoints(),
    sources.contactRows(),
  ]);
  const now = bench.test.rows.all("SELECT unixepoch('now') AS now")[0]?.['now'] as number;
  const session = (uri: string): string =>
    /^sip:([^@]+)@127\.0\.0\.1:\d+;transport=ws;/.exec(uri)?.[1] ?? uri;
  return {
    contacts: contacts.map((one) => `${one.extension} ${session(one.uri)} ${one.state}`).sort(),
    devices: devices
      .filter(({ device }) => device.startsWith('PJSIP/'))
      .map(({ device, state }) => `${device} ${state}`)
      .sort(),
    // 4 (invalid) until the rows of the endpoint were first used, 5 (unavailable) after that.
    members: members
      .map(({ stateInterface, status }) => `${stateInterface} ${status === 4 ? 5 : status}`)
      .sort(),
    endpoints: endpoints.map((one) => `${one.technology}/${one.resource} ${one.state}`).sort(),
    rows: rows
      .map((row) => `${row.endpoint} ${session(row.uri)} ${row.status} ${row.expirationTime > now + 3_500}`)
      .sort(),
  };
}

/** Until each of the phones has answered Asterisk's first question. */
async function registered(...phones: readonly Phone[]): Promise<void> {
  for (const phone of phones) expect(await phone.register()).toBe(200);
  const available = async (): Promise<number> =>
    (await bench.test.pbx.cli('pjsip show contacts')).split(' Avail ').length - 1;
  await expect.poll(available, { timeout: 5_000 }).toBe(phones.length);
}

it('[RG2] [RG3] no contact, one, several: every method of one mind', async () => {
  const { sources } = await openSources();
  const nobody = await answers(sources);
  expect(nobody).toEqual({
    contacts: [],
    // What Asterisk never was asked for it does not list.
    devices: nobody.devices.filter((line) => line.endsWith(' UNAVAILABLE')),
    members: ['PJSIP/1001 5', 'PJSIP/1002 5', 'PJSIP/1002 5', 'PJSIP/1003 5'],
    endpoints: ['PJSIP/1001 offline', 'PJSIP/1002 offline', 'PJSIP/1003 offline'],
    rows: [],
  });

  const one = await bench.phone('1001', 's-a');
  await registered(one);
  expect(await answers(sources)).toEqual({
    contacts: ['1001 s-a reachable'],
    devices: [
      ...nobody.devices.filter((line) => !line.startsWith('PJSIP/1001')),
      'PJSIP/1001 NOT_INUSE',
    ].sort(),
    members: ['PJSIP/1001 1', 'PJSIP/1002 5', 'PJSIP/1002 5', 'PJSIP/1003 5'],
    endpoints: ['PJSIP/1001 online', 'PJSIP/1002 offline', 'PJSIP/1003 offline'],
    rows: ['1001 s-a null true'],
  });

  const others = [await bench.phone('1001', 's-b'), await bench.phone('1002', 's-c')];
  await registered(one, ...others);
  const several = await answers(sources);
  expect(several).toEqual({
    contacts: ['1001 s-a reachable', '1001 s-b reachable', '1002 s-c reachable'],
    devices: expect.arrayContaining(['PJSIP/1001 NOT_INUSE', 'PJSIP/1002 NOT_INUSE']) as string[],
    members: ['PJSIP/1001 1', 'PJSIP/1002 1', 'PJSIP/1002 1', 'PJSIP/1003 5'],
    endpoints: ['PJSIP/1001 online', 'PJSIP/1002 online', 'PJSIP/1003 offline'],
    rows: ['1001 s-a null true', '1001 s-b null true', '1002 s-c null true'],
  });

  await one.register(0);
  expect(await answers(sources)).toEqual({
    ...several,
    contacts: ['1001 s-b reachable', '1002 s-c reachable'],
    rows: ['1001 s-b null true', '1002 s-c null true'],
  });
});

it('[RG9] a contact with what the list alone knows: user agent, address, round trip', async () => {
  const { sources } = await openSources();
  await registered(await bench.phone('1003', 's-x'));
  const [contact] = await sources.contactStatuses();
  expect(contact).toEqual({
    ...{ extension: '1003', uri: contact?.uri, state: 'reachable', userAgent: 'test phone' },
    address: /@(127\.0\.0\.1:\d+);/.exec(contact?.uri ?? '')?.[1],
    roundTripMs: expect.any(Number) as number,
  });
  // The very URI that the row, the event and the list share.
  expect((await sources.contactRows()).map((row) => row.uri)).toEqual([contact?.uri]);
});

it('[RG2] the agents of the pool', async () => {
  const { sources } = await openSources();
  const { pbx } = bench.test;
  expect(await sources.agents()).toEqual([]);
  writeFileSync(join(pbx.runDir, 'conf/agents.conf'), '[1001]\nfullname=Ada\n[1002]\nfullname=Bob\n');
  await pbx.cli('module reload app_agent_pool.so');
  const off = { status: 'AGENT_LOGGEDOFF', channel: '' };
  await expect
    .poll(() => sources.agents())
    .toEqual([
      { agent: '1001', ...off },
      { agent: '1002', ...off },
    ]);
  const act = await bench.test.login('act');
  bench.afterwards(() => act.close());
  await act.action({
    ...{ Action: 'Originate', Channel: 'Local/support@callers', Async: 'true' },
    ...{ Application: 'AgentLogin', Data: '1001,s' },
  });
  await expect
    .poll(() => sources.agents(), { timeout: 10_000 })
    .toEqual([
      {
        ...{ agent: '1001', status: 'AGENT_IDLE' },
        channel: expect.stringMatching(/^Local\/support@callers-[0-9a-f]{8};1$/) as string,
      },
      { agent: '1002', ...off },
    ]);
  await pbx.cli('channel request hangup all');
  await expect.poll(async () => (await sources.agents())[0]).toEqual({ agent: '1001', ...off });
});

it('[RG2] an Asterisk without app_agent_pool: the question is unsupported, for the others nothing changes', async () => {
  const { pbx } = bench.test;
  // Taken out of a running Asterisk it may take that along (seen: it ended at the next question).
  const file = join(pbx.runDir, 'conf/modules.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace('require = app_agent_pool.so', ''));
  await pbx.stop();
  await pbx.start();
  const { sources } = await openSources();
  await expect(sources.agents()).rejects.toMatchObject({ code: 'unsupported' });
  expect(await sources.queueStatus()).toHaveLength(4);
});

it('[RG3] [RG4] without Asterisk every method but the rows fails by code', async () => {
  const { sources, ari } = await openSources();
  await bench.test.pbx.kill();
  await until(() => ari.state !== 'ready');
  const { contactStatuses, deviceStates, queueStatus, agents, ariEndpoints, contactRows } = sources;
  for (const ask of [contactStatuses, deviceStates, queueStatus, agents, ariEndpoints])
    await expect(ask()).rejects.toMatchObject({ code: 'closed', retryable: true });
  expect(await contactRows()).toEqual([]);
});
