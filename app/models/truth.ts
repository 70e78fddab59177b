// PS7: the truth line. A pure function from what the bridge reported to three parts; nothing the desk merely hopes goes in.
import { phrase, type Phrase, type Value } from '../i18n/catalogue.ts';
import type { AgentDetail, AgentView, Health } from '../../domain/protocol/views.ts';

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
  /** A reason as its reader should see it. */
  readonly reasonName: (status: string, reason: string) => string;
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

function you({ own, reasonName }: TruthInput, detail: AgentDetail): TruthPart {
  const { intent, overruled, question } = detail;
  const status = statusPhrase(intent.status);
  const words =
    own?.status === 'ON_CALL' && intent.status !== 'ONLINE'
      ? phrase('truth.afterCall', { status })
      : intent.reason !== null
        ? phrase('truth.chosenReason', { status, reason: reasonName(intent.status, intent.reason) })
        : phrase('truth.chosen', { status });
  if (overruled) {
    const values = { by: overruled.by, status, own: statusPhrase(overruled.status) };
    return off(words, phrase('truth.overruled', values));
  }
  if (question) return off(words, phrase('truth.lateOnline', { time: { at: question.made } }));
  return ok(words);
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

function asterisk(input: TruthInput, { queues, intent }: AgentDetail): TruthPart {
  const { asterisk: health, asteriskOffForMs } = input;
  if (health && health.state !== 'ready') return unknown(health.since);
  if (queues.length === 0) return ok(phrase('truth.noQueue'));
  if (queues.some(({ observed }) => observed === null)) return unknown(health?.since ?? null);
  const words = observedWords(queues);
  const wrong = queues.find(({ agreed }) => !agreed);
  if (!wrong || asteriskOffForMs <= DISAGREES_AFTER_MS) return ok(words);
  return wrong.wanted?.paused === true
    ? off(words, phrase('truth.pauseUnconfirmed', { status: statusPhrase(intent.status) }))
    : off(words, phrase('truth.readyUnconfirmed'));
}

function phone({ session, phoneOffForMs }: TruthInput, { registration, contacts }: AgentDetail): TruthPart {
  if (registration.state === 'unknown') return unknown(registration.since);
  const late = phoneOffForMs > DISAGREES_AFTER_MS;
  if (registration.state === 'unregistered') {
    const words = phrase('truth.notReachable');
    return { state: 'off', words, advice: late ? phrase('truth.notReachableAdvice') : null };
  }
  const ours = contacts.find((contact) => contact.session === session && contact.reachable);
  if (!ours) {
    const words = phrase('truth.elsewhere');
    return late ? off(words, phrase('truth.elsewhereAdvice')) : ok(words);
  }
  if (ours.roundTripMs === null) return ok(phrase('truth.reachable'));
  return ok(phrase('truth.reachableIn', { ms: Math.max(1, Math.round(ours.roundTripMs)) }));
}

export function describeTruth(input: TruthInput): Truth {
  const detail = input.own?.detail;
  if (input.bridgeGoneSince !== null || !detail) {
    const part = unknown(input.bridgeGoneSince);
    return { you: part, asterisk: part, phone: part };
  }
  return { you: you(input, detail), asterisk: asterisk(input, detail), phone: phone(input, detail) };
}

/** Whether Asterisk's queues hold something else than is wanted. */
export const asteriskDisagrees = (own: AgentView | null): boolean =>
  own?.detail?.queues.some(({ agreed }) => !agreed) ?? false;

/** Whether Asterisk knows a reachable contact of this very session. */
export const reachesSession = (own: AgentView | null, session: string): boolean =>
  own?.detail?.contacts.some((contact) => contact.session === session && contact.reachable) ?? false;
