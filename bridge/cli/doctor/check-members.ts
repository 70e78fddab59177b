// PS3, PS9, RG9: who is in the queues, and what rings.
import { extensionOf, membersOf } from './agents.ts';
import { contextOf } from './dialplan.ts';
import type { DialplanStep, Facts, MemberFacts } from './facts.ts';
import { fragment, judgeEach, ok, unknown, warn, wrong, type Check, type Verdict } from './finding.ts';
import { hasPausedField, versionOf } from './version.ts';

interface LocalParts {
  readonly context: string;
  readonly options: string;
}

/** `Local/1001@agents-all/n`. */
function localParts(iface: string): LocalParts | null {
  const [, context, options = ''] = /^Local\/[^@/]+@([^@/]+)(?:\/(\w*))?$/i.exec(iface) ?? [];
  return context === undefined ? null : { context, options };
}

const memberLine = (extension: string, context = 'agents-all'): string =>
  `member => Local/${extension}@${context},0,${extension},PJSIP/${extension},no,0,yes`;

/** The line that is right for this member. */
function fixOf(facts: Facts, member: MemberFacts) {
  const guessed = /\/(\d+)/.exec(member.interface)?.[1] ?? '<ext>';
  const extension = extensionOf(facts, member) ?? guessed;
  const line = memberLine(extension, localParts(member.interface)?.context);
  return fragment('queues.conf', `[${member.queue}]`, line);
}

/** One verdict for each member that has a fault, else one for all. */
const eachMember =
  (good: string, fault: (facts: Facts, member: MemberFacts) => Verdict | null) =>
  (facts: Facts): readonly Verdict[] => {
    const members = membersOf(facts);
    if (!members) return [unknown('neither queues.conf nor QueueStatus could be read')];
    if (members.length === 0) return [];
    return judgeEach(members, good, (member) => fault(facts, member));
  };

const aboutOf = (member: MemberFacts): readonly string[] => [`${member.interface} in ${member.queue}`];

