// Who works in the centre of the fault runs, and in which queues.
import { registerPhone, type SipRegistrant } from '../testkit/sip-registrant.ts';
import { deviceTime, pass, until } from '../testkit/wait.ts';
import type { Device } from './device.ts';

export interface AgentPlan {
  readonly extension: string;
  readonly queues: readonly string[];
}

export const QUEUES: readonly string[] = ['support', 'sales', 'billing'];
export const SUPERVISOR = '1100';

/** Three agents in one queue, three in two, three in all three. */
export const AGENTS: readonly AgentPlan[] = [1, 2, 3].flatMap((size) =>
  QUEUES.map((_, index) => ({
    extension: String(1000 + (size - 1) * QUEUES.length + index + 1),
    queues: Array.from({ length: size }, (_queue, more) => QUEUES[(index + more) % QUEUES.length]!),
  })),
);

/** ms for one REGISTER. */
const ATTEMPT_MS = 1_000;

/** An agent who is here: phone and desks. */
export class Agent implements AgentPlan {
  readonly extension: string;
  readonly queues: readonly string[];
  /** The first one's account is the phone's. */
  readonly devices: Device[] = [];
  /** ms; when its phone went. */
  readonly losses: number[] = [];
  #phone: SipRegistrant | null = null;
  #registering: Promise<void> = Promise.resolve();

  constructor({ extension, queues }: AgentPlan) {
    this.extension = extension;
    this.queues = queues;
  }

  get registered(): boolean {
    return this.#phone !== null;
  }

  /** Registers its phone, as often as it takes; Asterisk must be up. One after the other: it has one phone. */
  register(): Promise<void> {
    const done = this.#registering.then(() => this.#register());
    this.#registering = done.catch(() => undefined);
    return done;
  }

  /** Asterisk went, or the network, and the phone's socket with it. */
  loseNetwork(): void {
    this.losses.push(deviceTime());
    this.#phone?.destroySocket();
    this.#phone = null;
  }

  async #register(): Promise<void> {
    const [device] = this.devices;
    if (!device) throw new Error(`${this.extension} has no account yet`);
    const attempt = async (): Promise<boolean> => {
      this.loseNetwork();
      const phone = registerPhone(device.grant.sip, device.ear);
      this.#phone = phone;
      const registered = phone.registered.then(
        () => true,
        () => false,
      );
      // Asterisk may be killed before it answers.
      const isIn = await Promise.race([registered, pass(ATTEMPT_MS)]);
      return isIn === true && this.#phone === phone;
    };
    await until(`${this.extension} registered`, attempt, 15_000);
  }
}
