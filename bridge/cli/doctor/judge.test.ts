// Facts that no file holds: what Asterisk, the sockets and the tables said.
import { beforeAll, describe, expect, it } from 'vitest';
import { confWith, factsOf, faultsOf, TABLES } from './doctor-test-bench.ts';
import type { AorFacts, EndpointFacts, Facts, SipFacts } from './facts.ts';
import { CHECKS, judge } from './judge.ts';
import { asText, exitCodeOf } from './print.ts';

type Change = (facts: Facts) => Partial<Facts>;
interface Seen {
  readonly title: string;
  readonly change: Change;
  readonly id: string;
  readonly about: readonly string[];
  readonly state: string;
}

const rows: Seen[] = [];
const seen = (
  title: string,
  change: Change,
  [id, state]: readonly [string, 'wrong' | 'warn' | 'unknown'],
  about: readonly string[] = [],
): void => void rows.push({ title, change, id, about, state });

const core =
  (change: Partial<Facts['core']>): Change =>
  (facts) => ({ core: { ...facts.core, ...change } });
const rights =
  (change: Partial<Facts['rights']>): Change =>
  (facts) => ({ rights: { ...facts.rights, ...change } });
const bridge =
  (change: Partial<Facts['bridge']>): Change =>
  (facts) => ({ bridge: { ...facts.bridge, ...change } });
const sip =
  (change: Partial<SipFacts>): Change =>
  (facts) => ({ sip: facts.sip && { ...facts.sip, ...change } });
const endpoint =
  (change: Partial<EndpointFacts>): Change =>
  () => ({
    tables: { ...TABLES, endpoints: [{ ...TABLES.endpoints[0], ...change }, TABLES.endpoints[1]] },
  });
const aor =
  (change: Partial<AorFacts>): Change =>
  () => ({
    tables: { ...TABLES, aors: [{ ...TABLES.aors[0], ...change }, TABLES.aors[1]] },
  });
const contactColumns =
  (keep: (name: string) => boolean): Change =>
  () => ({
    tables: {
      ...TABLES,
      columns: { ...TABLES.columns, ps_contacts: TABLES.columns.ps_contacts.filter(keep) },
    },
  });
const ari =
  (facts: Facts['ari']): Change =>
  () => ({ ari: facts });

