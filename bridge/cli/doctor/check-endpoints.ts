// RG1, RG9, RG11, SE1, WR4: endpoints and AORs of the agents.
import { agentsOf } from './agents.ts';
import { contextOf, reachOf } from './dialplan.ts';
import type { AorFacts, EndpointFacts, Facts } from './facts.ts';
import { fragment, judgeEach, ok, unknown, warn, wrong } from './finding.ts';
import type { Check, Fragment, Verdict } from './finding.ts';

const isRow = ({ tables }: Facts, kind: 'endpoints' | 'aors', id: string): boolean =>
  tables.kind === 'read' && tables[kind].some((row) => row.id === id);

/** Where this object's settings are: a row, or a section of pjsip.conf. */
function setting(facts: Facts, kind: 'endpoints' | 'aors', id: string, key: string, value: string): Fragment {
  return isRow(facts, kind, id)
    ? fragment('SQL', `UPDATE ps_${kind} SET ${key} = '${value}' WHERE id = '${id}';`)
    : fragment('pjsip.conf', `[${id}]`, `${key} = ${value}`);
}

const eachEndpoint =
  (good: string, fault: (facts: Facts, endpoint: EndpointFacts) => Verdict | null) =>
  (facts: Facts): readonly Verdict[] => {
    const { endpoints } = agentsOf(facts);
    if (endpoints.length === 0) return [unknown('no agent’s endpoint could be looked at')];
    return judgeEach(endpoints, good, (endpoint) => fault(facts, endpoint));
  };

const eachAor =
  (good: string, fault: (facts: Facts, aor: AorFacts) => Verdict | null) =>
  (facts: Facts): readonly Verdict[] => {
    const { aors } = agentsOf(facts);
    if (aors.length === 0) return [unknown('no agent’s AOR could be looked at')];
    return judgeEach(aors, good, (aor) => fault(facts, aor));
  };

/** A challenge nobody can answer, as the bridge itself keeps it between sessions (asterisk/reference/endpoint.ts). */
function lock(facts: Facts, id: string): Fragment {
  const none = `${id}-none`;
  if (!isRow(facts, 'endpoints', id))
    return fragment('pjsip.conf', `[${id}]`, 'type = endpoint', `auth = <a section of type auth>`);
  const columns = 'id, auth_type, username, md5_cred';
  return fragment(
    'SQL',
    `INSERT OR IGNORE INTO ps_auths (${columns}) VALUES ('${none}', 'md5', '${none}', lower(hex(randomblob(16))));`,
    `UPDATE ps_endpoints SET auth = '${none}' WHERE id = '${id}';`,
  );
}

function authFault(facts: Facts, { id, auths }: EndpointFacts): Verdict | null {
  const words = { about: [id], fix: lock(facts, id) };
  if (auths.length === 0)
    return wrong('no secret is asked for: whoever names this extension is let in', words);
  const { tables } = facts;
  if (tables.kind !== 'read' || !isRow(facts, 'endpoints', id)) return null;
  return auths.every((auth) => tables.auths.includes(auth))
    ? null
    : wrong('auth names a row that is not there: every device of the extension gets 500', words);
}

function busyFault(facts: Facts, { id, busyAt }: EndpointFacts): Verdict | null {
  if (!(busyAt > 0)) return null;
  const fix = setting(facts, 'endpoints', id, 'device_state_busy_at', '0');
  return wrong('device_state_busy_at is set: ringing, talking and hold all become busy', {
    about: [id],
    fix,
  });
}

function webrtcFault(facts: Facts, { id, webrtc }: EndpointFacts): Verdict | null {
  if (webrtc) return null;
  const fix = setting(facts, 'endpoints', id, 'webrtc', 'yes');
  return warn('webrtc is not set: no audio in a browser', { about: [id], fix });
}

const RISKY = new Set([
  ...['chanspy', 'extenspy', 'originate', 'disa'],
  ...['system', 'trysystem', 'agi', 'eagi', 'deadagi', 'externalivr'],
]);
const PAUSING = new Set(
  ['Pause', 'Unpause', 'Add', 'Remove'].map((what) => `${what}QueueMember`.toLowerCase()),
);

