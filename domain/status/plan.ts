// PS2, PS3: what to tell Asterisk so that what it holds becomes what we want. Pure; the reconciler runs it.
import type { WantedPause } from './wanted.ts';

/** A queue member as Asterisk names it: commands use its own Interface and Queue (PS3). */
export interface MemberKey {
  readonly queue: string;
  readonly interface: string;
}

/** What Asterisk last reported; written from nothing else. */
export interface ObservedPause {
  readonly paused: boolean;
  readonly reason: string;
  /** ms; when Asterisk reported it. */
  readonly at: number;
}

export interface MemberState extends MemberKey {
  readonly wanted: WantedPause;
  /** null: not known (Asterisk out of reach since). */
  readonly observed: ObservedPause | null;
}

export interface PauseCommand extends MemberKey {
  readonly paused: boolean;
  /** Empty with an unpause: Asterisk clears the reason itself. */
  readonly reason: string;
}

/** An unpaused member's old reason means nothing; a paused one's must be ours. */
export function agrees(wanted: WantedPause, observed: ObservedPause | null): boolean {
  if (wanted === null) return true;
  if (observed === null || observed.paused !== wanted.paused) return false;
  return !wanted.paused || observed.reason === wanted.reason;
}

/** Empty when all members agree: a repeated pause would reset Asterisk's own pause time. */
export function planPause(members: readonly MemberState[]): readonly PauseCommand[] {
  return members.flatMap(({ queue, interface: iface, wanted, observed }) =>
    wanted === null || agrees(wanted, observed)
      ? []
      : [{ queue, interface: iface, paused: wanted.paused, reason: wanted.paused ? wanted.reason : '' }],
  );
}