seen('[OP2] an environment the bridge refuses', bridge({ problems: ['BRIDGE_SECRET is missing'] }), [
  'bridge.environment',
  'wrong',
]);
seen('[OP2] a version too new', core({ version: '23.1.0' }), ['asterisk.version', 'warn'], ['23.1.0']);
seen(
  '[RG9] a module that is needed',
  core({ modules: { res_srtp: false } }),
  ['asterisk.modules', 'wrong'],
  ['res_srtp'],
);
seen(
  '[RG2] a module that is wanted',
  core({ modules: { app_agent_pool: false } }),
  ['asterisk.modules', 'warn'],
  ['app_agent_pool'],
);
seen('[PS5] a clock behind', core({ clockAheadMs: -2_500 }), ['asterisk.clock', 'wrong']);
seen(
  '[PS3] a queue from a database',
  core({ queues: ['support', 'sales', 'night'] }),
  ['queue.there', 'unknown'],
  ['night'],
);
seen('[PS3] a queue not loaded', core({ queues: ['support'] }), ['queue.there', 'warn'], ['sales']);
seen(
  '[PS3] a dynamic member without a state interface',
  core({
    members: [
      {
        queue: 'sales',
        interface: 'Local/1001@agents-all',
        name: '1001',
        stateInterface: '',
        startsPaused: null,
      },
    ],
  }),
  ['member.state-interface', 'wrong'],
  ['Local/1001@agents-all in sales'],
);
seen('[OP7] AMI over the network', bridge({ amiHost: 'pbx.example' }), ['ami.host', 'warn'], ['pbx.example']);
seen(
  '[OP7] act is offered Command',
  rights({ act: ['originate', 'redirect', 'hangup', 'command'] }),
  ['ami.act.rights', 'wrong'],
  ['act'],
);
seen('[OP7] act cannot sign in', rights({ actProblem: 'refused' }), ['ami.act.rights', 'wrong'], ['act']);
seen('[RG1] no ARI', ari({ kind: 'not-configured' }), ['ari.read-only', 'warn']);
seen('[RG1] ARI that does not answer', ari({ kind: 'failed', words: '404' }), ['ari.read-only', 'wrong']);
seen('[OP7] ARI that may write', ari({ kind: 'answers', write: 'allowed' }), ['ari.read-only', 'wrong']);
seen('[AP10] no WebSocket', sip({ problem: '404' }), ['sip.websocket', 'wrong'], ['wss://calls.example/sip']);
seen('[SE1] an open door', sip({ openDoor: true }), ['sip.open-door', 'wrong'], ['1001']);
seen(
  '[AP10] an old certificate',
  sip({ certificate: { problem: 'it has expired', daysLeft: -1 } }),
  ['sip.certificate', 'wrong'],
  ['calls.example'],
);
seen(
  '[AP10] a certificate about to end',
  sip({ certificate: { problem: null, daysLeft: 3 } }),
  ['sip.certificate', 'warn'],
  ['calls.example'],
);
seen(
  '[AP10] plain ws beyond loopback',
  bridge({ sipUrl: 'ws://calls.example/ws' }),
  ['sip.certificate', 'wrong'],
  ['calls.example'],
);
seen('[SE1] another realm', sip({ realm: 'asterisk' }), ['sip.realm', 'wrong']);
seen('[SE1] an endpoint without a secret', endpoint({ auths: [] }), ['endpoint.auth', 'wrong'], ['1001']);
seen(
  '[SE1] an endpoint whose secret is no row',
  endpoint({ auths: ['1001-none', 'gone'] }),
  ['endpoint.auth', 'wrong'],
  ['1001'],
);
seen('[RG11] device_state_busy_at', endpoint({ busyAt: 1 }), ['endpoint.busy-at', 'wrong'], ['1001']);
seen('[RG9] no webrtc', endpoint({ webrtc: false }), ['endpoint.webrtc', 'warn'], ['1001']);
seen(
  '[RG9] a member without an endpoint',
  (facts) => ({ ...endpoint({ id: '1003' })(facts), ...core({ sample: null })(facts) }),
  ['endpoint.there', 'warn'],
  ['1001'],
);
seen('[RG1] no qualify', aor({ qualifyFrequencyS: 0 }), ['aor.qualify', 'wrong'], ['1001']);
seen('[RG1] qualify every minute', aor({ qualifyFrequencyS: 60 }), ['aor.qualify', 'warn'], ['1001']);
seen('[RG9] no contacts', aor({ maxContacts: 0 }), ['aor.max-contacts', 'wrong'], ['1001']);
seen('[RG9] one contact', aor({ maxContacts: 1 }), ['aor.max-contacts', 'warn'], ['1001']);
seen('[RG9] ghosts stay', aor({ removeUnavailable: false }), ['aor.ghosts', 'wrong'], ['1001']);
seen(
  '[RG9] a new device throws out another',
  aor({ removeExisting: true }),
  ['aor.ghosts', 'warn'],
  ['1001'],
);
seen(
  '[RG6] no column for our status',
  contactColumns((name) => name !== 'status'),
  ['tables.columns', 'wrong'],
  ['status'],
);
seen(
  '[RG6] no column this version writes',
  contactColumns((name) => name !== 'qualify_2xx_only'),
  ['tables.columns', 'wrong'],
  ['qualify_2xx_only'],
);
seen('[RG6] no file', () => ({ tables: { kind: 'failed', words: 'there is no file x' } }), [
  'tables.columns',
  'wrong',
]);
seen(
  '[RG6] a file that is not Asterisk’s',
  core({ sample: { id: '1001', known: false, endpoint: null, aor: null } }),
  ['tables.same', 'wrong'],
  ['1001'],
);

