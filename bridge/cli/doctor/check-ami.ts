// OP7: the manager interface.
import { isLoopback } from '../../config.ts';
import { accountOf, DUTIES, rightsOf } from './ami-rights.ts';
import { isYes, lastValue, valuesOf, type ConfSection } from './conf-file.ts';
import { classesOf, FORBIDDEN_EVENTS, hearingOf, NEEDED_EVENTS, type Hearing } from './event-filter.ts';
import type { Facts } from './facts.ts';
import {
  fragment,
  fromFile,
  ok,
  unknown,
  warn,
  wrong,
  type Check,
  type Fragment,
  type Verdict,
} from './finding.ts';

const FILE = 'manager.conf';
type User = 'watch' | 'act';

const nameOf = ({ bridge }: Facts, user: User): string =>
  user === 'watch' ? bridge.watchUser : bridge.actUser;

const grant = (facts: Facts, user: User): Fragment =>
  fragment(FILE, `[${nameOf(facts, user)}]`, `read = ${DUTIES[user].read}`, `write = ${DUTIES[user].write}`);

const newAccount = (facts: Facts): Fragment =>
  fragment(
    FILE,
    `[${facts.bridge.actUser}]`,
    'secret = <a long random one, and the same in AMI_ACT_SECRET>',
    'deny = 0.0.0.0/0.0.0.0',
    'permit = 127.0.0.1/255.255.255.255',
    ...grant(facts, 'act').lines.slice(1),
    'eventfilter = ^Event: (FullyBooted|Shutdown|OriginateResponse)[[:space:]]',
  );

function rightsVerdict(facts: Facts, user: User): Verdict {
  const rights = rightsOf(facts, user);
  const about = [nameOf(facts, user)];
  const words = { about, fix: grant(facts, user) };
  if (user === 'act' && facts.rights.actProblem !== null)
    return wrong(facts.rights.actProblem, { about, fix: newAccount(facts) });
  if (!rights) {
    return accountOf(facts, user) === null
      ? warn('there is no such AMI user', { about, fix: user === 'act' ? newAccount(facts) : null })
      : unknown('neither ListCommands nor manager.conf says what the user may do', { about });
  }
  const { needed, forbidden } = DUTIES[user];
  const classes = Object.entries(forbidden).flatMap(([action, name]) => (rights.may(action) ? [name] : []));
  if (classes.length > 0) return wrong(`the user has rights it must not have: ${classes.join(', ')}`, words);
  const lacking = needed.filter((action) => !rights.mayAlike(action));
  if (lacking.length > 0)
    return wrong(`the user may not do what the bridge needs: ${lacking.join(', ')}`, words);
  return ok('the user has the rights it needs and no more', { about });
}

const FILTER = [
  'eventfilter = ^Event: (FullyBooted|Shutdown|Reload)[[:space:]]',
  'eventfilter = ^Event: (ContactStatus|PeerStatus|DeviceStateChange)[[:space:]]',
  'eventfilter = ^Event: QueueMember(Added|Removed|Pause|Penalty|Ringinuse|Status)[[:space:]]',
  'eventfilter = ^Event: QueueCaller(Join|Leave|Abandon)[[:space:]]',
  'eventfilter = ^Event: Agent(Called|Connect|Complete|Dump|RingNoAnswer)[[:space:]]',
  'eventfilter = ^Event: (Newchannel|Newstate|Rename|Hangup|Hold|Unhold)[[:space:]]',
  'eventfilter = ^Event: (BridgeEnter|BridgeLeave|AttendedTransfer|BlindTransfer)[[:space:]]',
  'eventfilter = ^Event: (OriginateResponse|ChanSpyStart|ChanSpyStop)[[:space:]]',
];

/** Events of these classes do not reach the user at all. */
function forbiddenHeard(account: ConfSection, hearing: Hearing): readonly string[] {
  const read = classesOf(account, 'read');
  return Object.entries(FORBIDDEN_EVENTS).flatMap(([name, group]) =>
    (read.includes(group) || read.includes('all')) && hearing.hears(name) ? [name] : [],
  );
}

