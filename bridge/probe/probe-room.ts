// RG12: asks each agent's devices whether they can be rung, by the machine in inquiry.ts: over the socket, and by Asterisk.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { reachOf } from '../../domain/registration/evidence.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import { errorFields, type Log } from '../log.ts';
import type { Pbx } from '../reconcile/ports.ts';
import type { Roster } from '../roster/roster.ts';
import * as machine from './inquiry.ts';
import type { Inquiry, Situation, Step } from './inquiry.ts';
import type { Presence } from './presence.ts';
import { createQuestions, type Questions } from './questions.ts';
import { createRoundTrips, measuredBetween, type Measured, type RoundTrips } from './round-trips.ts';

/** ms after a question in which a phone that is there has answered Asterisk. */
export const MEASURED_AFTER_MS = 150;

export interface ProbeMessage {
  readonly type: 'probe';
  readonly nonce: string;
}

export interface ProbeRoomDeps {
  readonly roster: Roster;
  /** Gives the nonce to every page of that session. */
  readonly hub: { tellSession(session: string, message: ProbeMessage): unknown };
  readonly presence: Presence;
  readonly pbx: Pick<Pbx, 'qualify' | 'roundTrips'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Cannot be guessed. */
  readonly newNonce: () => string;
}

interface Asked {
  inquiry: Inquiry;
  nonce: string;
  /** What Asterisk had measured before the question. */
  before: Promise<Measured> | null;
  timer: Cancel | null;
}

export class ProbeRoom {
  readonly #deps: ProbeRoomDeps;
  readonly #roundTrips: RoundTrips;
  readonly #questions: Questions;
  readonly #agents = new Map<string, Asked>();
  readonly #timers = new Set<Cancel>();
  readonly #unsubscribe: () => void;

  constructor(deps: ProbeRoomDeps) {
    this.#deps = deps;
    const { roster, presence } = deps;
    this.#roundTrips = createRoundTrips(deps);
    this.#questions = createQuestions(deps.pbx);
    this.#unsubscribe = roster.onChange(({ person }) => this.#look(person.extension));
    presence.onChange((extension, session, came) => this.#handlePage(extension, session, came));
    for (const { person } of roster.all()) this.#look(person.extension);
  }

  /** The page of `session` tells that Asterisk's question arrived. */
  seen(extension: string, session: string, nonce: string): void {
    const asked = this.#asked(extension);
    const situation = this.#situation(extension);
    if (!situation || asked.nonce !== nonce) return;
    this.#keep(extension, machine.seen(asked.inquiry, situation, session));
  }

  /** Asks now, whatever was known. Resolves when Asterisk took the question, rejects when it did not. */
  demand(extension: string): Promise<void> {
    return this.#doubt(extension);
  }

  stop(): void {
    this.#unsubscribe();
    for (const { timer } of this.#agents.values()) timer?.();
    for (const cancel of this.#timers) cancel();
    this.#agents.clear();
  }

  #asked(extension: string): Asked {
    const known = this.#agents.get(extension);
    if (known) return known;
    const made: Asked = { inquiry: machine.NEVER_ASKED, nonce: '', before: null, timer: null };
    this.#agents.set(extension, made);
    return made;
  }

  #situation(extension: string): Situation | null {
    const record = this.#deps.roster.get(extension);
    return record ? situationOf(record, this.#deps.presence.pagesOf(extension)) : null;
  }

  #look(extension: string): void {
    const situation = this.#situation(extension);
    if (!situation) return;
    const { inquiry } = this.#asked(extension);
    this.#go(extension, machine.look(inquiry, situation, this.#deps.clock.now())).catch(() => undefined);
  }

  /** A page that is back proves its device anew: what was proven was another page's. */
  #handlePage(extension: string, session: string, came: boolean): void {
    const situation = this.#situation(extension);
    const own = situation?.contacts.some((contact) => contact.session === session);
    if (!came || !own || situation?.status === 'OFFLINE') return this.#look(extension);
    this.#doubt(extension).catch(() => undefined);
  }

