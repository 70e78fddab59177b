// OP7: what an AMI user hears, by its `read` classes and its `eventfilter` lines. Pure; as manager.conf.sample describes it.
import { valuesOf, type ConfSection } from './conf-file.ts';

/** The events the bridge lives on. */
export const NEEDED_EVENTS: readonly string[] = [
  ...['FullyBooted', 'Shutdown', 'Reload', 'ContactStatus', 'PeerStatus', 'DeviceStateChange'],
  ...['Added', 'Removed', 'Pause', 'Penalty', 'Ringinuse', 'Status'].map((what) => `QueueMember${what}`),
  ...['Join', 'Leave', 'Abandon'].map((what) => `QueueCaller${what}`),
  ...['Called', 'Connect', 'Complete', 'Dump', 'RingNoAnswer'].map((what) => `Agent${what}`),
  ...['Newchannel', 'Newstate', 'Rename', 'Hangup', 'Hold', 'Unhold', 'BridgeEnter', 'BridgeLeave'],
  ...['AttendedTransfer', 'BlindTransfer', 'OriginateResponse', 'ChanSpyStart', 'ChanSpyStop'],
];

/** Card numbers people type, and noise; with the class each belongs to. */
export const FORBIDDEN_EVENTS: Readonly<Record<string, string>> = {
  DTMFBegin: 'dtmf',
  DTMFEnd: 'dtmf',
  VarSet: 'dialplan',
  Newexten: 'dialplan',
};

interface Filter {
  readonly exclude: boolean;
  readonly passes: (name: string, text: string) => boolean;
}

const CLASSES: Readonly<Record<string, string>> = {
  '[:space:]': '\\s',
  '[:alpha:]': 'A-Za-z',
  '[:digit:]': '0-9',
  '[:alnum:]': 'A-Za-z0-9',
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
};

/** A POSIX expression; null when it is none that can be read here. */
function expression(text: string): RegExp | null {
  try {
    return new RegExp(text.replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name));
  } catch {
    return null;
  }
}

function legacy(value: string): Filter | null {
  const exclude = value.startsWith('!');
  const found = expression(exclude ? value.slice(1) : value);
  return found && { exclude, passes: (_name, text) => found.test(text) };
}

/** `eventfilter(action(exclude),name(Hangup)) =`: only by name, the rest is not read here. */
function advanced(criteria: string): Filter | null {
  const wanted = /(?:^|,)\s*name\((\w+)\)/.exec(criteria)?.[1];
  if (wanted === undefined || /header\(|method\((?!none)/.test(criteria)) return null;
  // Keys are kept in lower case.
  return { exclude: /action\(exclude\)/.test(criteria), passes: (name) => name.toLowerCase() === wanted };
}

function filtersOf(section: ConfSection): readonly (Filter | null)[] {
  return section.settings
    .filter(([key]) => key.startsWith('eventfilter'))
    .map(([key, value]) => {
      const criteria = /^eventfilter\((.*)\)$/.exec(key)?.[1];
      return criteria === undefined ? legacy(value) : advanced(criteria);
    });
}

export interface Hearing {
  /** Some line is of a kind that is not read here. */
  readonly unclear: boolean;
  readonly filtered: boolean;
  hears(name: string, rest?: string): boolean;
}

export function hearingOf(section: ConfSection): Hearing {
  const all = filtersOf(section);
  const known = all.filter((filter) => filter !== null);
  const includes = known.filter((filter) => !filter.exclude);
  return {
    unclear: known.length < all.length,
    filtered: all.length > 0,
    hears(name, rest = 'Privilege: call,all') {
      const text = `Event: ${name}\r\n${rest}\r\n`;
      const included = includes.length === 0 || includes.some(({ passes }) => passes(name, text));
      return included && !known.some(({ exclude, passes }) => exclude && passes(name, text));
    },
  };
}

/** Classes of `read` or `write`. */
export const classesOf = (section: ConfSection, key: 'read' | 'write'): readonly string[] =>
  valuesOf(section, key)
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
