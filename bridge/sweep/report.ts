// RG5: what one sweep found, as the health page and the log tell it.
import type { Method, RegistrationState } from '../../domain/registration/evidence.ts';

/** `empty`, and all that follow: the method has no opinion about anybody (RG3). */
export type MethodState = 'answered' | 'empty' | 'failed' | 'timed-out' | 'unsupported';

export interface MethodReport {
  readonly method: Method;
  readonly state: MethodState;
  readonly tookMs: number;
  /** How many of our people it thinks that of. */
  readonly registered: number;
  readonly unregistered: number;
  readonly unknown: number;
  /** An error code; null when it answered. */
  readonly problem: string | null;
}

export interface ReportedDisagreement {
  readonly extension: string;
  /** ms; when it was seen first. */
  readonly since: number;
  readonly verdict: RegistrationState;
  readonly by: Method;
  readonly opinions: { method: Method; verdict: RegistrationState }[];
}

export interface RegistrationChange {
  readonly extension: string;
  readonly from: RegistrationState;
  readonly to: RegistrationState;
  readonly by: Method;
}

/** Asterisk came into sight · five minutes are over · somebody asked. */
export type SweepCause = 'start' | 'cron' | 'demand';

/** Its arrays are the reader's own. */
export interface SweepReport {
  /** ms; when the methods were asked. */
  readonly at: number;
  readonly cause: SweepCause;
  /** ms from asking to the last change taken in; the second look that doubts need is not part of it. */
  readonly tookMs: number;
  /** The most reliable first, as they answered the first look. */
  readonly methods: MethodReport[];
  /** RG5: those older than 2 s. */
  readonly disagreements: ReportedDisagreement[];
  readonly changes: RegistrationChange[];
}

/** Since the bridge started. */
export interface SweepTotals {
  readonly sweeps: number;
  /** Each counted once, however many sweeps saw it. */
  readonly disagreements: number;
}