  async #doubt(extension: string): Promise<void> {
    const situation = this.#situation(extension);
    if (!situation) return;
    const { inquiry } = this.#asked(extension);
    await this.#go(extension, machine.doubt(inquiry, situation, this.#deps.clock.now()));
  }

  async #go(extension: string, { inquiry, ask }: Step): Promise<void> {
    this.#keep(extension, inquiry);
    if (ask) await this.#ask(extension, ask === 'anew');
  }

  /** The record is told before anybody is asked: an answer must find the question in it. */
  #keep(extension: string, inquiry: Inquiry): void {
    const { roster, log } = this.#deps;
    const asked = this.#asked(extension);
    const was = asked.inquiry.probe;
    if (asked.inquiry === inquiry) return this.#wakeLater(extension);
    asked.inquiry = inquiry;
    if (roster.get(extension)?.probe !== inquiry.probe)
      roster.apply(extension, { type: 'probe', probe: inquiry.probe });
    if (inquiry.probe === 'silent' && was !== 'silent')
      log.warn({ agent: extension }, 'phone does not answer');
    this.#wakeLater(extension);
  }

  #wakeLater(extension: string): void {
    const { clock } = this.#deps;
    const asked = this.#asked(extension);
    asked.timer?.();
    asked.timer = null;
    const situation = this.#situation(extension);
    const at = situation && machine.nextLookAt(asked.inquiry, situation);
    if (at === null) return;
    asked.timer = clock.after(at - clock.now(), () => {
      asked.timer = null;
      this.#look(extension);
    });
  }

  async #ask(extension: string, anew: boolean): Promise<void> {
    const { hub, presence, newNonce, log, clock } = this.#deps;
    const asked = this.#asked(extension);
    const situation = this.#situation(extension);
    if (!situation) return;
    if (anew) Object.assign(asked, { nonce: newNonce(), before: null });
    const { nonce } = asked;
    const here = new Set(situation.contacts.map(({ session }) => session));
    for (const session of presence.pagesOf(extension))
      if (here.has(session)) hub.tellSession(session, { type: 'probe', nonce });
    // On one connection Asterisk answers in order: what it lists was measured before it asks.
    const measurable = machine.measurable(situation).length > 0;
    if (measurable) asked.before ??= this.#roundTrips.of(extension);
    asked.before?.catch(() => undefined);
    try {
      await this.#questions.put(extension);
    } catch (error) {
      log.warn({ agent: extension, ...errorFields(error) }, 'the phone could not be asked');
      throw error;
    }
    if (asked.nonce !== nonce) return;
    if (measurable && asked.before) this.#measureLater(extension, nonce, asked.before);
    asked.inquiry = machine.taken(asked.inquiry, clock.now());
    this.#wakeLater(extension);
  }

  #measureLater(extension: string, nonce: string, before: Promise<Measured>): void {
    const cancel = this.#deps.clock.after(MEASURED_AFTER_MS, () => {
      this.#timers.delete(cancel);
      this.#takeMeasured(extension, nonce, before).catch(() => undefined);
    });
    this.#timers.add(cancel);
  }

  async #takeMeasured(extension: string, nonce: string, before: Promise<Measured>): Promise<void> {
    const after = await this.#roundTrips.of(extension);
    const uris = measuredBetween(await before, after);
    const asked = this.#asked(extension);
    const situation = this.#situation(extension);
    if (situation && asked.nonce === nonce)
      this.#keep(extension, machine.measured(asked.inquiry, situation, uris));
  }
}

function situationOf(record: AgentRecord, pages: ReadonlySet<string>): Situation {
  const { folded, probe, registration, contacts } = record;
  const reach = registration.state === 'unknown' ? null : reachOf(registration);
  return {
    ...{ status: folded.intent.status, probe, pages },
    sight: reach === 'reachable' || reach === 'reconnecting' ? reach : 'none',
    contacts: contacts.filter(({ reachable }) => reachable),
  };
}
