// PS7: the truth line. A pure function from what the bridge reported to three parts; nothing the desk merely hopes goes in.
import { phrase, type Phrase, type Value } from '../i18n/catalogue.ts';
import type { ErrorCode } from './app-error.ts';
import type { AgentDetail, AgentView, Health } from '../../domain/protocol/views.ts';
import type { Intent } from '../../domain/status/fold.ts';
import { ASTERISK } from '../../domain/status/holds.ts';

export type TruthState = 'ok' | 'off' | 'unknown';

export interface TruthPart {
  readonly state: TruthState;
  readonly words: Phrase;
  /** A plain sentence with what to do or expect, when something disagrees. */
  readonly advice: Phrase | null;
}

export interface Truth {
  readonly you: TruthPart;
  readonly asterisk: TruthPart;
  readonly phone: TruthPart;
}

export interface TruthInput {
  readonly own: AgentView | null;
  /** Our session's id: which of the contacts is this device. */
  readonly session: string;
  /** ms (device clock) since when the bridge is away; null while it is there. */
  readonly bridgeGoneSince: number | null;
  readonly asterisk: Health['asterisk'] | null;
  /** For how long Asterisk and the phone have disagreed with what is wanted, ms; 0: they agree. */
  readonly asteriskOffForMs: number;
  readonly phoneOffForMs: number;
  /** For how long it has been waited for the phone's answer (RG12), ms; 0: it is not. */
  readonly askedForMs: number;
  /** SE2: why the centre has not taken this phone's registration down, and for how long, ms. */
  readonly notTaken: { readonly code: ErrorCode; readonly forMs: number } | null;
  /** A reason as its reader should see it. */
  readonly reasonName: (status: string, reason: string) => string;
  readonly personName: (extension: string) => string;
  /** PS6: what was chosen here and is not confirmed; null: nothing waits. */
  readonly unconfirmed: Pick<Intent, 'status' | 'reason'> | null;
}

/** PS7: a disagreement younger than this is on its way to agreement and not worth a mark. */
export const DISAGREES_AFTER_MS = 2_000;

const ok = (words: Phrase): TruthPart => ({ state: 'ok', words, advice: null });
const unknown = (since: number | null): TruthPart => ({
  state: 'unknown',
  words: since ? phrase('truth.unknownSince', { time: { at: since } }) : phrase('truth.notKnownYet'),
  advice: null,
});
const off = (words: Phrase, advice: Phrase): TruthPart => ({ state: 'off', words, advice });

export const statusPhrase = (status: AgentView['status']): Phrase => ({ key: `status.${status}` });

type Chosen = Pick<Intent, 'status' | 'reason'>;

const chosenWords = ({ status, reason }: Chosen, { reasonName }: TruthInput): Phrase =>
  reason === null
    ? phrase('truth.chosen', { status: statusPhrase(status) })
    : phrase('truth.chosenReason', { status: statusPhrase(status), reason: reasonName(status, reason) });

function you(input: TruthInput, { intent }: AgentDetail): TruthPart {
  const chosen = chosenWords(intent, input);
  if (input.own?.status === 'ON_CALL' && intent.status !== 'ONLINE')
    return ok(phrase('truth.afterCall', { status: statusPhrase(intent.status) }));
  if (intent.cause !== 'supervisor') return ok(chosen);
  return ok(phrase('truth.setBy', { chosen, by: input.personName(intent.actor) }));
}

const MOST_NAMES = 3;

const queueNames = (names: readonly string[]): Value =>
  names.length <= MOST_NAMES ? names.join(', ') : phrase('truth.queueCount', { count: names.length });

/** Queues are named where they differ; else one word says it for all. */
function observedWords(queues: AgentDetail['queues']): Phrase {
  const named = (paused: boolean) =>
    queues.filter(({ observed }) => observed?.paused === paused).map(({ queue }) => queue);
  const [paused, ready] = [named(true), named(false)];
  if (paused.length === 0) return phrase('truth.ready');
  if (ready.length === 0) return phrase('truth.paused');
  return phrase('truth.mixed', { ready: queueNames(ready), paused: queueNames(paused) });
}

type Queue = AgentDetail['queues'][number];

/** PS8: who paused this queue apart from what was chosen, and since when. */
export function holdWords(
  { queue, hold }: Queue,
  { personName }: Pick<TruthInput, 'personName'>,
): Phrase | null {
  if (!hold) return null;
  const { reason, author, since } = hold;
  const by = author === ASTERISK ? phrase('truth.byAsterisk') : personName(author);
  return phrase('truth.hold', { queue, reason, by, time: { at: since } });
}

/** Held queues are told while the others ring; in a break all are paused and it makes no difference yet. */
function heldWords(input: TruthInput, { queues, intent }: AgentDetail): Phrase | null {
  if (intent.status !== 'ONLINE') return null;
  const held = queues.filter(({ hold }) => hold !== null);
  if (held.length > 1) return phrase('truth.holds', { queues: queueNames(held.map(({ queue }) => queue)) });
  return held[0] ? holdWords(held[0], input) : null;
}

