// A real centre for one test file: Asterisk, the stores, the bridge as a process; and people who come and go in it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rows } from '../../bridge/testing/store-bench.ts';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { membersOf } from '../testkit/asterisk-truth.ts';
import { createEars, type Ear } from '../testkit/ear.ts';
import { joinDesk, signIn, type DeskClient, type DeskGrant } from '../testkit/desk-client.ts';
import { connectRawAmi } from '../testkit/raw-ami.ts';
import { registerPhone, type SipRegistrant } from '../testkit/sip-registrant.ts';
import { until } from '../testkit/wait.ts';

type Row = Readonly<Record<string, unknown>>;

export interface CentreBench {
  readonly centre: Centre;
  passwordOf(extension: string): string;
  signIn(extension: string): Promise<DeskGrant>;
  /** Signed in, on the socket. */
  desk(extension: string): Promise<DeskClient>;
  join(grant: DeskGrant): Promise<DeskClient>;
  /** What that session's page hears of Asterisk's questions (RG12); its phone and its desk share it. */
  ear(grant: DeskGrant): Ear;
  /** A phone with the account of that grant, registered. */
  phone(grant: DeskGrant): Promise<SipRegistrant>;
  /** Signed in with a registered phone, ONLINE, and unpaused in Asterisk. */
  readyAgent(extension: string): Promise<{ readonly desk: DeskClient; readonly phone: SipRegistrant }>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Waits until Asterisk itself shows the agent's member in every queue with this reason; '' means unpaused. */
  shown(extension: string, reason: string, timeoutMs?: number): Promise<void>;
  rows(file: 'bridge' | 'pbx', sql: string): readonly Row[];
  logText(): string;
  logLines(): readonly Row[];
  /** A caller enters the queue and waits there, hearing and saying nothing much. */
  call(queue: string): Promise<void>;
  /** All desks close and all phones lose their network; sessions stay. */
  leave(): void;
  end(): Promise<void>;
}

const person = (extension: string, role: 'agent' | 'supervisor' = 'agent', team = 'support') => ({
  ...{ extension, name: `Person ${extension}`, role, teams: [team] },
});

/** RG1: tests wait for the end of a grace; eight seconds of it would tell them nothing more. */
export const SHORT_GRACE = { GRACE_MS: '300' } as const;

/** `agents`: extensions, all members of `support`; 1100 is their supervisor, 1200 an agent of another team. */
export const openCentre = (agents: readonly string[]): Promise<CentreBench> =>
  benchOf((runDir) =>
    prepareCentre({
      ...{ runDir, name: 'test', demo: false, qualifyFrequencyS: 2, environment: SHORT_GRACE },
      queues: [
        { name: 'support', members: [...agents] },
        { name: 'sales', members: ['1200'] },
      ],
      people: [
        ...agents.map((one) => person(one)),
        person('1100', 'supervisor'),
        person('1200', 'agent', 'sales'),
      ],
    }),
  );

/** Starts the centre that `prepare` makes in a folder of its own. */
export async function benchOf(prepare: (runDir: string) => Promise<Centre>): Promise<CentreBench> {
  const runDir = mkdtempSync(join(tmpdir(), 'bridge-'));
  const centre = await prepare(runDir);
  await centre.start();
  const desks: DeskClient[] = [];
  const phones: SipRegistrant[] = [];
  const earOf = createEars();
  const bench: CentreBench = {
    centre,
    passwordOf: (extension) => centre.logins.find((one) => one.extension === extension)?.password ?? '',
    signIn: (extension) => signIn(centre.url, extension, bench.passwordOf(extension)),
    desk: async (extension) => bench.join(await bench.signIn(extension)),
    async join(grant) {
      const desk = await joinDesk(centre.url, grant, bench.ear(grant));
      desks.push(desk);
      return desk;
    },
    ear: ({ session }) => earOf(session),
    async phone(grant) {
      const phone = registerPhone(grant.sip, bench.ear(grant));
      phones.push(phone);
      await phone.registered;
      return phone;
    },
    async readyAgent(extension) {
      const desk = await bench.desk(extension);
      const phone = await bench.phone(desk.grant);
      await bench.shown(extension, '');
      return { desk, phone };
    },
    post: (path, body, headers = {}) =>
      fetch(`${centre.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async shown(extension, reason, timeoutMs) {
      const is = async (): Promise<boolean> => {
        const members = await membersOf(centre, extension);
        return (
          members.length > 0 &&
          members.every((one) => one.paused === (reason !== '') && one.reason === reason)
        );
      };
      await until(`${extension} ${reason === '' ? 'unpaused' : `paused with "${reason}"`}`, is, timeoutMs);
    },
    rows: (file, sql) => rows(centre.files[file], sql),
    logText: () => readFileSync(centre.files.bridgeLog, 'utf8'),
    logLines: () =>
      bench
        .logText()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Row),
    async call(queue) {
      const { host, ports, ami } = centre.asterisk;
      const act = await connectRawAmi({ host, port: ports.ami, ...ami.act });
      const place = { Context: 'demo-caller', Exten: 's', Priority: '1', Async: 'true' };
      const [answer] = await act.ask('Originate', { Channel: `Local/${queue}@callers/n`, ...place });
      act.close();
      if (answer?.get('response') !== 'Success') throw new Error(`no call: ${answer?.get('message') ?? ''}`);
    },
    leave() {
      for (const desk of desks.splice(0)) desk.close();
      for (const phone of phones.splice(0)) phone.destroySocket();
    },
    async end() {
      bench.leave();
      await centre.stop();
      rmSync(runDir, { recursive: true });
    },
  };
  return bench;
}

interface SeenAgent {
  readonly extension: string;
  readonly status: string;
  readonly reason: string | null;
  readonly auto: string | null;
}

/** The last the desk was told of an agent. */
export function seenOf(desk: DeskClient, extension: string): SeenAgent | undefined {
  const views = desk.frames.flatMap((frame) => (frame['agents'] ?? []) as readonly SeenAgent[]);
  return views.findLast((view) => view.extension === extension);
}

/** Waits until the desk has been told that the agent has this status. */
export async function told(desk: DeskClient, extension: string, status: string): Promise<SeenAgent> {
  return until(`the desk is told that ${extension} is ${status}`, () => {
    const seen = seenOf(desk, extension);
    return seen?.status === status ? seen : null;
  });
}