describe('the doctor judges', () => {
  let reference: Facts;
  beforeAll(async () => {
    reference = factsOf(await confWith([]));
  });

  it('[OP7] [RG9] [RG11] [PS9] nothing amiss in the reference', () => {
    expect(faultsOf(judge(reference))).toEqual([]);
    expect(exitCodeOf(reference, judge(reference))).toBe(0);
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  });

  it.each(rows)('$title', ({ change, id, state, about }) => {
    const facts = { ...reference, ...change(reference) };
    const findings = judge(facts);
    expect(faultsOf(findings)).toEqual([{ id, state, about }]);
    expect(exitCodeOf(facts, findings)).toBe(state === 'wrong' ? 1 : 0);
  });

  it.each([
    ['16.30.0', ['asterisk.version wrong', 'member.paused warn']],
    ['18.26.0', ['member.paused warn']],
    ['20.9.3', ['member.paused warn']],
    ['20.15.0', []],
    ['22.5.0', ['member.paused unknown']],
    ['GIT-master-abc', ['asterisk.version warn', 'member.paused unknown']],
  ])('[PS9] Asterisk %s: %j', (version, said) => {
    const findings = judge({ ...reference, core: { ...reference.core, version } });
    expect(faultsOf(findings).map(({ id, state }) => `${id} ${state}`)).toEqual(said);
  });

  it('[RG10] a PBX without realtime is told what that costs, and nothing else', async () => {
    const own = [
      ...['[transport-udp]'],
      ...['1001', '1002'].map(
        (id) =>
          `[${id}]\ntype=endpoint\naors=${id}\nauth=${id}\ncontext=agents\nwebrtc=yes\n` +
          `[${id}]\ntype=aor\nmax_contacts=5\nremove_unavailable=yes\nqualify_frequency=15\n`,
      ),
    ].join('\n');
    const conf = await confWith([{ file: 'pjsip.conf', from: '[transport-udp]', to: own }]);
    const facts = {
      ...factsOf({ ...conf, 'sorcery.conf': [] }),
      tables: { kind: 'not-configured' as const },
    };
    expect(faultsOf(judge(facts))).toEqual([{ id: 'tables.realtime', state: 'warn', about: [] }]);
  });

  it('[OP7] a file that cannot be read is not known, never wrong', () => {
    const findings = judge({
      ...reference,
      conf: {},
      core: { ...reference.core, modules: null, queues: null },
    });
    expect(new Set(faultsOf(findings).map(({ state }) => state))).toEqual(new Set(['unknown']));
  });

  it('[OP2] nobody who can sign in is an exit code of its own', () => {
    const facts = { ...reference, core: { ...reference.core, loginProblem: 'refused' } };
    expect(exitCodeOf(facts, judge(facts))).toBe(2);
    expect(faultsOf(judge(facts))).toEqual([{ id: 'ami.login', state: 'wrong', about: ['watch'] }]);
  });

  it('[OP7] [RG11] says what is so, why it matters, and what to paste', async () => {
    const facts = factsOf(
      await confWith([{ file: 'queues.conf', from: 'ringinuse = no', to: 'ringinuse = yes' }]),
    );
    const findings = judge(facts);
    expect(findings.filter(({ id }) => id === 'queue.ringinuse')).toEqual([
      {
        id: 'queue.ringinuse',
        state: 'wrong',
        about: ['support', 'sales'],
        says: 'members who are on a call are rung again (ringinuse)',
        why: 'RG11: somebody who talks must not be offered the next call.',
        fix: { file: 'queues.conf', lines: ['[support]', 'ringinuse = no', '[sales]', 'ringinuse = no'] },
      },
    ]);
    expect(asText(facts, findings).split('\n').slice(2, 10)).toEqual([
      'WRONG  queue.ringinuse            members who are on a call are rung again (ringinuse)  [support, sales]',
      '       Why: RG11: somebody who talks must not be offered the next call.',
      '       In queues.conf, in place of what is there:',
      '           [support]',
      '           ringinuse = no',
      '           [sales]',
      '           ringinuse = no',
      '',
    ]);
  });

  it('[OP7] no secret becomes a fact, and no name steers the terminal', () => {
    expect(JSON.stringify(reference)).not.toContain('must-not-be-told');
    const facts = { ...reference, core: { ...reference.core, queues: ['support', 'sales', '\u001b[2Jx'] } };
    expect(asText(facts, judge(facts))).not.toContain('\u001b');
  });
});