function interfaceFault(facts: Facts, member: MemberFacts): Verdict | null {
  const words = { about: aboutOf(member), fix: fixOf(facts, member) };
  const local = localParts(member.interface);
  if (local)
    return /n/.test(local.options)
      ? wrong('the member ends in /n, which keeps its Local channel alive for the whole call', words)
      : null;
  if (/^PJSIP\//i.test(member.interface))
    return warn('a plain PJSIP member: of several devices only one rings', words);
  return wrong('neither Local/<ext>@agents-all nor PJSIP/<ext>: not for this bridge', words);
}

function stateFault(facts: Facts, member: MemberFacts): Verdict | null {
  const words = { about: aboutOf(member), fix: fixOf(facts, member) };
  if (!member.stateInterface && localParts(member.interface))
    return wrong(
      'a Local member without a state interface: nobody knows whose it is, nor whether they are free',
      words,
    );
  if (extensionOf(facts, member) === null)
    return wrong(`the state interface is not of the form ${facts.bridge.stateInterface}`, words);
  return null;
}

function nameFault(facts: Facts, member: MemberFacts): Verdict | null {
  const extension = extensionOf(facts, member);
  if (extension === null || member.name === extension) return null;
  return warn('the member is not named by its extension', {
    about: aboutOf(member),
    fix: fixOf(facts, member),
  });
}

function pausedFault(facts: Facts, member: MemberFacts): Verdict | null {
  if (member.startsPaused === null) return null;
  const words = { about: aboutOf(member), fix: fixOf(facts, member) };
  const version = versionOf(facts.core.version ?? '');
  const heals = 'the bridge pauses within a second of the start';
  const field = version ? hasPausedField(version) : null;
  if (field === false)
    return warn(`this version ignores the field paused of a member (20.15 and 22.10 have it); ${heals}`, {
      about: aboutOf(member),
    });
  if (!member.startsPaused) return wrong('the member does not start paused (seventh field)', words);
  return field === null
    ? unknown(`whether this version knows the field paused of a member; if not, ${heals}`, {
        about: aboutOf(member),
      })
    : null;
}

const dialsAll = ({ data }: DialplanStep): boolean => data.includes('PJSIP_DIAL_CONTACTS');

const agentsAll = (context: string) =>
  fragment(
    'extensions.conf',
    `[${context}]`,
    'exten => _X.,1,Set(CONTACTS=${PJSIP_DIAL_CONTACTS(${EXTEN})})',
    ' same => n,GotoIf($["${CONTACTS}" = ""]?nobody)',
    ' same => n,Dial(${CONTACTS},,b(call-headers^s^1))',
    ' same => n,Hangup()',
    ' same => n(nobody),Hangup(20)',
  );

function contextVerdict(facts: Facts, context: string): Verdict {
  const steps = contextOf(facts, context);
  const words = { about: [context], fix: agentsAll(context) };
  if (steps === undefined) return unknown('the context could not be read', { about: [context] });
  if (steps === null) return wrong('members point to a context that is not there', words);
  if (!steps.some(dialsAll)) return wrong('the context of the members does not dial all contacts', words);
  return ok('rings every device', { about: [context] });
}

const headerFix = fragment(
  'extensions.conf',
  '[call-headers]',
  'exten => s,1,Set(PJSIP_HEADER(add,X-Linkedid)=${CHANNEL(linkedid)})',
  ' same => n,Return()',
);

function headerVerdict(facts: Facts, context: string): readonly Verdict[] {
  const dials = (contextOf(facts, context) ?? []).filter(
    ({ application }) => application.toLowerCase() === 'dial',
  );
  const handlers = dials.flatMap(({ data }) =>
    [...data.matchAll(/b\(([\w-]+)\^/g)].map((found) => found[1] ?? ''),
  );
  const all = handlers.map((handler) => contextOf(facts, handler));
  if (dials.length === 0) return [];
  if (all.some((steps) => steps?.some(({ data }) => data.includes('X-Linkedid'))))
    return [ok('the INVITE carries X-Linkedid', { about: [context] })];
  if (all.includes(undefined))
    return [unknown('the pre-dial handler could not be read', { about: [context] })];
  return [warn('the INVITE does not carry X-Linkedid', { about: [context], fix: headerFix })];
}

const memberContexts = (facts: Facts): readonly string[] => [
  ...new Set(
    (membersOf(facts) ?? []).map(({ interface: iface }) => localParts(iface)?.context ?? '').filter(Boolean),
  ),
];

export const MEMBER_CHECKS: readonly Check[] = [
  {
    id: 'member.interface',
    why: 'RG9: a plain member rings one device of several; with /n a transferred call counts as the agent’s until it ends.',
    look: eachMember('every device of a member rings', interfaceFault),
  },
  {
    id: 'member.state-interface',
    why: 'PS3: the bridge finds an agent’s members by it, and the queue learns from it whether they are free.',
    look: eachMember('every member names its endpoint', stateFault),
  },
  {
    id: 'member.name',
    why: 'WB5: queue_log writes the name; figures are kept by extension.',
    look: eachMember('every member is named by its extension', nameFault),
  },
  {
    id: 'member.paused',
    why: 'PS9: after a restart of Asterisk nobody may ring before the bridge has said who is there.',
    look: eachMember('static members start paused', pausedFault),
  },
  {
    id: 'dialplan.members',
    why: 'RG9: the members’ context rings all reachable devices; the first to answer has the call.',
    look: (facts) => memberContexts(facts).map((context) => contextVerdict(facts, context)),
  },
  {
    id: 'dialplan.headers',
    why: 'ST6: the desk joins its call to the queue’s by this header, so one call makes one wrap-up.',
    look: (facts) => memberContexts(facts).flatMap((context) => headerVerdict(facts, context)),
  },
];
