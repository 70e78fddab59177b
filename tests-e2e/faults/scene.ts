// The private centre the runs happen in: Asterisk, the bridge behind an AMI proxy, people, and what can be done to them.
// Keeps account of everything it did, for the judge.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCentre, type Centre } from '../../tools/centre.ts';
import { openAmiProxy, type AmiProxy } from '../testkit/ami-proxy.ts';
import { deviceTime, pass } from '../testkit/wait.ts';
import { Device, type Arrange } from './device.ts';
import { Eyes } from './eyes.ts';
import { Agent, AGENTS, QUEUES, SUPERVISOR } from './people.ts';
import { plantEnvironment, type PlantName } from './plants.ts';

/** What the stranger did. */
export interface Foreign {
  readonly at: number;
  readonly agent: string;
  readonly queues: readonly string[];
  /** Null: unpaused. */
  readonly reason: string | null;
}

/** A time in which Asterisk, the bridge or the link between them was not as it should be. */
export interface Trouble {
  readonly from: number;
  to: number;
}

/** RG1, ms: in a run of seconds a phone may be gone for less and for more. */
const GRACE_MS = 500;

/** Under the limit of contested members (PS2: more than 5 repairs in a minute). */
const DISTURBANCES_A_MINUTE = 3;

export interface SceneOptions {
  /** Name of a bug to plant in the bridge. */
  readonly plant?: PlantName;
  readonly arrange: Arrange;
}

export class Scene {
  readonly centre: Centre;
  readonly proxy: AmiProxy;
  readonly eyes: Eyes;
  readonly agents = AGENTS.map((plan) => new Agent(plan));
  readonly foreign: Foreign[] = [];
  readonly troubles: Trouble[] = [];
  /** Against the protocol, seen by any device. */
  readonly problems: string[] = [];
  /** First sign-ins: each brings one ONLINE (SE3). */
  readonly arrivals = new Map<string, number>();
  readonly #options: SceneOptions;
  readonly #runDir: string;
  #supervisor: Device | null = null;
  #devices = 0;

  private constructor(options: SceneOptions, runDir: string, centre: Centre, proxy: AmiProxy) {
    this.#options = options;
    this.#runDir = runDir;
    this.centre = centre;
    this.proxy = proxy;
    const { host, ports, ami } = centre.asterisk;
    this.eyes = new Eyes({ host, port: ports.ami, ...ami.watch });
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const runDir = mkdtempSync(join(tmpdir(), 'faults-'));
    const centre = await prepareCentre({
      ...{ runDir, name: 'faults', demo: false, qualifyFrequencyS: 15 },
      environment: { GRACE_MS: String(GRACE_MS) },
      queues: QUEUES.map((name) => ({
        name,
        members: AGENTS.filter(({ queues }) => queues.includes(name)).map(({ extension }) => extension),
      })),
      people: [...AGENTS.map(({ extension }) => extension), SUPERVISOR].map((extension) => ({
        ...{ extension, name: `Person ${extension}`, teams: ['all'] },
        role: extension === SUPERVISOR ? ('supervisor' as const) : ('agent' as const),
      })),
    });
    const { host, ports } = centre.asterisk;
    const scene = new Scene(options, runDir, centre, await openAmiProxy({ host, port: ports.ami }));
    try {
      await centre.asterisk.start();
      await scene.startBridge();
      await scene.eyes.connect();
      scene.#supervisor = await scene.device(SUPERVISOR);
      await scene.#supervisor.connect();
      return scene;
    } catch (error) {
      await scene.end();
      throw error;
    }
  }

  get supervisor(): Device {
    if (!this.#supervisor) throw new Error('no supervisor yet');
    return this.#supervisor;
  }

  /** A new device of that person, signed in, not yet on the socket. */
  async device(extension: string): Promise<Device> {
    this.#devices += 1;
    const number = this.#devices;
    return Device.signIn({
      ...{ url: this.centre.url, extension, password: this.#password(extension) },
      id: `d-${number.toString(16).padStart(16, '0')}`,
      label: `${extension}/${number}`,
      arrange: this.#options.arrange,
      onProblem: (problem) => this.problems.push(problem),
    });
  }

  /** An agent of the pool at work: signed in with one device, on the socket, phone registered. */
  async bringIn(agent: Agent): Promise<void> {
    if (agent.devices.length === 0) {
      agent.devices.push(await this.device(agent.extension));
      this.arrivals.set(agent.extension, (this.arrivals.get(agent.extension) ?? 0) + 1);
    }
    await Promise.all(agent.devices.map((device) => device.connect()));
    if (!agent.registered) await agent.register();
  }

  async killAsterisk(downMs: number): Promise<void> {
    await this.during(async () => {
      this.eyes.close();
      await this.centre.asterisk.kill();
      for (const agent of this.agents) agent.loseNetwork();
      await pass(downMs);
      await this.centre.asterisk.start();
      await this.eyes.connect();
    });
  }

  async killBridge(downMs: number): Promise<void> {
    await this.during(async () => {
      await this.centre.bridge.kill();
      await pass(downMs);
      await this.startBridge();
    });
  }

  async startBridge(): Promise<void> {
    const port = { AMI_PORT: String(this.proxy.port) };
    await this.centre.bridge.start({ ...port, ...plantEnvironment(this.#options.plant) });
  }

  /** Marks the time until it is over as one of trouble. */
  async during(act: () => Promise<void>): Promise<void> {
    const trouble: Trouble = { from: deviceTime(), to: Infinity };
    this.troubles.push(trouble);
    try {
      await act();
    } finally {
      trouble.to = deviceTime();
    }
  }

  /** A loaded module's configuration read again. */
  async reloadQueues(): Promise<void> {
    await this.centre.asterisk.cli('module reload app_queue.so');
  }

  /** The stranger pauses (with that reason) or unpauses (null) those queues; false when it would be too often. */
  disturb(agent: Agent, queues: readonly string[], reason: string | null): boolean {
    const since = deviceTime() - 60_000;
    const recent = this.foreign.filter((one) => one.agent === agent.extension && one.at > since);
    const often = (queue: string): boolean =>
      recent.filter((one) => one.queues.includes(queue)).length >= DISTURBANCES_A_MINUTE;
    if (!this.eyes.open || queues.some(often)) return false;
    this.foreign.push({ at: deviceTime(), agent: agent.extension, queues, reason });
    if (queues.length === agent.queues.length) this.eyes.pause(agent.extension, null, reason);
    else for (const queue of queues) this.eyes.pause(agent.extension, queue, reason);
    return true;
  }

  async end(): Promise<void> {
    this.#supervisor?.cut();
    for (const agent of this.agents) {
      for (const device of agent.devices) device.cut();
      agent.loseNetwork();
    }
    this.eyes.close();
    await this.centre.stop();
    await this.proxy.close();
    rmSync(this.#runDir, { recursive: true, force: true });
  }

  #password(extension: string): string {
    const login = this.centre.logins.find((one) => one.extension === extension);
    if (!login) throw new Error(`nobody has ${extension}`);
    return login.password;
  }
}
