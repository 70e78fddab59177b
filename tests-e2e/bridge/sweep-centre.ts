// A centre whose bridge sees Asterisk through proxies only: each way to learn of a registration can be broken by itself.
import { DatabaseSync } from 'node:sqlite';
import type { Method } from '../../domain/registration/evidence.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { openAmiProxy, type AmiProxy } from '../testkit/ami-proxy.ts';
import { openAriProxy, type AriFault, type AriProxy } from '../testkit/ari-proxy.ts';
import { headerOf, openMethodProxy, type AmiFault, type MethodProxy } from '../testkit/method-proxy.ts';
import { benchOf, type CentreBench } from './bench.ts';

/** Short, so that a test can wait for its end; longer than a phone needs to come back. */
export const GRACE_MS = 300;

export type Fault = 'fails' | 'hangs' | 'empty' | 'wrong';

export interface SweptCentre {
  readonly bench: CentreBench;
  readonly ami: MethodProxy;
  readonly ari: AriProxy;
  /** Behind `ami`: the connection as a whole. */
  readonly wire: AmiProxy;
  /**
   * `wrong`: says the opposite of these extensions; `agents`, which can only say "registered", says it of them. Rows
   * cannot hang, since a reader of the file waits for nobody, and are never empty while a phone is registered.
   */
  breakDown(method: Method, fault: Fault, about?: readonly string[]): void;
  /** All methods answer, and all events come. */
  mend(): void;
  end(): Promise<void>;
}

const ACTIONS = {
  'contact-statuses': 'PJSIPShowRegistrationInboundContactStatuses',
  'device-states': 'DeviceStateList',
  'queue-status': 'QueueStatus',
  agents: 'Agents',
} as const;
type AmiMethod = keyof typeof ACTIONS;
export const CONTACTS = ACTIONS['contact-statuses'];

/** The events that tell of phones, as AMI's filter and ARI name them. */
export const isPhoneEvent = (event: string): boolean =>
  /^Event: (?:ContactStatus|PeerStatus|DeviceStateChange)\r/m.test(event) ||
  /"type":\s*"(?:ContactStatusChange|PeerStatusChange|EndpointStateChange|DeviceStateChanged)"/.test(event);

const OPPOSITES: Readonly<Record<string, string>> = {
  ...{ 'Status: Reachable': 'Status: Unreachable', 'Status: 1': 'Status: 5', 'Status: 5': 'Status: 1' },
  ...{ 'State: NOT_INUSE': 'State: UNAVAILABLE', 'State: UNAVAILABLE': 'State: NOT_INUSE' },
  ...{ online: 'offline', offline: 'online' },
};
const opposite = (word: string): string => OPPOSITES[word] ?? word;
/** Where an item names its extension. */
const NAMES = {
  'contact-statuses': 'EndpointName',
  'device-states': 'Device',
  'queue-status': 'StateInterface',
};

