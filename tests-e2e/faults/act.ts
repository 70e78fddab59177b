// Carries a plan out: steps in their order, what lasts goes on in the background; then brings everything back.
import { deviceTime, pass, until } from '../testkit/wait.ts';
import type { Device } from './device.ts';
import type { Agent } from './people.ts';
import type { Choice, Fault, OfflineChoice, Plan, Step } from './plan.ts';
import type { Scene } from './scene.ts';

type Of<Name extends Step['do']> = Extract<Step, { readonly do: Name }>;

const said = ({ status, reason }: Choice): string => `${status}${reason === null ? '' : ` "${reason}"`}`;

export class Actor {
  readonly agents: readonly Agent[];
  /** How often each fault really happened. */
  readonly injected = new Map<Fault, number>();
  readonly trace: string[] = [];
  readonly #scene: Scene;
  readonly #plan: Plan;
  readonly #began = deviceTime();
  readonly #fresh = new Map<Step, Device>();
  readonly #background: Promise<void>[] = [];
  #amiFaults = 0;
  #killing = new Set<'Asterisk' | 'bridge'>();

  constructor(scene: Scene, plan: Plan) {
    this.#scene = scene;
    this.#plan = plan;
    this.agents = plan.agents.map((extension) => scene.agents.find((one) => one.extension === extension)!);
  }

  get seed(): number {
    return this.#plan.seed;
  }

  /** All devices of this run, the supervisor's too. */
  get devices(): readonly Device[] {
    return [
      ...this.agents.flatMap(({ devices }) => devices),
      ...this.#fresh.values(),
      this.#scene.supervisor,
    ];
  }

  note(text: string): void {
    this.trace.push(`${String(deviceTime() - this.#began).padStart(6)} ms  ${text}`);
  }

  /** Everybody is here, ONLINE, holds lifted; devices that will be needed are signed in. */
  async prepare(): Promise<void> {
    const scene = this.#scene;
    await Promise.all(this.agents.map((agent) => scene.bringIn(agent)));
    const [first] = this.agents;
    if (first && first.devices.length < 2) first.devices.push(await scene.device(first.extension));
    await first?.devices[1]?.connect();
    for (const { step } of this.#plan.steps) {
      if (step.do !== 'outbox' || !step.fresh) continue;
      this.#fresh.set(step, await scene.device(this.agents[step.agent]!.extension));
    }
    for (const { extension, devices } of this.agents) {
      const status = devices[0]?.views.get(extension)?.detail?.intent.status;
      if (status !== 'ONLINE') devices[0]?.choose('ONLINE', null);
    }
    await Promise.all(this.devices.map((device) => until('stored', () => device.outbox.length === 0)));
  }

  async storm(): Promise<void> {
    for (const { afterMs, step } of this.#plan.steps) {
      await pass(afterMs);
      this.#start(step);
    }
  }

  /** Whatever is still broken is mended; resolves when all is up, connected, delivered and registered. */
  async calm(): Promise<void> {
    // What runs in the background may have started something more.
    while (this.#background.length > 0) await Promise.all(this.#background.splice(0));
    this.#scene.proxy.clear();
    await Promise.all(this.devices.map((device) => device.connect()));
    await Promise.all(this.agents.filter(({ registered }) => !registered).map((agent) => agent.register()));
    this.note('all is quiet');
  }

  /** Devices of this run alone go; the others' clocks are put right. */
  async leave(): Promise<void> {
    for (const device of this.#fresh.values()) await device.signOut();
    for (const { devices } of this.agents) {
      for (const device of devices) {
        device.mendClock();
        device.cut();
      }
    }
  }

  #agent(index: number): Agent {
    return this.agents[index]!;
  }
  #device(agent: number, index: number): Device {
    return this.#agent(agent).devices[index]!;
  }

