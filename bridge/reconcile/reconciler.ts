// PS2: makes Asterisk hold the wanted pause for one agent. Never fire and forget: a command is over when Asterisk reports
// what was asked, or its time is up; then the plan is made anew from what is wanted and observed at that moment.
//
//   agreed ──plan──▶ in flight ──report as asked──▶ agreed
//                        │ 1 s, or refused
//                        ▼
//                    backing off ──delay, or wanted changed──▶ (plan)
import type { Cancel, Clock, Rng } from '../../domain/clock.ts';
import type { ReconnectPolicy } from '../../domain/connection/reconnect.ts';
import {
  agrees,
  planPause,
  type MemberKey,
  type MemberState,
  type PauseCommand,
} from '../../domain/status/plan.ts';
import { errorFields, type Log } from '../log.ts';

/** PS4: a command is in flight until its report, or this long. */
export const IN_FLIGHT_MS = 1_000;

export interface ReconcilerDeps {
  readonly agent: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly policy: ReconnectPolicy;
  isReady(): boolean;
  members(): readonly MemberState[];
  send(command: PauseCommand): Promise<void>;
}

interface Flight {
  readonly command: PauseCommand;
  readonly cancel: Cancel;
}

const keyOf = ({ queue, interface: iface }: MemberKey): string => `${queue}\n${iface}`;

const sameCommand = (a: PauseCommand, b: PauseCommand): boolean =>
  a.paused === b.paused && a.reason === b.reason;

const asWanted = ({ paused, reason }: PauseCommand) =>
  paused ? { paused: true as const, reason } : { paused: false as const };

export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #flights = new Map<string, Flight>();
  #failures = 0;
  #failingSince = 0;
  #backoff: { readonly cancel: Cancel; readonly wanted: string } | null = null;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /** Something wanted or observed changed: plan again. */
  kick(): void {
    if (!this.#deps.isReady()) return;
    const members = this.#deps.members();
    this.#landReported(members);
    // Latest wanted wins: a new wish does not wait for the back-off of an old one.
    if (this.#backoff && this.#backoff.wanted === wantedOf(members)) return;
    this.#endBackoff();
    const plan = planPause(members);
    if (plan.length === 0 && this.#flights.size === 0) this.#failures = 0;
    for (const command of plan) {
      const flying = this.#flights.get(keyOf(command));
      if (!flying || !sameCommand(flying.command, command)) this.#launch(command);
    }
  }

  /** Asterisk is out of reach: nothing is in flight any more, nothing is sent until `kick`. */
  rest(): void {
    for (const key of [...this.#flights.keys()]) this.#land(key);
    this.#endBackoff();
    this.#failures = 0;
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
  #landReported(members: readonly MemberState[]): void {
    const byKey = new Map(members.map((member) => [keyOf(member), member]));
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
    const key = keyOf(command);
    this.#land(key);
    const late = (): void => this.#fail(command, new Error('Asterisk did not report it within 1 s'));
    this.#flights.set(key, { command, cancel: this.#deps.clock.after(IN_FLIGHT_MS, late) });
    this.#deps.send(command).catch((error: unknown) => this.#fail(command, error));
  }

  #fail(command: PauseCommand, error: unknown): void {
    const key = keyOf(command);
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

const wantedOf = (members: readonly MemberState[]): string =>
  JSON.stringify(members.map(({ wanted }) => wanted));