function wrongAmi(method: AmiMethod, about: readonly string[]): AmiFault {
  if (method === 'agents') {
    const item = (extension: string): string =>
      `Event: Agents\r\nAgent: ${extension}\r\nStatus: AGENT_IDLE\r\nChannel: PJSIP/${extension}-0000000a`;
    return { type: 'answer', items: about.map(item) };
  }
  const isMeant = (item: string): boolean =>
    about.includes(headerOf(item, NAMES[method]).replace(/^PJSIP\//, ''));
  return {
    type: 'edit',
    edit: (item) => (isMeant(item) ? item.replace(/^(?:Status|State): \w+$/m, opposite) : item),
  };
}

interface Endpoint {
  readonly resource: string;
  readonly state: string;
}
const wrongAri = (about: readonly string[]): AriFault => ({
  type: 'edit',
  edit: (body) =>
    JSON.stringify(
      (JSON.parse(body) as readonly Endpoint[]).map((one) =>
        about.includes(one.resource) ? { ...one, state: opposite(one.state) } : one,
      ),
    ),
});

const AMI_FAULTS: Readonly<Record<Exclude<Fault, 'wrong'>, AmiFault>> = {
  fails: { type: 'refuse', message: 'Permission denied' },
  hangs: { type: 'swallow' },
  empty: { type: 'answer', items: [] },
};
const ARI_FAULTS: Readonly<Record<Exclude<Fault, 'wrong'>, AriFault>> = {
  fails: { type: 'refuse', status: 500 },
  hangs: { type: 'swallow' },
  empty: { type: 'answer', body: '[]' },
};

/** `ps_contacts` is Asterisk's own, so only what is ours in it can be broken: the column `status`. */
function rowsOf(centre: Centre) {
  const write = (sql: string): void => {
    const database = new DatabaseSync(centre.files.pbx, { timeout: 5_000 });
    database.exec(sql);
    database.close();
  };
  let undo: string | null = null;
  return {
    breakDown(fault: Fault, about: readonly string[]): void {
      if (fault === 'fails') {
        write('ALTER TABLE ps_contacts RENAME COLUMN status TO status_away');
        undo = 'ALTER TABLE ps_contacts RENAME COLUMN status_away TO status';
      } else if (fault === 'wrong') {
        const mark = (status: string): string =>
          `UPDATE ps_contacts SET status = '${status}' WHERE endpoint IN ('${about.join("', '")}')`;
        write(mark('Unreachable'));
        undo = mark('Reachable');
      } else throw new Error(`rows cannot be made to be: ${fault}`);
    },
    mend(): void {
      if (undo !== null) write(undo);
      undo = null;
    },
  };
}

async function openProxies({ asterisk: { host, ports } }: Centre) {
  const wire = await openAmiProxy({ host, port: ports.ami });
  const ami = await openMethodProxy({ host, port: wire.port });
  const ari = await openAriProxy({ host, port: ports.http });
  return { wire, ami, ari };
}

const person = (extension: string, role: 'agent' | 'supervisor' = 'agent') => ({
  ...{ extension, name: `Person ${extension}`, role, teams: ['support'] },
});

const plan = (runDir: string, agents: readonly string[]) => ({
  ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2 },
  queues: [{ name: 'support', members: [...agents] }],
  people: [...agents.map((one) => person(one)), person('1100', 'supervisor')],
});

/** `agents`: extensions, all members of `support`; 1100 is their supervisor. */
export async function openSweptCentre(agents: readonly string[]): Promise<SweptCentre> {
  const opening = Promise.withResolvers<Awaited<ReturnType<typeof openProxies>>>();
  const bench = await benchOf(async (runDir) => {
    const centre = await prepareCentre(plan(runDir, agents));
    const proxies = await openProxies(centre);
    opening.resolve(proxies);
    const { ami, ari } = proxies;
    const environment = { AMI_PORT: String(ami.port), ARI_URL: ari.url, GRACE_MS: String(GRACE_MS) };
    const start = async (): Promise<void> => {
      await centre.asterisk.start();
      await centre.bridge.start(environment);
    };
    return { ...centre, start };
  });
  const { wire, ami, ari } = await opening.promise;
  const rows = rowsOf(bench.centre);
  return {
    ...{ bench, wire, ami, ari },
    breakDown(method, fault, about = []) {
      if (method === 'contact-rows') rows.breakDown(fault, about);
      else if (method === 'ari-endpoints')
        ari.breakEndpoints(fault === 'wrong' ? wrongAri(about) : ARI_FAULTS[fault]);
      else ami.breakDown(ACTIONS[method], fault === 'wrong' ? wrongAmi(method, about) : AMI_FAULTS[fault]);
    },
    mend() {
      ami.mend();
      ami.drop(null);
      ari.breakEndpoints(null);
      ari.drop(null);
      rows.mend();
    },
    async end() {
      await bench.end();
      await Promise.all([ami.close(), ari.close(), wire.close()]);
    },
  };
}