/** What can be dialled from this context that should not be. */
function contextVerdict(facts: Facts, context: string): Verdict {
  const about = [context];
  const found = contextOf(facts, context);
  const fix = fragment('extensions.conf', '[agents]', 'exten => _1XXX,1,Goto(agents-all,${EXTEN},1)');
  if (found === undefined) return unknown('the context could not be read', { about });
  if (found === null) return wrong('agents’ endpoints name a context that is not there', { about, fix });
  const { steps, partial } = reachOf(facts, context);
  const all = [...steps.values()].flat();
  const uses = (names: ReadonlySet<string>): string =>
    [...new Set(all.map((step) => step.application))]
      .filter((name) => names.has(name.toLowerCase()))
      .join(', ');
  if (uses(RISKY)) return wrong(`agents’ devices can dial ${uses(RISKY)}`, { about, fix });
  if (all.some((step) => step.application.toLowerCase() === 'dial' && /PJSIP\/[^,&]*@/i.test(step.data)))
    return warn('agents’ devices can dial out over a trunk, and so can whoever has one secret', { about });
  if (uses(PAUSING))
    return warn(`agents’ devices can dial ${uses(PAUSING)}, which the bridge has to guess at`, { about });
  return partial
    ? unknown('not all that the context leads to could be followed', { about })
    : ok('reaches nothing it should not', { about });
}

function qualifyFault(facts: Facts, { id, qualifyFrequencyS: seconds }: AorFacts): Verdict | null {
  const words = { about: [id], fix: setting(facts, 'aors', id, 'qualify_frequency', '15') };
  if (!(seconds > 0))
    return wrong('qualify_frequency is 0: a frozen tab or a dead phone is never found', words);
  if (seconds > 30) return warn('qualify_frequency is over 30 s: so long may a dead phone be rung', words);
  return seconds < 15 ? warn('qualify_frequency is under 15 s: much traffic for little', words) : null;
}

function roomFault(facts: Facts, { id, maxContacts }: AorFacts): Verdict | null {
  const words = { about: [id], fix: setting(facts, 'aors', id, 'max_contacts', '5') };
  if (!(maxContacts > 0)) return wrong('max_contacts is 0: no device can register', words);
  return maxContacts < 3 ? warn('max_contacts leaves no room for a second device and a ghost', words) : null;
}

function ghostFault(facts: Facts, { id, removeExisting, removeUnavailable }: AorFacts): Verdict | null {
  const words = (key: string, value: string) => ({
    about: [id],
    fix: setting(facts, 'aors', id, key, value),
  });
  if (removeExisting)
    return warn(
      'remove_existing is on: a new device throws out one that may be in a call',
      words('remove_existing', 'no'),
    );
  if (removeUnavailable) return null;
  return wrong(
    'remove_unavailable is off: ghosts of closed pages keep a real sign-in out',
    words('remove_unavailable', 'yes'),
  );
}

function missingVerdicts(facts: Facts): readonly Verdict[] {
  const { missing } = agentsOf(facts);
  const commands = missing.map((id) => `npm run user -- add ${id} --name NAME`);
  return missing.length > 0
    ? [warn('members without an endpoint', { about: missing, fix: fragment('the terminal', ...commands) })]
    : [];
}

export const ENDPOINT_CHECKS: readonly Check[] = [
  { id: 'endpoint.there', why: 'RG9: a member without an endpoint never rings.', look: missingVerdicts },
  {
    id: 'endpoint.auth',
    why: 'SE1: an endpoint without a secret is an open door; one that names a missing row is a closed one.',
    look: eachEndpoint('every endpoint asks for a secret', authFault),
  },
  {
    id: 'endpoint.busy-at',
    why: 'RG11: the desk shows who rings, talks and holds by the device state.',
    look: eachEndpoint('device_state_busy_at is not set', busyFault),
  },
  {
    id: 'endpoint.webrtc',
    why: 'RG9: a browser has no audio without it; a desk phone does not need it.',
    look: eachEndpoint('endpoints are fit for browsers', webrtcFault),
  },
  {
    id: 'endpoint.context',
    why: 'WR4: what an agent’s own device may dial stands between a stolen secret and your trunk.',
    look: (facts) =>
      [...new Set(agentsOf(facts).endpoints.map(({ context }) => context))].map((context) =>
        contextVerdict(facts, context),
      ),
  },
  {
    id: 'aor.qualify',
    why: 'RG1: a silent loss is found by it alone.',
    look: eachAor('contacts are asked every 15 to 30 s', qualifyFault),
  },
  {
    id: 'aor.max-contacts',
    why: 'RG9: several devices, and the ghost of a reload.',
    look: eachAor('there is room for several devices', roomFault),
  },
  {
    id: 'aor.ghosts',
    why: 'RG9: the unreachable make way first.',
    look: eachAor('the unreachable make way', ghostFault),
  },
];
