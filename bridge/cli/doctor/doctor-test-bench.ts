// What the doctor's tests share: the reference configuration as files, and the facts of an Asterisk that runs it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  queueExtensions,
  queueSections,
  realtimeMembers,
  renderReference,
} from '../../../asterisk/private/render.ts';
import type { QueuePlan } from '../../../asterisk/private/members.ts';
import { MODULES } from './check-core.ts';
import type { CONF_NAMES } from './facts.ts';
import { type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { readFolder } from './gather-files.ts';

const QUEUES: readonly QueuePlan[] = [
  { name: 'support', members: ['1001', '1002'] },
  { name: 'sales', members: ['1002'] },
];
const SECRET = 'a-secret-that-must-not-be-told';

const PLACES = [
  'confDir',
  'moduleDir',
  'varDir',
  'dataDir',
  'socketDir',
  'logDir',
  'musicDir',
  'callerSoundDir',
];
const VALUES: Readonly<Record<string, string | number>> = {
  ...Object.fromEntries(PLACES.map((name) => [name, `/${name}`])),
  ...{
    watchUser: 'watch',
    watchSecret: SECRET,
    actUser: 'act',
    actSecret: SECRET,
    ariUser: 'desk',
    ariPassword: SECRET,
  },
  ...{ amiPort: 5038, httpPort: 8088, sipPort: 5060, rtpStart: 10_000, rtpEnd: 10_399 },
  ...{ sqliteDriver: '/driver.so', dbFile: '/asterisk.sqlite', modulesIfThere: '' },
  ...{ sipRealm: 'desk', systemName: 'pbx-1', wrapupTimeS: 2 },
  queues: queueSections(QUEUES),
  queueExtensions: queueExtensions(QUEUES),
  realtimeMembers: realtimeMembers(QUEUES),
};

/** Replaces in one file of a folder. Throws when the text is not there: the test would break nothing. */
export async function edit(folder: string, file: string, from: string, to: string): Promise<void> {
  const before = await readFile(join(folder, file), 'utf8');
  if (!before.includes(from)) throw new Error(`${file} does not hold "${from}"`);
  await writeFile(join(folder, file), before.replaceAll(from, to));
}

export interface Edit {
  readonly file: (typeof CONF_NAMES)[number];
  readonly from: string;
  readonly to: string;
}

/** The reference, rendered, changed, and read again as Asterisk's files are. */
export async function confWith(edits: readonly Edit[]): Promise<Facts['conf']> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  try {
    await renderReference(folder, VALUES);
    for (const { file, from, to } of edits) await edit(folder, file, from, to);
    return readFolder(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const endpoint = (id: string) => ({
  ...{ id, auths: [`${id}-none`], aors: [id], context: 'agents', webrtc: true, busyAt: 0 },
});
const aor = (id: string) => ({
  ...{ id, qualifyFrequencyS: 15, maxContacts: 5, removeExisting: false, removeUnavailable: true },
});
const CONTACT_COLUMNS = [
  ...['id', 'uri', 'expiration_time', 'qualify_frequency', 'qualify_timeout', 'qualify_2xx_only'],
  ...['authenticate_qualify', 'outbound_proxy', 'path', 'user_agent', 'endpoint', 'reg_server'],
  ...['via_addr', 'via_port', 'call_id', 'prune_on_boot', 'status'],
];

export const TABLES = {
  kind: 'read',
  columns: { ps_endpoints: ['id'], ps_auths: ['id'], ps_aors: ['id'], ps_contacts: CONTACT_COLUMNS },
  endpoints: [endpoint('1001'), endpoint('1002')],
  aors: [aor('1001'), aor('1002')],
  auths: ['1001-none', '1002-none'],
} as const satisfies Facts['tables'];

/** An Asterisk 22.10 that runs this configuration, seen by a bridge that fits it. */
export const factsOf = (conf: Facts['conf']): Facts => ({
  bridge: {
    ...{ problems: [], amiHost: '127.0.0.1', watchUser: 'watch', actUser: 'act' },
    ...{ sipUrl: 'wss://calls.example/sip', sipRealm: 'desk', stateInterface: 'PJSIP/<ext>' },
  },
  conf,
  core: {
    ...{ loginProblem: null, version: '22.10.1', systemName: null, clockAheadMs: 3 },
    modules: Object.fromEntries(MODULES.map((name) => [name, true])),
    ...{ queues: ['support', 'sales'], members: null, contexts: {} },
    sample: { id: '1001', known: true, endpoint: endpoint('1001'), aor: aor('1001') },
  },
  rights: { watch: null, act: null, actProblem: null },
  ari: { kind: 'answers', write: 'refused' },
  sip: {
    ...{ problem: null, realm: 'desk', openDoor: false, extension: '1001' },
    certificate: { problem: null, daysLeft: 60 },
  },
  tables: TABLES,
});

export interface Named {
  readonly id: string;
  readonly state: string;
  readonly about: readonly string[];
}

/** All but what is well, in short. */
export const faultsOf = (findings: readonly Finding[]): readonly Named[] =>
  findings.filter(({ state }) => state !== 'ok').map(({ id, state, about }) => ({ id, state, about }));
