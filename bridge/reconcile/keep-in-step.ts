// PS2, PS3: carries Asterisk's facts into the roster and what is wanted out to Asterisk, one reconciler per agent.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import type { Person } from '../../domain/roster/record.ts';
import { memberStates } from '../../domain/roster/view.ts';
import { errorFields, type Log } from '../log.ts';
import type { Roster } from '../roster/roster.ts';
import { withMeanwhile } from './meanwhile.ts';
import type { Pbx, PbxFact, PbxSnapshot } from './ports.ts';
import { Reconciler } from './reconciler.ts';

/** ms until a snapshot that failed is asked for again. */
const RESYNC_MS = 1_000;

export interface KeepInStepDeps {
  readonly pbx: Pbx;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  readonly log: Log;
  /** PS3: the extension behind a state interface, null when it is none of ours. */
  readonly extensionOf: (stateInterface: string) => string | null;
  /** Told whenever `ready` changed. */
  readonly onReady: () => void;
}

export class KeepInStep {
  readonly #deps: KeepInStepDeps;
  readonly #reconcilers = new Map<string, Reconciler>();
  readonly #unsubscribe: readonly (() => void)[];
  #ready = false;
  #introduced = false;
  /** Counts snapshots asked for; an answer to an older question is dropped. */
  #round = 0;
  /** What Asterisk told since the newest question, which its answer must not undo; null while none is asked. */
  #meanwhile: PbxFact[] | null = null;
  #retry: Cancel | null = null;

  constructor(deps: KeepInStepDeps) {
    this.#deps = deps;
    const { pbx, roster } = deps;
    this.#unsubscribe = [
      pbx.onFact((fact) => this.#handleFact(fact)),
      pbx.onState((state) => {
        this.#round += 1;
        if (state === 'ready') this.#handleReady();
        else if (this.#ready) this.#loseSight();
      }),
      roster.onChange((now) => this.#reconcilerOf(now.person.extension).kick()),
    ];
    if (pbx.state === 'ready') this.#handleReady();
  }

  /** True from the first snapshot after a (re)connect until Asterisk is out of reach. */
  get ready(): boolean {
    return this.#ready;
  }

  /**
   * A person who was added, or changed, while the bridge ran. Asterisk is made to know the extension; what it then
   * holds of it comes with the snapshot after its `Reload` event.
   */
  async enrol(person: Person): Promise<void> {
    const { roster, pbx, log } = this.#deps;
    if (!roster.enrol(person)) return;
    try {
      await pbx.reloadEndpoints();
    } catch (error) {
      // Away: it will read the rows when it starts.
      log.warn(
        { agent: person.extension, ...errorFields(error) },
        'Asterisk was not told of a new extension',
      );
    }
  }

  /** People may have been added while this bridge was not there to tell Asterisk of them. */
  #introduceOnce(): void {
    if (this.#introduced) return;
    this.#introduced = true;
    const { pbx, log } = this.#deps;
    pbx.reloadEndpoints().catch((error: unknown) => {
      this.#introduced = false;
      log.warn(errorFields(error), 'Asterisk was not told of new extensions');
    });
  }

  stop(): void {
    this.#round += 1;
    this.#ready = false;
    this.#retry?.();
    for (const end of this.#unsubscribe) end();
    for (const reconciler of this.#reconcilers.values()) reconciler.rest();
  }

  /** Asks Asterisk for everything. Until the first answer nothing is sent: what we would compare with is old. */
  resync(): void {
    this.#retry?.();
    this.#round += 1;
    const round = this.#round;
    const { pbx, clock, log } = this.#deps;
    if (pbx.state !== 'ready') return;
    const meanwhile: PbxFact[] = [];
    this.#meanwhile = meanwhile;
    pbx.snapshot().then(
      (snapshot) => {
        if (round === this.#round) this.#take(withMeanwhile(snapshot, meanwhile));
      },
      (error: unknown) => {
        if (round !== this.#round) return;
        log.warn(errorFields(error), 'failed to sync pause state');
        this.#retry = clock.after(RESYNC_MS, () => this.resync());
      },
    );
  }

  #handleReady(): void {
    this.#introduceOnce();
    this.resync();
  }

  #reconcilerOf(agent: string): Reconciler {
    const known = this.#reconcilers.get(agent);
    if (known) return known;
    const { clock, rng, log, policy, pbx, roster } = this.#deps;
    const made = new Reconciler({
      ...{ agent, clock, rng, log, policy },
      isReady: () => this.#ready,
      members: () => {
        const record = roster.get(agent);
        return record ? memberStates(record) : [];
      },
      send: (command) => pbx.pause(command),
    });
    this.#reconcilers.set(agent, made);
    return made;
  }

  #handleFact(fact: PbxFact): void {
    const { roster, clock, extensionOf } = this.#deps;
    this.#meanwhile?.push(fact);
    // Before the first snapshot one fact alone says too little: one contact gone is not the last contact gone.
    if (!this.#ready && fact.type !== 'reloaded') return;
    const at = clock.now();
    switch (fact.type) {
      case 'member': {
        const extension = extensionOf(fact.member.stateInterface);
        if (extension) roster.apply(extension, { type: 'member', member: fact.member, at });
        return;
      }
      case 'member.removed': {
        const extension = extensionOf(fact.stateInterface);
        const { type, queue, interface: iface } = fact;
        if (extension) roster.apply(extension, { type, queue, interface: iface });
        return;
      }
      case 'contact':
        return roster.apply(fact.contact.extension, { type: 'contact', contact: fact.contact, at });
      case 'channel.up':
      case 'channel.ended':
        return roster.apply(fact.extension, { type: fact.type, uniqueId: fact.uniqueId, at });
      case 'reloaded':
        return this.resync();
    }
  }

  /** The whole of Asterisk's word, for every agent, those without anything included. */
  #take(snapshot: PbxSnapshot): void {
    const { roster, clock, extensionOf } = this.#deps;
    const at = clock.now();
    this.#meanwhile = null;
    const members = Map.groupBy(snapshot.members, (member) => extensionOf(member.stateInterface));
    const contacts = Map.groupBy(snapshot.contacts, (contact) => contact.extension);
    const channels = Map.groupBy(snapshot.channels, (channel) => channel.extension);
    for (const { person } of [...roster.all()]) {
      const { extension } = person;
      const up = (channels.get(extension) ?? []).map(
        ({ uniqueId, upForMs }) => [uniqueId, at - upForMs] as const,
      );
      roster.apply(extension, { type: 'channels', up: new Map(up), at });
      roster.apply(extension, { type: 'members', members: members.get(extension) ?? [], at });
      roster.apply(extension, { type: 'contacts', contacts: contacts.get(extension) ?? [], at });
    }
    this.#ready = true;
    this.#deps.onReady();
    for (const { person } of [...roster.all()]) this.#reconcilerOf(person.extension).kick();
  }

  #loseSight(): void {
    const { roster, clock } = this.#deps;
    this.#ready = false;
    this.#deps.onReady();
    for (const reconciler of this.#reconcilers.values()) reconciler.rest();
    const at = clock.now();
    for (const { person } of [...roster.all()]) roster.apply(person.extension, { type: 'sight.lost', at });
  }
}
