// The ARI client against a real Asterisk.
import { expect, it } from 'vitest';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createFakeLog } from '../../testing/fake-log.ts';
import { factOfAri, type AriFact } from './ari-events.ts';
import { authorizationOf, resourceUrl } from './ari-address.ts';
import type { AmiLink } from './ami-link.ts';
import type { AriLink } from './ari-link.ts';
import { clock, until, useAsterisk } from '../../testing/asterisk-bench.ts';
import { factOf } from './pbx-facts.ts';

const bench = useAsterisk();

function factsOf(link: AriLink): AriFact[] {
  const facts: AriFact[] = [];
  link.onEvent((event) => {
    const fact = factOfAri(event);
    if (fact) facts.push(fact);
  });
  return facts;
}

/** What each of our transports said of contacts: session, state. */
const contactsOf = (facts: readonly AriFact[]): readonly string[] =>
  facts.flatMap(({ contact }) => (contact ? [`${contact.uri} ${contact.state}`] : []));
function amiContacts(link: AmiLink): string[] {
  const contacts: string[] = [];
  link.onEvent((event) => {
    const fact = factOf(event);
    if (fact?.type === 'contact') contacts.push(`${fact.contact.uri} ${fact.contact.state}`);
  });
  return contacts;
}
const verdicts = (facts: readonly AriFact[]): readonly string[] =>
  facts.map(({ extension, source, verdict }) => `${extension} ${source} ${verdict}`);
const last = (facts: readonly AriFact[], source: AriFact['source']) =>
  facts.findLast((fact) => fact.source === source)?.verdict;

// First: phones that vanish are warnings of their own.
it('[OP3] stopping is no error in Asterisk’s log', async () => {
  const before = bench.test.pbx.errorLines().length;
  const ari = bench.ari();
  await until(() => ari.state === 'ready');
  await ari.stop();
  expect(bench.test.pbx.errorLines().slice(before)).toEqual([]);
});

it('[RG1] ARI tells of contacts what AMI tells, in the same order, and what it means for the extension', async () => {
  const [ari, ami] = [bench.ari(), bench.ami()];
  const [facts, contacts] = [factsOf(ari), amiContacts(ami)];
  await until(() => ari.state === 'ready' && ami.state() === 'ready');

  const one = await bench.phone('1001', 's-one');
  await one.register();
  await until(() => facts.length === 4);
  // The contact comes first; among the others the order is not fixed.
  expect(verdicts(facts)[0]).toBe('1001 ContactStatusChange unknown');
  expect(verdicts(facts).slice(1).sort()).toEqual([
    '1001 ContactStatusChange registered',
    '1001 DeviceStateChanged registered',
    '1001 PeerStatusChange registered',
  ]);
  const reachable = facts.findLast((fact) => fact.contact)?.contact;
  const rewritten = /^sip:s-one@(127\.0\.0\.1:\d+);/.exec(reachable?.uri ?? '');
  expect(reachable).toEqual({
    ...{ extension: '1001', uri: reachable?.uri, state: 'reachable', userAgent: null },
    ...{ address: rewritten?.[1], roundTripMs: expect.any(Number) as number },
  });

  facts.length = 0;
  const two = await bench.phone('1001', 's-two');
  await two.register();
  await until(() => facts.length === 2);
  await two.register(0);
  await until(() => facts.length === 3);
  expect(verdicts(facts)).toEqual(Array(3).fill('1001 ContactStatusChange registered'));
  expect(facts[2]?.contact?.state).toBe('removed');

  await one.close();
  await until(() => facts.length === 6);
  expect(new Set(verdicts(facts).slice(3))).toEqual(
    new Set([
      '1001 PeerStatusChange unregistered',
      '1001 ContactStatusChange unregistered',
      '1001 DeviceStateChanged unregistered',
    ]),
  );
  await until(() => contacts.length === 6);
  expect(contactsOf(facts)).toEqual(contacts.slice(2));
});

it('[RG1] silent loss: found by Asterisk’s own question, and told', async () => {
  bench.test.rows.run("UPDATE ps_aors SET qualify_frequency = 1, qualify_timeout = 1 WHERE id = '1002'");
  const ari = bench.ari();
  const facts = factsOf(ari);
  await until(() => ari.state === 'ready');
  const line = await bench.line();
  const phone = await bench.phone('1002', 's-mute', line.url);
  await phone.register();
  await until(() => last(facts, 'ContactStatusChange') === 'registered');
  line.silence();
  await until(() => last(facts, 'ContactStatusChange') === 'unregistered', 10_000);
  await until(() => last(facts, 'DeviceStateChanged') === 'unregistered');
  expect(last(facts, 'PeerStatusChange')).toBe('unregistered');
  expect(facts.findLast((fact) => fact.contact)?.contact?.state).toBe('unreachable');
});

