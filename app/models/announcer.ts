// SE2: after each registration the centre is told which contact this session has, until it has taken it down or the
// registration is gone. Whatever it answers, the telephone goes on as it is.
//
//   idle --registered--> telling --taken down, refused for good--> idle
//   telling --not yet, no answer--> waiting --delay--> telling
//   any --registration gone--> idle
import { asAppError, type ErrorCode } from './app-error.ts';
import { Backoff, type BackoffPorts } from './backoff.ts';

export interface AnnounceProblem {
  readonly code: ErrorCode;
  /** ms on this device's clock: when it was told first. */
  readonly since: number;
}

export interface AnnouncerPorts extends BackoffPorts {
  /** Tells once; rejects with `AppError`. */
  readonly tell: (contactUri: string) => Promise<void>;
  /** Null: the centre has taken it down, or nothing is to be told. */
  readonly onProblem: (problem: AnnounceProblem | null) => void;
}

/** Waiting cures these although the bridge refused. */
const NOT_YET: readonly ErrorCode[] = ['not-registered', 'too-fast', 'too-many-attempts'];
/** Whoever answers so has no use for it, or ends the session by other means. */
const NOT_OURS: readonly ErrorCode[] = ['not-found', 'unauthorised', 'session-ended'];

export class Announcer {
  readonly #ports: AnnouncerPorts;
  readonly #backoff: Backoff;
  #round = 0;
  #since = 0;

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports;
    this.#backoff = new Backoff(ports);
  }

  handleRegistered(contactUri: string): void {
    this.#begin();
    void this.#tell(contactUri);
  }

  handleGone(): void {
    this.#begin();
  }

  #begin(): void {
    this.#round += 1;
    this.#backoff.reset();
    this.#since = this.#ports.clock.now();
    this.#ports.onProblem(null);
  }

  async #tell(contactUri: string): Promise<void> {
    const mine = this.#round;
    const { tell, onProblem } = this.#ports;
    try {
      await tell(contactUri);
      if (mine === this.#round) onProblem(null);
    } catch (error) {
      if (mine !== this.#round) return;
      const { code, retryable } = asAppError(error);
      onProblem(NOT_OURS.includes(code) ? null : { code, since: this.#since });
      if (retryable || NOT_YET.includes(code)) this.#backoff.again(() => void this.#tell(contactUri));
    }
  }
}
