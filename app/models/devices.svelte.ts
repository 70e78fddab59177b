// RG9, RG12, SE4: the agent's devices, and what may be asked of them. What became of it comes with the own view.
import type { DeviceView } from '../../domain/protocol/views.ts';
import { orderedDevices } from './device-order.ts';
import type { Answer, Asked } from './requests.ts';
import type { Self } from './self.svelte.ts';
import type { Session } from './session.svelte.ts';

/** `check`, or the id of the device that is being signed out. */
type Work = { readonly kind: 'check' } | { readonly kind: 'sign-out'; readonly device: string };
type Refused = Extract<Answer, { ok: false }>['code'];

export interface DevicesPorts {
  readonly self: Self;
  readonly session: Session;
  readonly request: (asked: Asked) => Promise<Answer>;
}

export class Devices {
  readonly #ports: DevicesPorts;
  #work = $state.raw<Work | null>(null);
  #problem = $state.raw<Refused | null>(null);

  readonly #list = $derived.by(() => {
    const { self, session } = this.#ports;
    return orderedDevices(self.own?.detail?.devices ?? [], session.id);
  });

  constructor(ports: DevicesPorts) {
    this.#ports = ports;
  }

  /** This one first. */
  get list(): readonly DeviceView[] {
    return this.#list;
  }

  /** This very device, as the bridge lists it. */
  get own(): DeviceView | null {
    return this.#list.find(({ session }) => session === this.#ports.session.id) ?? null;
  }

  /** Whether Asterisk is being asked to ask the devices. */
  get checking(): boolean {
    return this.#work?.kind === 'check';
  }

  /** Whether that one is being signed out. */
  isLeaving(device: string): boolean {
    return this.#work?.kind === 'sign-out' && this.#work.device === device;
  }

  get busy(): boolean {
    return this.#work !== null;
  }

  /** Why the last request was refused. */
  get problem(): Refused | null {
    return this.#problem;
  }

  async check(): Promise<void> {
    await this.#ask({ kind: 'check' }, { type: 'probe.run' });
  }

  /** Another device than this one; a call there goes on to its end. */
  async signOut(device: string): Promise<void> {
    const { extension: agent } = this.#ports.self;
    await this.#ask({ kind: 'sign-out', device }, { type: 'device.signOut', agent, device, hangUp: false });
  }

  clear(): void {
    this.#work = null;
    this.#problem = null;
  }

  async #ask(work: Work, asked: Asked): Promise<void> {
    if (this.#work) return;
    this.#work = work;
    this.#problem = null;
    const answer = await this.#ports.request(asked);
    if (this.#work !== work) return;
    this.#work = null;
    this.#problem = answer.ok ? null : answer.code;
  }
}