function filterVerdict(facts: Facts): Verdict {
  const account = accountOf(facts, 'watch');
  const name = nameOf(facts, 'watch');
  const fix = fragment(FILE, `[${name}]`, `read = ${DUTIES.watch.read}`, ...FILTER);
  const words = { about: [name], fix };
  if (!account)
    return unknown(account === null ? 'the user is not in manager.conf' : `${FILE} could not be read`);
  const hearing = hearingOf(account);
  const heard = forbiddenHeard(account, hearing);
  const missing = NEEDED_EVENTS.filter((event) => !hearing.hears(event));
  const forged = NEEDED_EVENTS.filter((event) => hearing.hears('VarSet', `Value: Event: ${event} `));
  if (hearing.unclear)
    return unknown('a filter of manager.conf is of a kind that is not read here', { about: [name] });
  if (heard.length > 0) return wrong(`these events come through: ${heard.join(', ')}`, words);
  if (missing.length > 0) return wrong(`these events do not come through: ${missing.join(', ')}`, words);
  if (!hearing.filtered) return warn('there is no event filter: everything else comes too', words);
  if (forged.length > 0) return warn('a filter is not pinned with ^: a caller’s name can open it', words);
  return ok('the filter passes the events that are needed', { about: [name] });
}

function readVerdict(facts: Facts): readonly Verdict[] {
  const account = accountOf(facts, 'watch');
  if (!account) return [];
  const read = classesOf(account, 'read');
  const lacking = DUTIES.watch.read
    .split(',')
    .filter((name) => !read.includes(name) && !read.includes('all'));
  if (lacking.length === 0) return [ok('the user hears the classes it needs')];
  return [wrong(`the user does not hear: ${lacking.join(', ')}`, { fix: grant(facts, 'watch') })];
}

function bindVerdict(facts: Facts): Verdict {
  const file = facts.conf[FILE];
  if (!file) return unknown(`${FILE} could not be read`);
  const bind = lastValue(file, 'general', 'bindaddr') ?? '0.0.0.0';
  const fix = fragment(FILE, '[general]', 'bindaddr = 127.0.0.1');
  if (isLoopback(bind)) return ok('listens on loopback only');
  const accounts = (['watch', 'act'] as const)
    .map((user) => accountOf(facts, user))
    .filter((found) => !!found);
  const local = accounts.every((account) => {
    const permits = valuesOf(account, 'permit').flatMap((value) => value.split(','));
    return (
      valuesOf(account, 'deny').length > 0 &&
      permits.every((net) => isLoopback(net.trim().split('/')[0] ?? ''))
    );
  });
  return local
    ? warn(`listens on ${bind}, its users may come from loopback only`, { fix })
    : wrong(
        `listens on ${bind}, and AMI has no TLS: its secrets and every caller’s number cross the network`,
        { fix },
      );
}

function hostVerdict({ bridge }: Facts): Verdict {
  return isLoopback(bridge.amiHost)
    ? ok('the bridge asks over loopback')
    : warn('AMI_HOST is another machine: AMI has no TLS, use a tunnel', {
        about: [bridge.amiHost],
        fix: fragment('the bridge’s environment', 'AMI_HOST=127.0.0.1'),
      });
}

export const AMI_CHECKS: readonly Check[] = [
  {
    id: 'ami.watch.rights',
    why: 'OP7: with originate or command this user would be a shell on the PBX; without its own rights the bridge is blind.',
    look: (facts) => [rightsVerdict(facts, 'watch')],
  },
  {
    id: 'ami.act.rights',
    why: 'OP7: originate together with system, command or config is a shell on the PBX.',
    look: (facts) => [rightsVerdict(facts, 'act')],
  },
  {
    id: 'ami.watch.read',
    why: 'OP7: FullyBooted is of class system, pauses of agent, calls of call.',
    look: readVerdict,
  },
  {
    id: 'ami.watch.filter',
    why: 'OP7: what is not heard is not known; what callers type (card numbers) must never be heard.',
    look: (facts) => [filterVerdict(facts)],
  },
  {
    id: 'ami.timestamps',
    why: 'RG3: evidence is ordered by when Asterisk made it.',
    look: fromFile(FILE, (file) => [
      isYes(lastValue(file, 'general', 'timestampevents'))
        ? ok('events carry their time')
        : wrong('events do not say when they were made', {
            fix: fragment(FILE, '[general]', 'timestampevents = yes'),
          }),
    ]),
  },
  {
    id: 'ami.bind',
    why: 'OP7: AMI has no TLS: loopback or a tunnel only.',
    look: (facts) => [bindVerdict(facts)],
  },
  {
    id: 'ami.host',
    why: 'OP7: AMI has no TLS: loopback or a tunnel only.',
    look: (facts) => [hostVerdict(facts)],
  },
];
