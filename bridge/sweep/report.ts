// RG5: what one sweep found, as the health page and the log tell it. The shape is the protocol's.
import type { SweepReport } from '../../domain/protocol/health.ts';

export type { SweepReport } from '../../domain/protocol/health.ts';
export type MethodReport = SweepReport['methods'][number];
/** `empty`, and all that follow: the method has no opinion about anybody (RG3). */
export type MethodState = MethodReport['state'];
export type RegistrationChange = SweepReport['changes'][number];
/** Asterisk came into sight · five minutes are over · somebody asked. */
export type SweepCause = SweepReport['cause'];

/** Since the bridge started. */
export interface SweepTotals {
  readonly sweeps: number;
  /** Each counted once, however many sweeps saw it. */
  readonly disagreements: number;
}
