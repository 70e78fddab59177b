// OP7: what each of the two AMI users must be able to do, and must not. Pure.
import { sectionsNamed } from './conf-file.ts';
import { classesOf } from './event-filter.ts';
import type { Facts } from './facts.ts';

/** Action (lower case) → `write` classes of which one suffices (`manager show commands`). */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  queuepause: ['agent'],
  queueadd: ['agent'],
  queueremove: ['agent'],
  queuepenalty: ['agent'],
  agents: ['agent'],
  modulecheck: ['system'],
  pjsipshowregistrationinboundcontactstatuses: ['system'],
  reload: ['system', 'config'],
  getvar: ['call', 'reporting'],
  devicestatelist: ['call', 'reporting'],
  coreshowchannels: ['system', 'reporting'],
  pjsipqualify: ['system', 'reporting'],
  hangup: ['system', 'call'],
  redirect: ['call'],
  originate: ['originate'],
  command: ['command'],
  updateconfig: ['config'],
  agi: ['agi'],
};

export interface Duty {
  readonly write: string;
  readonly read: string;
  readonly needed: readonly string[];
  /** With the class that gives it. */
  readonly forbidden: Readonly<Record<string, string>>;
}

const NEVER = { command: 'command', updateconfig: 'config', agi: 'agi' };

export const DUTIES: Readonly<Record<'watch' | 'act', Duty>> = {
  watch: {
    read: 'system,agent,call',
    write: 'agent,system,reporting',
    needed: Object.keys(CLASSES).filter(
      (action) => !['redirect', 'originate', 'command', 'updateconfig', 'agi'].includes(action),
    ),
    forbidden: { originate: 'originate', ...NEVER },
  },
  act: {
    read: 'system,call',
    write: 'call,originate',
    needed: ['redirect', 'hangup', 'originate'],
    forbidden: { modulecheck: 'system', ...NEVER },
  },
};

/** The section of manager.conf, null: not there, undefined: the file could not be read. */
export function accountOf(facts: Facts, user: 'watch' | 'act') {
  const file = facts.conf['manager.conf'];
  if (!file) return undefined;
  const name = user === 'watch' ? facts.bridge.watchUser : facts.bridge.actUser;
  return sectionsNamed(file, name)[0] ?? null;
}

export interface Rights {
  /** The action itself is there and granted. */
  may(this: void, action: string): boolean;
  /** Actions of the same classes are: the action itself may only lack its module. */
  mayAlike(this: void, action: string): boolean;
}

const kindOf = (action: string): string => (CLASSES[action] ?? []).join();

/** As Asterisk offers it, else as manager.conf grants it. Null: not known. */
export function rightsOf(facts: Facts, user: 'watch' | 'act'): Rights | null {
  const offered = facts.rights[user];
  if (offered) {
    const kinds = new Set(offered.filter((action) => action in CLASSES).map(kindOf));
    return { may: (action) => offered.includes(action), mayAlike: (action) => kinds.has(kindOf(action)) };
  }
  const account = accountOf(facts, user);
  if (!account) return null;
  const write = classesOf(account, 'write');
  const may = (action: string): boolean =>
    write.includes('all') || (CLASSES[action] ?? []).some((granted) => write.includes(granted));
  return { may, mayAlike: may };
}
