// PS2, PS3: carries Asterisk's facts into the roster and what is wanted out to Asterisk, one reconciler per agent.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import type { Member, Person } from '../../domain/roster/record.ts';
import { memberStates } from '../../domain/roster/view.ts';
import { errorFields, type Log } from '../log.ts';
import type { OwnEntries } from '../roster/own-entries.ts';
import type { Roster } from '../roster/roster.ts';
import { createDriftReport, type DriftReport } from './drift-report.ts';
import { withMeanwhile } from './meanwhile.ts';
import { MemberDoubts, type MemberState } from './member-doubts.ts';
import type { Pbx, PbxContact, PbxFact, PbxMember, PbxSnapshot } from './ports.ts';
import { Reconciler } from './reconciler.ts';
import { recordForeign } from './record-foreign.ts';

/** ms until a snapshot that failed is asked for again. */
const RESYNC_MS = 1_000;

/**
 * ms between two looks at everything. Some changes are told by nothing at all: members that left with a `queue reload`,
 * reasons it lost, reasons changed by SQL (asterisk/README.md, measured).
 */
export const LOOK_EVERY_MS = 60_000;

/** ms after which a desk phone that came is asked for by name. */
const NAME_AFTER_MS = 500;

export interface KeepInStepDeps {
  readonly pbx: Pbx;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly policy: ReconnectPolicy;
  readonly log: Log;
  /** PS3: the extension behind a state interface, null when it is none of ours. */
  readonly extensionOf: (stateInterface: string) => string | null;
  /** PS4: where changes from Asterisk's side go; only those of people who are signed in. */
  readonly entries: Pick<OwnEntries, 'adopted' | 'held' | 'step'>;
  readonly isSignedIn: (extension: string) => boolean;
  /** PS4: what Asterisk held otherwise than wanted; several at once after a reconnect. */
  readonly onDrift: (drifts: readonly QueueDrift[]) => void;
  /** Told whenever `ready` changed. */
  readonly onReady: () => void;
}

export class KeepInStep {
  readonly #deps: KeepInStepDeps;
  readonly #reconcilers = new Map<string, Reconciler>();
  readonly #doubts: MemberDoubts;
  readonly #drift: DriftReport;
  readonly #unsubscribe: readonly (() => void)[];
  #ready = false;
  #introduced = false;
  /** Counts snapshots asked for; an answer to an older question is dropped. */
  #round = 0;
  /** What Asterisk told since the newest question, which its answer must not undo; null while none is asked. */
  #meanwhile: PbxFact[] | null = null;
  /** The next look at everything: soon after one that failed, else when it is time. */
  #retry: Cancel | null = null;
  #naming: Cancel | null = null;

