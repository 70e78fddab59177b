// All facts, from all places. What cannot be found out stays null; only a login that fails is told apart.
import type { Clock } from '../../../domain/clock.ts';
import { openAmi, type AmiConnection } from '../../adapters/asterisk/ami-connection.ts';
import { AmiError } from '../../adapters/asterisk/ami-error.ts';
import { agentsOf, extensionOf, membersOf } from './agents.ts';
import { CONF_NAMES, type BridgeFacts, type CoreFacts, type Facts, type RightsFacts } from './facts.ts';
import { readContexts, readConf, readCore, readOffered, readSample } from './gather-ami.ts';
import { readFolder, readTables } from './gather-files.ts';
import { readAri, readSip } from './gather-web.ts';
import type { Account, Situation } from './situation.ts';

/** A whole pjsip.conf comes as one message. */
const MOST_LINE_BYTES = 1_048_576;
const quiet = () => undefined;
const LOG = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const login = ({ host, port }: Situation, account: Account, clock: Clock): Promise<AmiConnection> =>
  openAmi(
    { host, port, ...account, eventMask: 'off' },
    { clock, log: LOG, maxLineBytes: MOST_LINE_BYTES, actionTimeoutMs: 10_000 },
  );

const NOTHING: CoreFacts = {
  loginProblem: null,
  version: null,
  systemName: null,
  clockAheadMs: null,
  modules: null,
  queues: null,
  members: null,
  contexts: {},
  sample: null,
};

function bridgeFacts(situation: Situation): BridgeFacts {
  const { host, watch, act, sipUrl, sipRealm, stateInterface, problems } = situation;
  return {
    ...{ problems, amiHost: host, watchUser: watch.user, actUser: act.user },
    ...{ sipUrl, sipRealm, stateInterface },
  };
}

/** Members' contexts and those of endpoints. */
function contextsOf(facts: Facts): readonly string[] {
  const locals = (membersOf(facts) ?? []).map(
    (member) => /^Local\/[^@]+@([^/]+)/i.exec(member.interface)?.[1],
  );
  const own = agentsOf(facts).endpoints.map(({ context }) => context);
  return [...locals, ...own].filter((context) => context !== undefined);
}

/** An agent to look at closely: a row of our file, else the first member. */
function sampleOf(facts: Facts): string | null {
  const [row] = facts.tables.kind === 'read' ? facts.tables.endpoints : [];
  const member = (membersOf(facts) ?? []).map((one) => extensionOf(facts, one)).find((id) => id !== null);
  return row?.id ?? member ?? null;
}

async function lookCloser(ami: AmiConnection, facts: Facts): Promise<Facts> {
  const id = sampleOf(facts);
  const sample = id === null ? null : await readSample(ami, id);
  const known = { ...facts, core: { ...facts.core, sample } };
  return { ...known, core: { ...known.core, contexts: await readContexts(ami, contextsOf(known)) } };
}

async function confOf(ami: AmiConnection): Promise<Facts['conf']> {
  // The dialplan is asked for context by context: as a file it may be very large.
  const names = CONF_NAMES.filter((name) => name !== 'extensions.conf');
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readConf(ami, name)] as const)),
  );
}

async function askAsterisk(
  ami: AmiConnection,
  facts: Facts,
  clock: Clock,
  folder: string | null,
): Promise<Facts> {
  const core = { ...NOTHING, ...(await readCore(ami, clock)) };
  const conf = folder === null ? await confOf(ami) : facts.conf;
  const rights = { ...facts.rights, watch: await readOffered(ami) };
  return lookCloser(ami, { ...facts, core, conf, rights });
}

function loginWords(error: AmiError, { host, port }: Situation, user: string): string {
  return error.code === 'auth'
    ? `Asterisk refuses the user ${user}: wrong secret, no such user, or its permit lines`
    : `no manager interface at ${host}:${port} (${error.message})`;
}

async function askAct(situation: Situation, clock: Clock): Promise<Pick<RightsFacts, 'act' | 'actProblem'>> {
  const { user, secret } = situation.act;
  if (secret === null) return { act: null, actProblem: null };
  try {
    const ami = await login(situation, { user, secret }, clock);
    const act = await readOffered(ami);
    ami.close();
    return { act, actProblem: null };
  } catch (error) {
    if (error instanceof AmiError) return { act: null, actProblem: loginWords(error, situation, user) };
    throw error;
  }
}

async function askWatch(
  situation: Situation,
  facts: Facts,
  clock: Clock,
  folder: string | null,
): Promise<Facts> {
  let ami: AmiConnection | null = null;
  try {
    ami = await login(situation, situation.watch, clock);
    return await askAsterisk(ami, facts, clock, folder);
  } catch (error) {
    if (!(error instanceof AmiError)) throw error;
    return {
      ...facts,
      core: { ...NOTHING, loginProblem: loginWords(error, situation, situation.watch.user) },
    };
  } finally {
    ami?.close();
  }
}

/** `folder`: Asterisk's configuration folder on this machine; without it the files are asked for over AMI. */
export async function gather(situation: Situation, clock: Clock, folder: string | null): Promise<Facts> {
  const start: Facts = {
    bridge: bridgeFacts(situation),
    conf: folder === null ? {} : readFolder(folder),
    core: NOTHING,
    rights: { watch: null, ...(await askAct(situation, clock)) },
    ari: await readAri(situation.ari, clock),
    sip: null,
    tables: readTables(situation.pbxFile),
  };
  const facts = await askWatch(situation, start, clock, folder);
  const extension = sampleOf(facts) ?? '1001';
  return {
    ...facts,
    sip: await readSip(situation.sipUrl, { extension, domain: situation.sipDomain }, clock),
  };
}
