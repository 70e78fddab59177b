// Who the agents are in what was found: members of queues, and the endpoints they belong to. Pure.
import { extensionFinder } from '../../reconcile/extension-of.ts';
import { isYes, sectionsNamed, valuesOf, type ConfFile, type ConfSection } from './conf-file.ts';
import type { AorFacts, EndpointFacts, Facts, MemberFacts } from './facts.ts';

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Sections of queues.conf that are queues. */
export const queueNames = (file: ConfFile): readonly string[] => [
  ...new Set(file.map(({ name }) => name).filter((name) => name.toLowerCase() !== 'general')),
];

/** `member => interface,penalty,name,state interface,ringinuse,wrapuptime,paused` */
function memberOfLine(queue: string, line: string): MemberFacts {
  const [iface = '', , name = '', stateInterface = '', , , paused] = line
    .split(',')
    .map((part) => part.trim());
  return { queue, interface: iface, name, stateInterface, startsPaused: isYes(paused) };
}

const staticMembers = (file: ConfFile): readonly MemberFacts[] =>
  queueNames(file).flatMap((queue) =>
    sectionsNamed(file, queue).flatMap((section) =>
      valuesOf(section, 'member').map((line) => memberOfLine(queue, line)),
    ),
  );

/** Lines of queues.conf first, then what QueueStatus lists beside them (dynamic members, rows). Null: not known. */
export function membersOf({ conf, core }: Facts): readonly MemberFacts[] | null {
  const file = conf['queues.conf'] ?? null;
  if (!file && !core.members) return null;
  const lines = file ? staticMembers(file) : [];
  const place = (member: MemberFacts): string => `${member.queue} ${member.interface}`;
  const written = new Set(lines.map(place));
  return [...lines, ...(core.members ?? []).filter((member) => !written.has(place(member)))];
}

/** The extension by which the bridge knows this member (PS3), or null: the bridge does not see it. */
export function extensionOf({ bridge }: Facts, member: MemberFacts): string | null {
  const find = extensionFinder(bridge.stateInterface, (extension) => extension !== '');
  return find(member.stateInterface || member.interface);
}

const typed = (file: ConfFile, type: string): ConfFile =>
  file.filter((section) => valuesOf(section, 'type').at(-1) === type);

function endpointOf(section: ConfSection): EndpointFacts {
  const value = (key: string): string | undefined => valuesOf(section, key).at(-1);
  return {
    id: section.name,
    auths: list(value('auth') ?? ''),
    aors: list(value('aors') ?? ''),
    context: value('context') ?? 'default',
    webrtc: isYes(value('webrtc')),
    busyAt: Number(value('device_state_busy_at') ?? 0),
  };
}

function aorOf(section: ConfSection): AorFacts {
  const value = (key: string): string | undefined => valuesOf(section, key).at(-1);
  return {
    id: section.name,
    qualifyFrequencyS: Number(value('qualify_frequency') ?? 0),
    maxContacts: Number(value('max_contacts') ?? 0),
    removeExisting: isYes(value('remove_existing')),
    removeUnavailable: isYes(value('remove_unavailable')),
  };
}

/** Earlier sources win, as pjsip.conf wins over the tables in the reference's sorcery.conf. */
function firstById<Item extends { readonly id: string }>(
  ...sources: readonly (readonly Item[])[]
): readonly Item[] {
  const byId = new Map<string, Item>();
  for (const item of sources.flat()) if (!byId.has(item.id)) byId.set(item.id, item);
  return [...byId.values()];
}

export interface AgentFacts {
  readonly endpoints: readonly EndpointFacts[];
  readonly aors: readonly AorFacts[];
  /** Members whose endpoint is in no source, where all sources could be read. */
  readonly missing: readonly string[];
}

/** Endpoints of members and all with `webrtc`: a trunk without a secret is nobody's open door. */
export function agentsOf(facts: Facts): AgentFacts {
  const { core, tables } = facts;
  const pjsip = facts.conf['pjsip.conf'] ?? null;
  const read = tables.kind === 'read';
  const endpoints = firstById(
    pjsip ? typed(pjsip, 'endpoint').map(endpointOf) : [],
    read ? tables.endpoints : [],
    core.sample?.endpoint ? [core.sample.endpoint] : [],
  );
  const aors = firstById(
    pjsip ? typed(pjsip, 'aor').map(aorOf) : [],
    read ? tables.aors : [],
    core.sample?.aor ? [core.sample.aor] : [],
  );
  const members = new Set((membersOf(facts) ?? []).map((member) => extensionOf(facts, member)));
  const agents = endpoints.filter(({ id, webrtc }) => webrtc || members.has(id));
  const ids = new Set(endpoints.map(({ id }) => id));
  const wanted = new Set(agents.flatMap((endpoint) => endpoint.aors));
  return {
    endpoints: agents,
    aors: aors.filter(({ id }) => wanted.has(id)),
    missing: pjsip && read ? [...members].filter((id) => id !== null && !ids.has(id)).map(String) : [],
  };
}