  constructor(deps: KeepInStepDeps) {
    this.#deps = deps;
    const { pbx, roster, clock, log } = deps;
    this.#drift = createDriftReport({ clock, log, onDrift: deps.onDrift });
    this.#doubts = new MemberDoubts({
      ...{ clock, log },
      isKnown: (state) => this.#memberLike(state)?.observed?.paused === state.paused,
      ask: (queue) => pbx.queueMembers(queue),
      onAnswer: (queue, members, askedAt) => this.#takeQueue(queue, members, askedAt),
    });
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
    this.#naming?.();
    for (const end of this.#unsubscribe) end();
    this.#doubts.drop();
    this.#drift.stop();
    for (const reconciler of this.#reconcilers.values()) reconciler.rest();
  }

  /** Asks Asterisk for everything. Until the first answer nothing is sent: what we would compare with is old. */
  resync(): void {
    for (const reconciler of this.#reconcilers.values()) reconciler.unsettle();
    this.#ask();
  }

  /** Asks for everything out of turn; nothing known is doubted meanwhile. */
  look(): void {
    this.#ask();
  }

  /** Without a reason to doubt what is known changes from Asterisk's side go on being judged meanwhile (PS4). */
  #ask(): void {
    this.#retry?.();
    this.#round += 1;
    const round = this.#round;
    const { pbx, clock, log } = this.#deps;
    if (pbx.state !== 'ready') return;
    const meanwhile: PbxFact[] = [];
    this.#meanwhile = meanwhile;
    pbx.snapshot().then(
      (snapshot) => {
        if (round === this.#round) this.#take(withMeanwhile(snapshot, meanwhile), meanwhile);
      },
      (error: unknown) => {
        if (round !== this.#round) return;
        log.warn(errorFields(error), 'failed to sync pause state');
        this.#retry = clock.after(RESYNC_MS, () => this.#ask());
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
      wish: () => roster.get(agent)?.folded.intent.entry ?? null,
      send: (command) => pbx.pause(command),
      mayAdopt: () => this.#deps.isSignedIn(agent) && roster.get(agent)?.registration.state === 'registered',
      record: (judgement) => recordForeign(agent, judgement, this.#deps),
      onDrift: (drift) => this.#drift.tell(agent, drift),
      setContested: ({ queue, interface: iface }, since) =>
        roster.apply(agent, { type: 'member.contested', queue, interface: iface, since }),
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
        if (extension) this.#handleMember(extension, fact, at);
        return;
      }
      case 'member.state':
        return this.#doubts.handleState(fact);
      case 'member.removed': {
        const extension = extensionOf(fact.stateInterface);
        const { type, queue, interface: iface } = fact;
        if (extension) roster.apply(extension, { type, queue, interface: iface });
        return;
      }
      case 'contact':
        roster.apply(fact.contact.extension, { type: 'contact', contact: fact.contact, at });
        return this.#nameLater(fact.contact);
      case 'channel.up':
      case 'channel.ended':
        return roster.apply(fact.extension, { type: fact.type, uniqueId: fact.uniqueId, at });
      case 'reloaded':
        return this.resync();
    }
  }

  /** RG9: only the list says what a desk phone is; a session has a label. One look for all that come together. */
  #nameLater({ extension, uri }: PbxContact): void {
    const { roster, clock } = this.#deps;
    const known = roster.get(extension)?.contacts.find((one) => one.uri === uri);
    if (!known?.reachable || known.session !== null || known.userAgent !== null) return;
    this.#naming ??= clock.after(NAME_AFTER_MS, () => {
      this.#naming = null;
      this.#ask();
    });
  }

  /** A pause may be somebody else's doing, which has to be judged before it is put right. */
  #handleMember(extension: string, { told, member }: PbxFact & { type: 'member' }, at: number): void {
    const reconciler = this.#reconcilerOf(extension);
    if (told === 'paused') reconciler.handleReport(member);
    this.#deps.roster.apply(extension, { type: 'member', member, at });
    reconciler.kick();
  }

  /** The member of one of our people with that queue and interface. */
  #memberLike(state: Pick<MemberState, 'queue' | 'interface'>): Member | null {
    for (const { members } of this.#deps.roster.all()) {
      const found = members.find((one) => one.queue === state.queue && one.interface === state.interface);
      if (found) return found;
    }
    return null;
  }

  /** One queue's members, asked for because something was told that nobody explained. */
  #takeQueue(queue: string, members: readonly PbxMember[], askedAt: number): void {
    if (!this.#ready) return;
    const { roster, extensionOf } = this.#deps;
    for (const member of members) {
      const extension = extensionOf(member.stateInterface);
      const known = this.#memberLike(member);
      const newer = (known?.observed?.at ?? 0) >= askedAt;
      const same = known?.observed?.paused === member.paused && known.observed.reason === member.reason;
      if (!extension || newer || same) continue;
      this.#handleMember(extension, { type: 'member', told: known ? 'paused' : 'added', member }, askedAt);
    }
    const listed = new Set(members.map((member) => member.interface));
    for (const { person, members: had } of [...roster.all()]) {
      for (const { interface: iface } of had.filter(
        (one) => one.queue === queue && !listed.has(one.interface),
      ))
        roster.apply(person.extension, { type: 'member.removed', queue, interface: iface });
    }
  }

  /** The whole of Asterisk's word, for every agent, those without anything included. */
  #take(snapshot: PbxSnapshot, meanwhile: readonly PbxFact[]): void {
    const { roster, clock, extensionOf } = this.#deps;
    const at = clock.now();
    this.#meanwhile = null;
    const members = Map.groupBy(snapshot.members, (member) => extensionOf(member.stateInterface));
    const contacts = snapshot.contacts && Map.groupBy(snapshot.contacts, (contact) => contact.extension);
    const channels = Map.groupBy(snapshot.channels, (channel) => channel.extension);
    for (const { person } of [...roster.all()]) {
      const { extension } = person;
      const up = (channels.get(extension) ?? []).map(
        ({ uniqueId, upForMs }) => [uniqueId, at - upForMs] as const,
      );
      roster.apply(extension, { type: 'channels', up: new Map(up), at });
      roster.apply(extension, { type: 'members', members: members.get(extension) ?? [], at });
      // RG3, RG4: without a list nobody changes here; the sweep that follows `ready` asks the other methods.
      if (contacts)
        roster.apply(extension, { type: 'contacts', contacts: contacts.get(extension) ?? [], at });
      else if (!this.#ready) roster.apply(extension, { type: 'contacts.forgotten' });
    }
    // The first phones to come back after a start of Asterisk do so while it is asked.
    for (const fact of contacts ? [] : meanwhile)
      if (fact.type === 'contact')
        roster.apply(fact.contact.extension, { type: 'contact', contact: fact.contact, at });
    this.#ready = true;
    this.#deps.onReady();
    this.#retry = clock.after(LOOK_EVERY_MS, () => this.#ask());
    for (const { person } of [...roster.all()]) this.#reconcilerOf(person.extension).handleSnapshot();
  }

  #loseSight(): void {
    const { roster, clock } = this.#deps;
    this.#ready = false;
    this.#retry?.();
    this.#deps.onReady();
    this.#doubts.drop();
    for (const reconciler of this.#reconcilers.values()) reconciler.rest();
    const at = clock.now();
    for (const { person } of [...roster.all()]) roster.apply(person.extension, { type: 'sight.lost', at });
  }
}
