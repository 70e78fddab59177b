// PS2: makes Asterisk hold the wanted pause for one agent. Never fire and forget: a command is over when Asterisk reports
// what was asked, or its time is up; then the plan is made anew from what is wanted and observed at that moment.
//
//   unsettled --snapshot--> (plan) ──nothing to do──▶ settled
//   settled ──plan──▶ in flight ──report as asked──▶ settled
//                        │ 1 s, or refused
//                        ▼
//                    backing off ──delay, or wanted changed──▶ (plan)
//
// Foreign changes are judged (PS4) only while settled and nothing is in flight; else what differs is drift and repaired.
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import type { ForeignReport, JudgedMember, Judgement } from '../../domain/status/foreign.ts';
import { agrees, planPause, type MemberKey, type PauseCommand } from '../../domain/status/plan.ts';
import { errorFields, type Log } from '../log.ts';
import { Echoes, memberKey } from './echoes.ts';
import { ForeignChanges } from './foreign-changes.ts';
import { wasRefused } from './ports.ts';
import { Repairs } from './repairs.ts';

/** PS4: a command is in flight until its report, or this long. */
export const IN_FLIGHT_MS = 1_000;

/** A member as the reconciler sees it. */
export interface ReconciledMember extends JudgedMember {
  readonly contestedSince: number | null;
}

export interface ReconcilerDeps {
  readonly agent: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly policy: ReconnectPolicy;
  isReady(): boolean;
  members(): readonly ReconciledMember[];
  /** Names the wish in force: changes with every choice, also with one that wants the same pause. */
  wish(): string | null;
  send(command: PauseCommand): Promise<void>;
  /** PS4: whether a change from Asterisk's side may be taken for the agent's: signed in and reachable. */
  mayAdopt(): boolean;
  record(judgement: Judgement): Promise<void>;
  /** PS2, PS4: a member differed from what is wanted without anybody here having changed that. */
  onDrift(drift: { readonly member: ReconciledMember; readonly contested: boolean }): void;
  /** `since` in ms, null: not contested any more. */
  setContested(member: MemberKey, since: number | null): void;
}

interface Flight {
  readonly command: PauseCommand;
  readonly cancel: Cancel;
}

/** How a member stands to the pause that is wanted of it. */
interface Standing {
  readonly wanted: string;
  readonly state: 'agreed' | 'changing' | 'repairing';
}

const sameCommand = (a: PauseCommand, b: PauseCommand): boolean =>
  a.paused === b.paused && a.reason === b.reason;

const asWanted = ({ paused, reason }: PauseCommand) =>
  paused ? { paused: true as const, reason } : { paused: false as const };

const isAgreed = (member: ReconciledMember): boolean => agrees(member.wanted, member.observed);

