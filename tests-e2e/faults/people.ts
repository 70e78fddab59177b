// Who works in the centre of the fault runs, and in which queues.
import { registerPhone, type SipRegistrant } from '../testkit/sip-registrant.ts';
import { until } from '../testkit/wait.ts';
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

/** An agent who is here: phone and desks. */
export class Agent implements AgentPlan {
  readonly extension: string;
  readonly queues: readonly string[];
  /** The first one's account is the phone's. */
  readonly devices: Device[] = [];
  #phone: SipRegistrant | null = null;

  constructor({ extension, queues }: AgentPlan) {
    this.extension = extension;
    this.queues = queues;
  }

  get registered(): boolean {
    return this.#phone !== null;
  }

  /** Registers its phone, as often as it takes; Asterisk must be up. */
  async register(): Promise<void> {
    this.#phone?.destroySocket();
    const grant = this.devices[0]?.grant;
    if (!grant) throw new Error(`${this.extension} has no account yet`);
    await until(`${this.extension} registered`, async () => {
      this.#phone = registerPhone(grant.sip);
      return this.#phone.registered.then(
        () => true,
        () => false,
      );
    });
  }

  /** Asterisk went, and the phone's socket with it. */
  loseNetwork(): void {
    this.#phone?.destroySocket();
    this.#phone = null;
  }
}
