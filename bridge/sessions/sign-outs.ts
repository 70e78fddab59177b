// SE4, WR4: one of an agent's devices signed out, or all of them, by the person or by somebody who oversees.
import { oversees } from '../../domain/access/rules.ts';
import { devicesOf } from '../../domain/roster/devices.ts';
import type { AgentRecord, Person } from '../../domain/roster/record.ts';
import { errorFields, type Log } from '../log.ts';
import type { Pbx } from '../reconcile/ports.ts';
import type { Roster } from '../roster/roster.ts';
import type { AfterCall } from './after-call.ts';
import { DONE, refusal, type Contacts, type Outcome } from './contacts.ts';
import type { Endings } from './endings.ts';
import type { EndReason, OpenSession, SessionStore } from './ports.ts';
import type { Registry } from './registry.ts';

export interface SignOutDeps {
  readonly registry: Registry;
  readonly roster: Roster;
  readonly store: Pick<SessionStore, 'sealOrphans'>;
  readonly endings: Pick<Endings, 'end'>;
  readonly afterCall: Pick<AfterCall, 'end'>;
  readonly contacts: Pick<Contacts, 'expireContact'>;
  readonly pbx: Pick<Pbx, 'hangUp'>;
  readonly log: Log;
}

export interface DeviceOrder {
  readonly agent: string;
  /** As `devicesOf` names it. */
  readonly device: string;
  readonly hangUp: boolean;
}

export type AgentOrder = Omit<DeviceOrder, 'device'>;

export class SignOuts {
  readonly #deps: SignOutDeps;

  constructor(deps: SignOutDeps) {
    this.#deps = deps;
  }

  /** Own, or of somebody overseen. Rejects with StoreError when a waiting sign-out could not be stored. */
  async signOutDevice(actor: Person, { agent, device: id, hangUp }: DeviceOrder): Promise<Outcome> {
    const { roster, registry, contacts } = this.#deps;
    const record = roster.get(agent);
    if (!record) return refusal('unknown-agent');
    if (actor.extension !== agent && !oversees(actor, record.person)) return refusal('forbidden');
    const device = devicesOf(record).find((one) => one.id === id);
    if (!device) return refusal('unknown-device');
    const session = device.session === null ? null : registry.get(device.session);
    // Which session a contact names its phone chose: one of another agent is not this device's.
    if (session?.extension === agent) await this.#end(actor, record, [session], hangUp);
    // A desk phone, or what is left of a session that is over: taking the contact away ends no call.
    else await contacts.expireContact(agent, id);
    return DONE;
  }

  /** All sessions of somebody overseen. Rejects as `signOutDevice` does. */
  async signOutAgent(actor: Person, { agent, hangUp }: AgentOrder): Promise<Outcome> {
    const { roster, registry, store } = this.#deps;
    const record = roster.get(agent);
    if (!record) return refusal('unknown-agent');
    if (!oversees(actor, record.person)) return refusal('forbidden');
    if (!registry.isSignedIn(agent)) return refusal('not-signed-in');
    await store.sealOrphans(agent, 'signed out by supervisor');
    // Looked up after the sealing: one that was opened again just before it is among them.
    await this.#end(actor, record, registry.of(agent), hangUp);
    return DONE;
  }

  async #end(
    { extension: by }: Person,
    record: AgentRecord,
    sessions: readonly OpenSession[],
    hangUp: boolean,
  ): Promise<void> {
    const { endings, afterCall, log } = this.#deps;
    const { extension: agent } = record.person;
    const why: EndReason = by === agent ? 'signed out' : 'signed out by supervisor';
    log.info({ agent, by, devices: sessions.length, hangUp }, 'sign-out asked for');
    if (hangUp) await this.#hangUp(record);
    for (const session of sessions) {
      if (hangUp) await endings.end(session, by === agent ? { why } : { why, by });
      else await afterCall.end(session, { why, by });
    }
  }

  /** A call that could not be ended goes on as it does when its page is closed. */
  async #hangUp({ channels, person }: AgentRecord): Promise<void> {
    const { pbx, log } = this.#deps;
    if (channels.size === 0) return;
    try {
      await pbx.hangUp([...channels.keys()]);
    } catch (error) {
      log.warn({ agent: person.extension, ...errorFields(error) }, 'a call was not hung up');
    }
  }
}