export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #flights = new Map<string, Flight>();
  readonly #standings = new Map<string, Standing>();
  readonly #echoes = new Echoes();
  readonly #repairs: Repairs;
  readonly #foreign: ForeignChanges;
  #settled = false;
  /** A snapshot was asked for and has not been taken in yet. */
  #awaiting = true;
  #wish: string | null = null;
  #failures = 0;
  #failingSince = 0;
  #backoff: { readonly cancel: Cancel; readonly wanted: string } | null = null;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#repairs = new Repairs(deps.clock);
    this.#foreign = new ForeignChanges({
      clock: deps.clock,
      members: () => deps.members(),
      record: (judgement) => this.#record(judgement),
      onOver: () => this.kick(),
    });
  }

  /** Asterisk told of a pause or unpause, which the picture does not hold yet. */
  handleReport(report: ForeignReport): void {
    if (!this.#deps.isReady() || this.#echoes.take(report)) return;
    // Where nothing is wanted nothing is judged either; PS4: while we change things ourselves what differs is drift.
    const member = this.#deps.members().find((one) => memberKey(one) === memberKey(report));
    if (!member || member.wanted === null || !this.#mayJudge()) return this.#foreign.drop();
    this.#foreign.handleReport(report);
  }

  /** Something wanted or observed changed: plan again. */
  kick(): void {
    if (!this.#deps.isReady()) return;
    this.#heedWish();
    const members = this.#deps.members();
    this.#landReported(members);
    const due = members.filter((member) => this.#isDue(member));
    // Latest wanted wins: a new wish does not wait for the back-off of an old one.
    if (this.#backoff && this.#backoff.wanted === wantedOf(members)) return;
    this.#endBackoff();
    const plan = planPause(due);
    if (plan.length === 0 && this.#flights.size === 0) {
      this.#failures = 0;
      this.#settled ||= !this.#awaiting && members.every(({ wanted }) => wanted !== null);
    }
    for (const command of plan) {
      const flying = this.#flights.get(memberKey(command));
      if (!flying || !sameCommand(flying.command, command)) this.#launch(command);
    }
  }

  /** All is asked for anew: until that was looked at and put right, what differs is drift (PS4). */
  unsettle(): void {
    this.#settled = false;
    this.#awaiting = true;
    this.#foreign.drop();
    this.#repairs.clear();
    for (const member of this.#deps.members()) this.#leaveAlone(member, null);
  }

  /** What was asked for is in the picture. */
  handleSnapshot(): void {
    this.#awaiting = false;
    this.kick();
  }

  /** Asterisk is out of reach: nothing is in flight any more, nothing is sent until `kick`. */
  rest(): void {
    for (const key of [...this.#flights.keys()]) this.#land(key);
    this.#endBackoff();
    this.#echoes.clear();
    this.#failures = 0;
    this.unsettle();
  }

  #mayJudge(): boolean {
    return this.#settled && this.#flights.size === 0 && this.#backoff === null && this.#deps.mayAdopt();
  }

  async #record(judgement: Judgement): Promise<void> {
    if (!this.#deps.isReady() || !this.#mayJudge()) return;
    try {
      await this.#deps.record(judgement);
    } catch (error) {
      const { agent, log } = this.#deps;
      log.warn({ agent, ...errorFields(error) }, 'a change made in Asterisk could not be stored');
    }
  }

  /** A new choice is worth a new try, and what was gathered against the old one is history. */
  #heedWish(): void {
    const wish = this.#deps.wish();
    if (wish === this.#wish) return;
    this.#wish = wish;
    this.#foreign.drop();
    this.#repairs.clear();
    for (const member of this.#deps.members()) this.#leaveAlone(member, null);
  }

  #leaveAlone(member: ReconciledMember, since: number | null): void {
    if ((member.contestedSince === null) !== (since === null)) this.#deps.setContested(member, since);
  }

  /** Whether the member may be put right now; notes how it stands, and tells of drift when that begins. */
  #isDue(member: ReconciledMember): boolean {
    const key = memberKey(member);
    // No opinion: how it stood when there was one still tells drift from a change.
    if (member.wanted === null || this.#foreign.waits(member)) return false;
    const wanted = JSON.stringify(member.wanted);
    if (isAgreed(member)) {
      this.#standings.set(key, { wanted, state: 'agreed' });
      this.#leaveAlone(member, null);
      return false;
    }
    const before = this.#standings.get(key);
    // Nothing known of it yet counts as drift, too: what we find after a start is not what we left.
    const isDrift = before ? before.wanted === wanted : !this.#settled;
    if (!isDrift) {
      this.#standings.set(key, { wanted, state: 'changing' });
      return true;
    }
    if (before && before.state !== 'agreed') return member.contestedSince === null;
    this.#standings.set(key, { wanted, state: 'repairing' });
    if (member.observed === null) return false;
    const contested = !this.#repairs.begin(key);
    this.#deps.onDrift({ member, contested });
    if (contested) this.#leaveAlone(member, this.#deps.clock.now());
    return !contested;
  }

  #land(key: string): void {
    this.#flights.get(key)?.cancel();
    this.#flights.delete(key);
  }

  #endBackoff(): void {
    this.#backoff?.cancel();
    this.#backoff = null;
  }

  /** Flights whose report came are over; a member that is gone needs none. */
  #landReported(members: readonly ReconciledMember[]): void {
    const byKey = new Map(members.map((member) => [memberKey(member), member]));
    for (const [key, { command }] of this.#flights) {
      const member = byKey.get(key);
      if (member && !agrees(asWanted(command), member.observed)) continue;
      this.#land(key);
      if (!member) continue;
      const { queue, reason, paused } = command;
      const fields = { agent: this.#deps.agent, queue, reason };
      this.#deps.log.info(fields, paused ? 'queue member paused' : 'queue member unpaused');
    }
  }

  #launch(command: PauseCommand): void {
    const key = memberKey(command);
    this.#land(key);
    this.#foreign.drop();
    const late = (): void => this.#fail(command, new Error('Asterisk did not report it within 1 s'));
    this.#flights.set(key, { command, cancel: this.#deps.clock.after(IN_FLIGHT_MS, late) });
    this.#echoes.expect(command);
    this.#deps.send(command).catch((error: unknown) => {
      if (wasRefused(error)) this.#echoes.forget(command);
      this.#fail(command, error);
    });
  }

  #fail(command: PauseCommand, error: unknown): void {
    const key = memberKey(command);
    if (this.#flights.get(key)?.command !== command) return;
    this.#land(key);
    const { agent, log, clock } = this.#deps;
    const { queue, paused } = command;
    log.warn(
      { agent, queue, ...errorFields(error) },
      paused ? 'failed to pause in Asterisk' : 'failed to unpause in Asterisk',
    );
    this.#failures += 1;
    if (this.#failures === 1) this.#failingSince = clock.now();
    this.#retryLater();
  }

  #retryLater(): void {
    const { clock, rng, policy } = this.#deps;
    if (this.#backoff || !this.#deps.isReady()) return;
    const downForMs = clock.now() - this.#failingSince;
    const delay = policy.nextDelayMs({ attempt: this.#failures - 1, downForMs, random: rng.next() });
    if (delay === null) return;
    const cancel = clock.after(delay, () => {
      this.#backoff = null;
      this.kick();
    });
    this.#backoff = { cancel, wanted: wantedOf(this.#deps.members()) };
  }
}

const wantedOf = (members: readonly ReconciledMember[]): string =>
  JSON.stringify(members.map(({ wanted }) => wanted));