  #start(step: Step): void {
    const done = this.#do(step).catch((error: unknown) => {
      this.#scene.problems.push(`${step.do}: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.#background.push(done);
  }

  #count(fault: Fault): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'choose':
        return this.#choose(this.#device(step.agent, step.device), step.choice);
      case 'order': {
        const { extension } = this.#agent(step.agent);
        const { change } = this.#scene.supervisor.choose(step.choice.status, step.choice.reason, extension);
        return this.note(`supervisor sets ${extension} to ${said(step.choice)} #${change.sequence}`);
      }
      case 'outbox':
        return this.#outbox(step);
      case 'kill Asterisk':
      case 'kill bridge':
        return this.#kill(step);
      case 'cut AMI':
      case 'delay AMI':
        return this.#troubleAmi(step);
      case 'step clock':
        return this.#stepClock(step);
      case 'disturb':
        return this.#disturb(step);
      case 'lose phone':
        return this.#losePhone(step);
      case 'deafen':
        return this.#deafen(step);
      case 'reload':
        if (!this.#scene.eyes.open) return;
        this.#count(step.fault);
        this.note('app_queue is reloaded');
        // Killed meanwhile: then it was no reload.
        return this.#scene.reloadQueues().catch(() => this.note('the reload came to nothing'));
    }
  }

  #choose(device: Device, choice: Choice, agoMs = 0): void {
    const { change } = device.choose(choice.status, choice.reason, device.extension, agoMs);
    const how = device.online ? '' : ', not connected';
    const ago = agoMs > 0 ? `, ${agoMs} ms ago` : '';
    this.note(`${device.label} chooses ${said(choice)} #${change.sequence}${ago}${how}`);
  }

  async #outbox(step: Of<'outbox'>): Promise<void> {
    const device = this.#fresh.get(step) ?? this.#device(step.agent, step.device);
    this.#count(step.fault);
    this.note(`${device.label} loses its socket`);
    device.cut();
    const partMs = step.awayMs / (step.choices.length + 1);
    const make = (one: OfflineChoice): void => this.#choose(device, one, one.agoMs ?? 0);
    for (const one of step.choices) {
      await pass(partMs);
      make(one);
    }
    await pass(partMs);
    this.note(`${device.label} comes back, outbox ${step.order}`);
    await device.connect(step.order);
  }

  async #kill(step: Of<'kill Asterisk'> | Of<'kill bridge'>): Promise<void> {
    const who = step.do === 'kill bridge' ? 'bridge' : 'Asterisk';
    if (this.#killing.has(who)) return;
    this.#killing.add(who);
    if (step.do === 'kill bridge' && step.afterAckOf !== null) {
      const device = this.#device(step.afterAckOf, 0);
      const deed = device.choose(step.choice.status, step.choice.reason);
      this.note(`${device.label} chooses ${said(step.choice)} #${deed.change.sequence}, last words`);
      await Promise.race([device.onOutcome(deed), pass(500)]);
    }
    this.#count(step.fault);
    this.note(`kill -9 of ${step.do === 'kill bridge' ? 'the bridge' : 'Asterisk'}`);
    if (step.do === 'kill bridge') await this.#scene.killBridge(step.forMs);
    else await this.#scene.killAsterisk(step.forMs);
    this.note(`${who} is back`);
    if (step.do === 'kill Asterisk') await Promise.all(this.agents.map((agent) => agent.register()));
  }

  /** One fault of the link at a time; the last to end clears it. */
  async #troubleAmi(step: Of<'cut AMI'> | Of<'delay AMI'>): Promise<void> {
    const { proxy } = this.#scene;
    this.#count(step.fault);
    this.#amiFaults += 1;
    await this.#scene.during(async () => {
      this.note(step.do === 'cut AMI' ? 'AMI is cut' : `AMI is delayed by ${step.byMs} ms`);
      if (step.do === 'cut AMI') proxy.cut();
      else proxy.delay(step.byMs);
      await pass(step.forMs);
      this.#amiFaults -= 1;
      if (this.#amiFaults > 0) return;
      proxy.clear();
      this.note('AMI is clear');
      // The bridge comes back by itself, in its own time.
      await pass(100);
    });
  }

  async #stepClock(step: Of<'step clock'>): Promise<void> {
    const device = this.#device(step.agent, step.device);
    this.#count(step.fault);
    device.stepClock(step.byMs);
    if (step.notices) await device.measureClock();
    this.note(`${device.label}’s clock jumps by ${step.byMs} ms${step.notices ? ', which it measures' : ''}`);
  }

  async #losePhone(step: Of<'lose phone'>): Promise<void> {
    const agent = this.#agent(step.agent);
    // Asterisk is down, or another has it in hand.
    if (!agent.registered) return;
    this.#count(step.fault);
    this.note(`the phone of ${agent.extension} is gone`);
    agent.loseNetwork();
    await pass(step.forMs);
    await agent.register();
    this.note(`the phone of ${agent.extension} is back`);
  }

  /** A page that stood still comes back as one that was loaded anew. */
  async #deafen(step: Of<'deafen'>): Promise<void> {
    const device = this.#device(step.agent, 0);
    if (!device.ear.works) return;
    this.#count(step.fault);
    this.note(`${device.label} is deaf`);
    device.ear.works = false;
    await pass(step.forMs);
    device.ear.works = true;
    device.cut();
    await device.connect();
    this.note(`${device.label} hears again`);
  }

  /** The agent named; another where that one was meddled with too often, or has one queue only. */
  #disturb(step: Of<'disturb'>): void {
    const { agents } = this;
    const { reason } = step;
    for (const agent of [...agents.slice(step.agent), ...agents.slice(0, step.agent)]) {
      const queues = step.all ? agent.queues : agent.queues.slice(0, 1);
      const oneOfMany = step.all || agent.queues.length > 1;
      if (!oneOfMany || !this.#scene.disturb(agent, queues, reason)) continue;
      this.#count(step.fault);
      const how = reason === null ? 'unpauses' : `pauses, with "${reason}",`;
      return this.note(`the stranger ${how} ${agent.extension} in ${queues.join(', ')}`);
    }
  }
}
