// RG11, ST6, ST9, PS9: the settings of the queues.
import { queueNames } from './agents.ts';
import { isYes, lastValue, type ConfFile } from './conf-file.ts';
import type { Facts } from './facts.ts';
import { fragment, fromFile, merged, ok, unknown, warn, wrong, type Check, type Verdict } from './finding.ts';

interface QueueRule {
  readonly id: string;
  readonly why: string;
  readonly key: string;
  /** What Asterisk takes where the key is not set. */
  readonly fallback: (file: ConfFile) => string;
  readonly wanted: string;
  /** What is wrong with this value, null: nothing. */
  readonly fault: (value: string) => { readonly state: 'warn' | 'wrong'; readonly says: string } | null;
}

const always = (value: string) => (): string => value;
const wrongly = (says: string) => ({ state: 'wrong', says }) as const;
const maybe = (says: string) => ({ state: 'warn', says }) as const;

/** joinempty and leavewhenempty as lists of what makes a member count as absent (queues.conf.sample). */
const conditions = (value: string, onYes: string, onNo: string): readonly string[] => {
  const words: Readonly<Record<string, string>> = {
    yes: onYes,
    no: onNo,
    strict: 'penalty,paused,invalid,unavailable',
    loose: 'penalty,invalid',
  };
  const text = value.trim().toLowerCase();
  return (words[text] ?? text).split(',').map((word) => word.trim());
};
const COUNTS_PAUSED = 'penalty,paused,invalid';

const RULES: readonly QueueRule[] = [
  {
    id: 'queue.ringinuse',
    key: 'ringinuse',
    fallback: always('yes'),
    wanted: 'no',
    why: 'RG11: somebody who talks must not be offered the next call.',
    fault: (value) => (isYes(value) ? wrongly('members who are on a call are rung again (ringinuse)') : null),
  },
  {
    id: 'queue.autopause',
    key: 'autopause',
    fallback: always('no'),
    wanted: 'no',
    why: 'ST9: a reject or a caller who hangs up pauses the agent too, in one queue only; the bridge judges missed calls.',
    fault: (value) =>
      value === 'no' ? null : wrongly('Asterisk itself pauses members who do not answer (autopause)'),
  },
  {
    id: 'queue.wrapuptime',
    key: 'wrapuptime',
    fallback: always('0'),
    wanted: '2',
    why: 'ST6: the bridge pauses at the end of a call; this closes the gap until its pause arrives, and holds no longer than it has to.',
    fault(value) {
      const seconds = Number(value);
      if (!(seconds > 0)) return maybe('the next call may come before the pause after a call (wrapuptime 0)');
      return seconds > 5 ? maybe('members rest longer than any desk shows (wrapuptime over 5 s)') : null;
    },
  },
  {
    id: 'queue.retry',
    key: 'retry',
    fallback: always('5'),
    wanted: '1',
    why: 'RG11: the pause between two rounds of ringing; somebody who has just become free waits it out, and so does the caller.',
    fault: (value) =>
      Number(value) > 1 ? maybe('callers wait longer than 1 s between two tries (retry)') : null,
  },
  {
    id: 'queue.autofill',
    key: 'autofill',
    fallback: (file) => lastValue(file, 'general', 'autofill') ?? 'not set',
    wanted: 'yes',
    why: 'RG11: without it only the first caller is offered to anybody, however many agents are free.',
    fault(value) {
      if (value === 'not set')
        return maybe('autofill is not set, and not every Asterisk has it on by itself');
      return isYes(value) ? null : wrongly('callers are served one after the other (autofill)');
    },
  },
  {
    id: 'queue.joinempty',
    key: 'joinempty',
    fallback: always('yes'),
    wanted: 'yes',
    why: 'RG11, PS9: members start paused, so whoever calls before the bridge has spoken would be turned away.',
    fault: (value) =>
      conditions(value, '', COUNTS_PAUSED).includes('paused')
        ? wrongly('callers are turned away while all members are paused (joinempty)')
        : null,
  },
  {
    id: 'queue.leavewhenempty',
    key: 'leavewhenempty',
    fallback: always('no'),
    wanted: 'no',
    why: 'RG11, PS9: callers who wait would be thrown out when the last agent goes on a break or Asterisk restarts.',
    fault: (value) =>
      conditions(value, COUNTS_PAUSED, '').includes('paused')
        ? wrongly('waiting callers are thrown out while all members are paused (leavewhenempty)')
        : null,
  },
];

function judgeQueue(rule: QueueRule, file: ConfFile, queue: string): Verdict {
  const value = lastValue(file, queue, rule.key) ?? rule.fallback(file);
  const fault = rule.fault(value);
  if (!fault) return ok(`${rule.key} is right`, { about: [queue] });
  const fix = fragment('queues.conf', `[${queue}]`, `${rule.key} = ${rule.wanted}`);
  return (fault.state === 'wrong' ? wrong : warn)(fault.says, { about: [queue], fix });
}

const checkOf = (rule: QueueRule): Check => ({
  id: rule.id,
  why: rule.why,
  look: fromFile('queues.conf', (file) =>
    merged(queueNames(file).map((queue) => judgeQueue(rule, file, queue))),
  ),
});

function lookForQueues({ conf, core }: Facts): readonly Verdict[] {
  const file = conf['queues.conf'];
  if (!file || !core.queues) return [];
  const written = queueNames(file);
  const rows = core.queues.filter((queue) => !written.includes(queue));
  const asleep = written.filter((queue) => !core.queues?.includes(queue));
  const fix = fragment('the terminal', "asterisk -rx 'queue reload all'");
  return [
    ...(rows.length > 0
      ? [unknown('not in queues.conf: the settings in your database are not looked at', { about: rows })]
      : []),
    ...(asleep.length > 0 ? [warn('in queues.conf, but not in Asterisk', { about: asleep, fix })] : []),
    ...(core.queues.length === 0 ? [warn('Asterisk has no queue')] : [ok('known', { about: core.queues })]),
  ];
}

export const QUEUE_CHECKS: readonly Check[] = [
  {
    id: 'queue.there',
    why: 'PS3: agents are paused in queues; what Asterisk has not loaded does not ring.',
    look: lookForQueues,
  },
  ...RULES.map(checkOf),
  {
    id: 'queue.shared-lastcall',
    why: 'ST6: a call taken for one queue counts as the last call in all, so wrapuptime holds across queues.',
    look: fromFile('queues.conf', (file) => [
      isYes(lastValue(file, 'general', 'shared_lastcall'))
        ? ok('shared_lastcall is right')
        : warn('the rest after a call holds in one queue only', {
            fix: fragment('queues.conf', '[general]', 'shared_lastcall = yes'),
          }),
    ]),
  },
];
