// What the thin strip says: what is gone, since when, and what still works. Pure, in short sentences.
import { phrase, type Phrase, type PlainKey } from '../i18n/catalogue.ts';
import type { Leaving } from './after-call.ts';

export interface StripInput {
  /** ms on this device's clock; null: there. */
  readonly bridgeGoneSince: number | null;
  readonly phoneGoneSince: number | null;
  /** Unconfirmed changes, and since when (ms on this device's clock) the oldest waits. */
  readonly unsent: { readonly count: number; readonly since: number | null };
  /** AP11. */
  readonly declining: boolean;
  /** AP2: whether this browser keeps anything. */
  readonly kept: boolean;
  /** SE1, SE4: what takes the desk away when the call is over, as known here; null: nothing. */
  readonly waiting: Leaving | null;
  /** SE4: the bridge ends this device's session when the call is over. */
  readonly endsAfterCall: boolean;
  readonly now: number;
}

export type StripKind = 'session' | 'bridge' | 'phone' | 'both' | 'storage';

/** Short breaks heal by themselves before anyone has read of them. */
const WORTH_TELLING_MS = 1_500;
const UNSENT_AFTER_MS = 2_000;

function changes({ unsent, kept, now }: StripInput): Phrase {
  if (!kept) return phrase('strip.notKept');
  const late = unsent.since !== null && now - unsent.since >= UNSENT_AFTER_MS;
  return late ? phrase('strip.unsent', { count: unsent.count }) : phrase('strip.changesKept');
}

const LEAVING = {
  'sign-out': 'strip.signOutWaits',
  over: 'strip.sessionOver',
  outdated: 'strip.outdated',
} as const satisfies Record<Leaving['why'], PlainKey>;

/** The end of the desk is worth more than what else is gone. */
function leaving({ waiting, endsAfterCall }: StripInput): Phrase | null {
  if (waiting) return phrase(LEAVING[waiting.why]);
  return endsAfterCall ? phrase('strip.endsAfterCall') : null;
}

/** Null: nothing is gone. */
export function stripWords(
  input: StripInput,
): { readonly kind: StripKind; readonly words: readonly Phrase[] } | null {
  const { now, declining, kept } = input;
  const end = leaving(input);
  if (end) return { kind: 'session', words: [end] };
  const gone = (since: number | null): number | null =>
    since !== null && now - since >= WORTH_TELLING_MS ? since : null;
  const [bridge, phone] = [gone(input.bridgeGoneSince), gone(input.phoneGoneSince)];
  if (bridge !== null && phone !== null) {
    const time = { at: Math.min(bridge, phone) };
    return {
      kind: 'both',
      words: [phrase('strip.bothGone', { time }), phrase('strip.noCalls'), changes(input)],
    };
  }
  if (bridge !== null) {
    const calls = phrase(declining ? 'strip.callsDeclined' : 'strip.callsRing');
    return {
      kind: 'bridge',
      words: [phrase('strip.bridgeGone', { time: { at: bridge } }), calls, changes(input)],
    };
  }
  if (phone !== null) {
    const gonePhone = phrase('strip.phoneGone', { time: { at: phone } });
    const works = kept ? phrase('strip.changesWork') : phrase('strip.notKept');
    return { kind: 'phone', words: [gonePhone, phrase('strip.noCalls'), works] };
  }
  return kept ? null : { kind: 'storage', words: [phrase('strip.notKept')] };
}