function contestedPart(words: Phrase, { queues }: AgentDetail): TruthPart | null {
  const names = queues.filter(({ contestedSince }) => contestedSince !== null).map(({ queue }) => queue);
  return names.length === 0 ? null : off(words, phrase('truth.contested', { queues: queueNames(names) }));
}

function asterisk(input: TruthInput, detail: AgentDetail): TruthPart {
  const { asterisk: health, asteriskOffForMs } = input;
  const { queues, intent } = detail;
  if (health && health.state !== 'ready') return unknown(health.since);
  if (queues.length === 0) return ok(phrase('truth.noQueue'));
  if (queues.some(({ observed }) => observed === null)) return unknown(health?.since ?? null);
  const words = heldWords(input, detail) ?? observedWords(queues);
  const contested = contestedPart(words, detail);
  if (contested) return contested;
  const wrong = queues.find(({ agreed }) => !agreed);
  if (!wrong || asteriskOffForMs <= DISAGREES_AFTER_MS) return ok(words);
  return wrong.wanted?.paused === true
    ? off(words, phrase('truth.pauseUnconfirmed', { status: statusPhrase(intent.status) }))
    : off(words, phrase('truth.readyUnconfirmed'));
}

/** RG1: in the grace it is on its way back; after it nobody knows when. */
function gonePhone({ phoneOffForMs }: TruthInput, { graceFrom }: AgentDetail['registration']): TruthPart {
  const late = phoneOffForMs > DISAGREES_AFTER_MS;
  const [words, advice] =
    graceFrom === null
      ? [phrase('truth.notReachable'), phrase('truth.notReachableAdvice')]
      : [phrase('truth.reconnecting'), phrase('truth.reconnectingAdvice')];
  return { state: 'off', words, advice: late ? advice : null };
}

/** RG12: what is known of whether it answers, while somebody who wants calls has not heard that it does. */
function probed({ askedForMs }: TruthInput, { intent, probe }: AgentDetail): TruthPart | null {
  if (intent.status !== 'ONLINE') return null;
  if (probe === 'silent') return off(phrase('truth.silent'), phrase('truth.silentAdvice'));
  if (probe === 'proven' || askedForMs <= DISAGREES_AFTER_MS) return null;
  return { state: 'unknown', words: phrase('truth.beingAsked'), advice: phrase('truth.beingAskedAdvice') };
}

function phone(input: TruthInput, detail: AgentDetail): TruthPart {
  const { registration, contacts } = detail;
  if (registration.state === 'unknown') return unknown(registration.since);
  if (registration.state === 'unregistered') return gonePhone(input, registration);
  const asked = probed(input, detail);
  if (asked) return asked;
  const ours = contacts.find((contact) => contact.session === input.session && contact.reachable);
  if (!ours) {
    const words = phrase('truth.elsewhere');
    return input.phoneOffForMs > DISAGREES_AFTER_MS ? off(words, phrase('truth.elsewhereAdvice')) : ok(words);
  }
  const words =
    ours.roundTripMs === null
      ? phrase('truth.reachable')
      : phrase('truth.reachableIn', { ms: Math.max(1, Math.round(ours.roundTripMs)) });
  const { notTaken } = input;
  if (!notTaken || notTaken.forMs <= DISAGREES_AFTER_MS) return ok(words);
  return off(words, phrase('truth.notTaken', { why: phrase(`error.${notTaken.code}`) }));
}

export function describeTruth(input: TruthInput): Truth {
  const detail = input.own?.detail;
  const { unconfirmed, bridgeGoneSince } = input;
  if (bridgeGoneSince !== null || !detail) {
    const part = unknown(bridgeGoneSince);
    const words = unconfirmed && phrase('truth.unconfirmed', { chosen: chosenWords(unconfirmed, input) });
    return { you: words ? { ...part, words } : part, asterisk: part, phone: part };
  }
  return { you: you(input, detail), asterisk: asterisk(input, detail), phone: phone(input, detail) };
}

/** Whether Asterisk's queues hold something else than is wanted. */
export const asteriskDisagrees = (own: AgentView | null): boolean =>
  own?.detail?.queues.some(({ agreed }) => !agreed) ?? false;

/** RG12: whether it is waited for the phone's answer before calls may come. */
export function isAsked(own: AgentView | null): boolean {
  const { probe, intent, registration } = own?.detail ?? {};
  return probe === 'pending' && intent?.status === 'ONLINE' && registration?.state === 'registered';
}

/** RG12: whether calls are held back because the phone said nothing; asking again by hand may help. */
export const isSilent = (own: AgentView | null): boolean =>
  own?.detail?.probe === 'silent' &&
  own.detail.intent.status === 'ONLINE' &&
  own.detail.registration.state === 'registered';

/** Whether Asterisk knows a reachable contact of this very session. */
export const reachesSession = (own: AgentView | null, session: string): boolean =>
  own?.detail?.contacts.some((contact) => contact.session === session && contact.reachable) ?? false;
