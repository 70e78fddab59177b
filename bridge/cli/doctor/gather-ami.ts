// What Asterisk says over AMI, as the user `watch`. Reads only; nothing is changed, nothing is rung.
import type { Clock } from '../../../domain/clock.ts';
import type { AmiConnection, AmiFields, AmiMessage } from '../../adapters/asterisk/ami-connection.ts';
import { AmiError } from '../../adapters/asterisk/ami-error.ts';
import { first } from '../../adapters/asterisk/ami-message.ts';
import { MODULES } from './check-core.ts';
import { confOfMessage, isYes, type ConfFile } from './conf-file.ts';
import { leadsTo, MOST_CONTEXTS } from './dialplan.ts';
import type { AorFacts, CoreFacts, DialplanStep, EndpointFacts, MemberFacts } from './facts.ts';

const text = (message: AmiMessage, key: string): string => first(message, key) ?? '';
const parts = (value: string): readonly string[] => value.split(',').filter(Boolean);

/** The answer, or null when Asterisk refuses or has no such action. Rejects when the connection is gone. */
async function asked<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof AmiError && ['refused', 'unsupported', 'timeout'].includes(error.code)) return null;
    throw error;
  }
}

const list = (ami: AmiConnection, action: string, fields?: AmiFields) =>
  asked(ami.list(action, fields, { maxItems: 100_000 }));

/** A file Asterisk does not have is empty; one it may not tell of is null. */
export async function readConf(ami: AmiConnection, file: string): Promise<ConfFile | null> {
  try {
    return confOfMessage(await ami.action('GetConfig', { Filename: file }));
  } catch (error) {
    if (error instanceof AmiError && error.code === 'refused')
      return /not found/i.test(error.message) ? [] : null;
    if (error instanceof AmiError && error.code === 'unsupported') return null;
    throw error;
  }
}

/** Actions Asterisk offers to whoever is signed in. */
export async function readOffered(ami: AmiConnection): Promise<readonly string[] | null> {
  const answer = await asked(ami.action('ListCommands'));
  return answer && Object.keys(answer).filter((key) => !['response', 'actionid'].includes(key));
}

/** Of three tries the fastest: half of its round trip is the uncertainty. */
async function clockAheadMs(ami: AmiConnection, clock: Clock): Promise<number | null> {
  let best: { readonly tookMs: number; readonly aheadMs: number } | null = null;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const began = clock.now();
    const answer = await asked(ami.action('Ping'));
    const tookMs = clock.now() - began;
    const seconds = Number(answer ? text(answer, 'timestamp') : NaN);
    if (Number.isFinite(seconds) && (best === null || tookMs < best.tookMs))
      best = { tookMs, aheadMs: seconds * 1_000 - (began + tookMs / 2) };
  }
  return best && Math.round(best.aheadMs);
}

async function readModules(ami: AmiConnection): Promise<Readonly<Record<string, boolean>> | null> {
  const loaded = async (name: string): Promise<readonly [string, boolean] | null> => {
    try {
      await ami.action('ModuleCheck', { Module: name });
      return [name, true];
    } catch (error) {
      if (!(error instanceof AmiError) || error.code !== 'refused') throw error;
      return /not loaded/i.test(error.message) ? [name, false] : null;
    }
  };
  const answers = await Promise.all(MODULES.map(loaded));
  const known = answers.filter((answer) => answer !== null);
  return known.length > 0 ? Object.fromEntries(known) : null;
}

function memberOf(message: AmiMessage): MemberFacts {
  const [iface, state] = [text(message, 'location'), text(message, 'stateinterface')];
  return {
    queue: text(message, 'queue'),
    interface: iface,
    name: text(message, 'name'),
    // Asterisk repeats the interface where there is none.
    stateInterface: state === iface ? '' : state,
    startsPaused: null,
  };
}

function endpointOf(message: AmiMessage): EndpointFacts {
  return {
    id: text(message, 'objectname'),
    auths: parts(text(message, 'auth')),
    aors: parts(text(message, 'aors')),
    context: text(message, 'context') || 'default',
    webrtc: isYes(text(message, 'webrtc')),
    busyAt: Number(text(message, 'devicestatebusyat')),
  };
}

function aorOf(message: AmiMessage): AorFacts {
  return {
    id: text(message, 'objectname'),
    qualifyFrequencyS: Number(text(message, 'qualifyfrequency')),
    maxContacts: Number(text(message, 'maxcontacts')),
    removeExisting: isYes(text(message, 'removeexisting')),
    removeUnavailable: isYes(text(message, 'removeunavailable')),
  };
}

/** One endpoint as Asterisk has it. The answer names its secrets too: that part is not looked at. */
export async function readSample(ami: AmiConnection, id: string): Promise<CoreFacts['sample']> {
  const nothing = { id, known: false, endpoint: null, aor: null };
  try {
    const items = await ami.list('PJSIPShowEndpoint', { Endpoint: id });
    const item = (event: string): AmiMessage | undefined => items.find((one) => one['event'] === event);
    const [endpoint, aor] = [item('EndpointDetail'), item('AorDetail')];
    return {
      id,
      known: true,
      endpoint: endpoint ? endpointOf(endpoint) : null,
      aor: aor ? aorOf(aor) : null,
    };
  } catch (error) {
    if (!(error instanceof AmiError) || !['refused', 'unsupported'].includes(error.code)) throw error;
    return /unable to retrieve/i.test(error.message) ? nothing : null;
  }
}

function stepOf(message: AmiMessage): DialplanStep {
  const included = text(message, 'includecontext');
  return included
    ? { extension: '', application: 'include', data: included }
    : {
        extension: text(message, 'extension'),
        application: text(message, 'application'),
        data: text(message, 'appdata'),
      };
}

/** These contexts and all that they lead to. */
export async function readContexts(
  ami: AmiConnection,
  start: readonly string[],
): Promise<CoreFacts['contexts']> {
  const contexts: Record<string, readonly DialplanStep[] | null> = {};
  const queue = [...new Set(start)];
  for (const context of queue.values()) {
    if (Object.keys(contexts).length > MOST_CONTEXTS) break;
    try {
      const steps = (await ami.list('ShowDialPlan', { Context: context })).map(stepOf);
      contexts[context] = steps;
      queue.push(...new Set(steps.flatMap(leadsTo).filter((name) => !queue.includes(name))));
    } catch (error) {
      if (!(error instanceof AmiError) || error.code !== 'refused') throw error;
      if (/did not find context/i.test(error.message)) contexts[context] = null;
    }
  }
  return contexts;
}

export type FirstLook = Omit<CoreFacts, 'contexts' | 'sample' | 'loginProblem'>;

/** What needs no knowledge of the centre. */
export async function readCore(ami: AmiConnection, clock: Clock): Promise<FirstLook> {
  const [settings, queues, modules] = await Promise.all([
    asked(ami.action('CoreSettings')),
    list(ami, 'QueueStatus'),
    readModules(ami),
  ]);
  const named = (event: string): readonly AmiMessage[] =>
    queues?.filter((one) => one['event'] === event) ?? [];
  return {
    version: settings && text(settings, 'asteriskversion'),
    systemName: settings && text(settings, 'systemname'),
    clockAheadMs: await clockAheadMs(ami, clock),
    modules,
    queues: queues && named('QueueParams').map((queue) => text(queue, 'queue')),
    members: queues && named('QueueMember').map(memberOf),
  };
}
