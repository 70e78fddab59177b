// Asterisk's own word past all proxies, by lists asked over a connection of the test's own.
import type { Centre } from '../../tools/centre.ts';
import { connectRawAmi, type RawMessage } from '../testkit/raw-ami.ts';
import { until } from '../testkit/wait.ts';
import { CONTACTS } from './sweep-centre.ts';

export interface Truth {
  /** Waits until every part of Asterisk that has a word of the extension's phone says so. */
  is(extension: string, verdict: 'registered' | 'unregistered'): Promise<void>;
  /** The reason by member's name; '' is unpaused. */
  pauses(): Promise<Readonly<Record<string, string>>>;
  /** URI and whether it is reachable. */
  contacts(extension: string): Promise<readonly (readonly [string, boolean])[]>;
}

async function endpointState({ asterisk }: Centre, extension: string): Promise<string> {
  const { host, ports, ari } = asterisk;
  const password = Buffer.from(`${ari.user}:${ari.password}`).toString('base64');
  const response = await fetch(`http://${host}:${ports.http}/ari/endpoints/PJSIP/${extension}`, {
    headers: { authorization: `Basic ${password}`, connection: 'close' },
  });
  return ((await response.json()) as { readonly state: string }).state;
}

export function truthOf(centre: Centre): Truth {
  /** The lists, each asked on a connection of its own. */
  async function ask(...actions: readonly string[]): Promise<readonly RawMessage[]> {
    const { host, ports, ami } = centre.asterisk;
    const raw = await connectRawAmi({ host, port: ports.ami, ...ami.watch });
    try {
      return (await Promise.all(actions.map((action) => raw.ask(action)))).flat();
    } finally {
      raw.close();
    }
  }
  /** E.g. `Reachable NOT_INUSE 1 online`. */
  async function wordsOf(extension: string): Promise<string> {
    const lists = await ask(CONTACTS, 'DeviceStateList', 'QueueStatus');
    return [
      lists.find((one) => one.get('endpointname') === extension)?.get('status') ?? 'none',
      lists.find((one) => one.get('device') === `PJSIP/${extension}`)?.get('state'),
      lists.find((one) => one.get('stateinterface') === `PJSIP/${extension}`)?.get('status'),
      await endpointState(centre, extension),
    ].join(' ');
  }
  return {
    async is(extension, verdict) {
      const words = verdict === 'registered' ? 'Reachable NOT_INUSE 1 online' : 'none UNAVAILABLE 5 offline';
      await until(`${extension} is ${verdict} in Asterisk`, async () => (await wordsOf(extension)) === words);
    },
    async contacts(extension) {
      const lists = await ask(CONTACTS);
      const own = lists.filter((one) => one.get('endpointname') === extension);
      return own.map((one) => [one.get('uri') ?? '', one.get('status') === 'Reachable'] as const);
    },
    async pauses() {
      const members = (await ask('QueueStatus')).filter((one) => one.get('event') === 'QueueMember');
      const reasonOf = (one: RawMessage): string =>
        one.get('paused') === '1' ? one.get('pausedreason') || 'no reason' : '';
      return Object.fromEntries(members.map((one) => [one.get('name') ?? '', reasonOf(one)]));
    },
  };
}