it('[OP2] killed and started again: ARI is back within 1 s of FullyBooted, and tells on', async () => {
  const ari = bench.ari();
  const facts = factsOf(ari);
  const told: string[] = [];
  await until(() => ari.state === 'ready');
  ari.onState((state) => told.push(state));
  await bench.test.pbx.kill();
  await until(() => ari.state !== 'ready', 500);
  await bench.test.pbx.start();
  const booted = clock.now();
  await until(() => ari.state === 'ready', 2_000);
  expect(clock.now() - booted).toBeLessThan(1_000);
  // At 'ready' the endpoints are there, none missing.
  expect(await ari.get('/endpoints')).toHaveLength(3);
  expect([told[0], told.at(-1)]).toEqual(['down', 'ready']);
  await (await bench.phone('1003', 's-again')).register();
  await until(() => last(facts, 'ContactStatusChange') === 'registered');
});

it('[OP2] a hung Asterisk is noticed within 5 s; when it goes on, so do the events', async () => {
  const ari = bench.ari({}, { getTimeoutMs: 500 });
  const facts = factsOf(ari);
  const told: string[] = [];
  ari.onState((state, reason) => told.push(reason === null ? state : `${state}: ${reason}`));
  await until(() => ari.state === 'ready');
  const { pid } = bench.test.pbx;
  if (pid === null) throw new Error('no Asterisk');
  process.kill(pid, 'SIGSTOP');
  const hung = clock.now();
  try {
    await until(() => ari.state !== 'ready', 6_000);
    expect(clock.now() - hung).toBeLessThan(5_000);
    await expect(ari.get('/endpoints')).rejects.toMatchObject({ code: 'timeout', retryable: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until(() => ari.state === 'ready', 4_000);
  expect(told[1]).toBe('down: timeout');
  // What Asterisk now takes up and ends of our tries meanwhile takes nothing from the connection that stays.
  await (await bench.phone('1003', 's-after')).register();
  await until(() => last(facts, 'ContactStatusChange') === 'registered');
});

it('[OP2] a wrong password is one clear error without it, and does not hammer', async () => {
  const [time, log] = [createFakeClock(0), createFakeLog()];
  const ari = bench.ari({ password: 'wrong-password' }, { clock: time, log });
  const told: string[] = [];
  ari.onState((state, reason) => told.push(reason === null ? state : `${state}: ${reason}`));
  await until(() => told.includes('down: refused'));
  time.advance(59_000);
  await expect(ari.get('/endpoints')).rejects.toMatchObject({ code: 'refused', retryable: false });
  expect(told).toEqual(['down: refused']);
  expect(log.lines.filter((line) => line.level !== 'debug')).toEqual([
    {
      level: 'error',
      message: 'ARI login refused: check user and password in ari.conf',
      fields: {
        ...{ url: bench.ariAddress().url, user: bench.test.pbx.ari.user, reason: 'refused' },
        cause: 'ARI events: Asterisk answered 401',
      },
    },
  ]);
  expect(JSON.stringify(log.lines)).not.toContain('wrong-password');
});

it('[OP7] our user may read and nothing else; what this Asterisk does not have is named so', async () => {
  const address = bench.ariAddress();
  const ask = async (method: string, path: string): Promise<number> =>
    (await fetch(resourceUrl(address, path), { method, headers: authorizationOf(address) })).status;
  expect([
    await ask('GET', '/endpoints'),
    await ask('POST', '/events/user/x?application=desk'),
    await ask('PUT', '/deviceStates/Stasis:x?deviceState=BUSY'),
    await ask('DELETE', '/deviceStates/Stasis:x'),
    await ask('PUT', '/endpoints/sendMessage?to=pjsip:1001&from=x&body=x'),
  ]).toEqual([200, 403, 403, 403, 403]);
  const ari = bench.ari();
  await expect(ari.get('/nothing')).rejects.toMatchObject({ code: 'unsupported', retryable: false });
});
