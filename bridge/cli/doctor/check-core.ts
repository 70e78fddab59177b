// The environment, the version, the clock, the modules, the node's name.
import { lastValue, isYes } from './conf-file.ts';
import type { Facts } from './facts.ts';
import { fragment, fromFile, ok, unknown, warn, wrong, type Check, type Verdict } from './finding.ts';
import { isRealtime } from './check-tables.ts';
import { versionOf } from './version.ts';

const MOST_CLOCK_DIFFERENCE_MS = 2_000;
const OLDEST = 18;
const NEWEST_TRIED = 22;

/** Without these the bridge or the desk does not work. */
const NEEDED_MODULES = [
  ...['res_pjsip', 'res_pjsip_session', 'res_pjsip_registrar', 'res_pjsip_authenticator_digest'],
  ...['res_pjsip_endpoint_identifier_user', 'res_pjsip_sdp_rtp', 'res_pjsip_transport_websocket'],
  ...['res_pjsip_header_funcs', 'res_http_websocket', 'chan_pjsip', 'func_pjsip_aor'],
  ...['res_rtp_asterisk', 'res_srtp', 'app_queue', 'app_dial', 'app_stack', 'res_manager_devicestate'],
] as const;
/** Without these something is less well known. */
const WANTED_MODULES: Readonly<Record<string, string>> = {
  app_agent_pool: 'Agents does not answer: one witness fewer',
  res_ari_endpoints: 'ARI does not tell of endpoints: one witness fewer',
  res_ari_device_states: 'ARI does not tell of device states',
  app_chanspy: 'supervisors cannot listen in',
  res_pjsip_refer: 'desks cannot transfer',
};
const REALTIME_MODULES = ['res_sorcery_realtime', 'res_odbc', 'res_config_odbc'] as const;

/** All that the doctor asks about. */
export const MODULES: readonly string[] = [
  ...NEEDED_MODULES,
  ...Object.keys(WANTED_MODULES),
  ...REALTIME_MODULES,
];

const loading = (names: readonly string[]) =>
  fragment('modules.conf', '[modules]', ...names.map((name) => `load = ${name}.so`));

function moduleVerdicts(facts: Facts): readonly Verdict[] {
  const { modules } = facts.core;
  if (!modules) return [unknown('the user may not ask for modules (write = system)')];
  const lacks = (name: string): boolean => modules[name] === false;
  const needed = [...NEEDED_MODULES, ...(isRealtime(facts) ? REALTIME_MODULES : [])].filter(lacks);
  const wanted = Object.keys(WANTED_MODULES).filter(lacks);
  if (needed.length + wanted.length === 0) return [ok('all modules are loaded')];
  return [
    ...(needed.length > 0 ? [wrong('not loaded, and needed', { about: needed, fix: loading(needed) })] : []),
    ...wanted.map((name) =>
      warn(`not loaded: ${WANTED_MODULES[name] ?? ''}`, { about: [name], fix: loading([name]) }),
    ),
  ];
}

function versionVerdict({ core }: Facts): Verdict {
  if (core.version === null) return unknown('Asterisk does not tell its version');
  const version = versionOf(core.version);
  const about = [core.version];
  if (!version) return warn('not a release: nothing is known about it', { about });
  if (version.major < OLDEST) return wrong(`too old: ${OLDEST} is the oldest that will do`, { about });
  return version.major > NEWEST_TRIED
    ? warn('newer than any that was tried (22)', { about })
    : ok('supported', { about });
}

function systemNameVerdict(facts: Facts): readonly Verdict[] {
  const name = facts.core.systemName ?? lastValue(facts.conf['asterisk.conf'] ?? [], 'options', 'systemname');
  if (name) return [ok('this node has a name', { about: [name] })];
  if (facts.core.systemName === null && !facts.conf['asterisk.conf'])
    return [unknown('asterisk.conf could not be read')];
  if (!isRealtime(facts)) return [];
  return [warn('systemname is empty', { fix: fragment('asterisk.conf', '[options]', 'systemname = pbx-1') })];
}

function clockVerdict({ core }: Facts): Verdict {
  if (core.clockAheadMs === null) return unknown('Asterisk does not tell its time');
  const seconds = (Math.abs(core.clockAheadMs) / 1_000).toFixed(1);
  if (Math.abs(core.clockAheadMs) <= MOST_CLOCK_DIFFERENCE_MS) return ok('the clocks agree');
  return wrong(
    `Asterisk’s clock is ${seconds} s ${core.clockAheadMs > 0 ? 'ahead of' : 'behind'} the bridge’s`,
    {
      fix: fragment('the terminal, on both machines', 'timedatectl set-ntp true'),
    },
  );
}

/** Null: the settings are not from the environment, so the bridge's own reader was not asked. */
function environmentVerdicts(problems: readonly string[] | null): readonly Verdict[] {
  if (problems === null) return [];
  if (problems.length === 0) return [ok('the bridge would start with this environment')];
  const lines = problems.map((problem) => `${problem.split(' ')[0] ?? ''}=<docs/operating.md>`);
  return [wrong(problems.join('; '), { fix: fragment('the bridge’s environment', ...lines) })];
}

const loginFix = (user: string) =>
  fragment(
    'manager.conf',
    ...['[general]', 'enabled = yes', 'bindaddr = 127.0.0.1', `[${user}]`],
    'secret = <a long random one, and the same in AMI_WATCH_SECRET>',
    ...['deny = 0.0.0.0/0.0.0.0', 'permit = 127.0.0.1/255.255.255.255'],
    ...['read = system,agent,call', 'write = agent,system,reporting'],
  );

export const CORE_CHECKS: readonly Check[] = [
  {
    id: 'bridge.environment',
    why: 'OP2: the bridge does not start with it.',
    look: ({ bridge }) => environmentVerdicts(bridge.problems),
  },
  {
    id: 'ami.login',
    why: 'OP2: without it the bridge knows nothing.',
    look: ({ core, bridge }) =>
      core.loginProblem === null
        ? [ok('signed in', { about: [bridge.watchUser] })]
        : [wrong(core.loginProblem, { about: [bridge.watchUser], fix: loginFix(bridge.watchUser) })],
  },
  {
    id: 'asterisk.version',
    why: 'Asterisk 18, 20 and 22 are supported; 22.10 is what the tests run.',
    look: (facts) => [versionVerdict(facts)],
  },
  { id: 'asterisk.modules', why: 'RG2, RG9: what is not loaded cannot be asked.', look: moduleVerdicts },
  {
    id: 'asterisk.systemname',
    why: 'OP4: with an empty name the restart of one node drops the contacts of another that shares the table.',
    look: systemNameVerdict,
  },
  {
    id: 'asterisk.live-dangerously',
    why: 'OP7: functions that reach the shell and files would be open to AMI.',
    look: fromFile('asterisk.conf', (file) => [
      isYes(lastValue(file, 'options', 'live_dangerously'))
        ? wrong('live_dangerously is on', {
            fix: fragment('asterisk.conf', '[options]', 'live_dangerously = no'),
          })
        : ok('live_dangerously is off'),
    ]),
  },
  {
    id: 'asterisk.clock',
    why: 'PS5, ST7: what Asterisk reports is put in order with what people choose; over 2 s the order is guesswork.',
    look: (facts) => [clockVerdict(facts)],
  },
];
