// PS7: keeps since when things disagree, and has the truth line described each second.
import type { Clock } from '../../domain/clock.ts';
import { reasonWords } from './reasons.ts';
import type { Connection } from './connection.svelte.ts';
import type { Roster } from './roster.svelte.ts';
import type { Self } from './self.svelte.ts';
import type { Session } from './session.svelte.ts';
import type { Ticker } from './ticker.svelte.ts';
import type { AnnounceProblem } from './announcer.ts';
import { asteriskDisagrees, describeTruth, isAsked, reachesSession, type Truth } from './truth.ts';
import type { I18n } from '../i18n/i18n.svelte.ts';

export interface TruthLinePorts {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly roster: Roster;
  readonly self: Self;
  readonly session: Session;
  readonly connection: Connection;
  readonly i18n: I18n;
}

export class TruthLine {
  readonly #ports: TruthLinePorts;
  #asteriskOffSince = $state.raw<number | null>(null);
  #phoneOffSince = $state.raw<number | null>(null);
  #askedSince = $state.raw<number | null>(null);
  #notTaken = $state.raw<AnnounceProblem | null>(null);

  readonly #truth = $derived.by((): Truth => {
    const { ticker, roster, self, session, connection, i18n } = this.#ports;
    const forMs = (since: number | null): number => (since === null ? 0 : Math.max(0, ticker.now - since));
    return describeTruth({
      own: self.own,
      session: session.id,
      bridgeGoneSince: connection.goneSince,
      asterisk: roster.health?.asterisk ?? null,
      asteriskOffForMs: forMs(this.#asteriskOffSince),
      phoneOffForMs: forMs(this.#phoneOffSince),
      askedForMs: forMs(this.#askedSince),
      notTaken: this.#notTaken && { code: this.#notTaken.code, forMs: forMs(this.#notTaken.since) },
      unconfirmed: self.shown.unconfirmed ? self.intent : null,
      personName: (extension) => roster.agents.get(extension)?.name ?? extension,
      reasonName: (status, reason) =>
        reasonWords(
          { reasons: session.config.reasons, language: i18n.language, say: i18n.say },
          { status, reason },
        ),
    });
  });

  constructor(ports: TruthLinePorts) {
    this.#ports = ports;
  }

  get truth(): Truth {
    return this.#truth;
  }

  /** The own view changed. */
  handleOwn(): void {
    const { clock, self, session } = this.#ports;
    const since = (wrong: boolean, before: number | null): number | null =>
      wrong ? (before ?? clock.now()) : null;
    this.#asteriskOffSince = since(asteriskDisagrees(self.own), this.#asteriskOffSince);
    this.#phoneOffSince = since(!reachesSession(self.own, session.id), this.#phoneOffSince);
    this.#askedSince = since(isAsked(self.own), this.#askedSince);
  }

  /** SE2: whether the centre has taken this phone's registration down. */
  handleAnnounced(problem: AnnounceProblem | null): void {
    this.#notTaken = problem;
  }

  reset(): void {
    this.#asteriskOffSince = null;
    this.#phoneOffSince = null;
    this.#askedSince = null;
    this.#notTaken = null;
  }
}
