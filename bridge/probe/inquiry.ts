// RG12: "can you be rung?", put to one agent's devices. Without clock, sockets or chance: facts in, the next state and what
// to do out.
//
//   resting --ONLINE chosen, phone or page back, on demand, the device that proved it gone--> asking
//   asking --an answer--> resting, proven
//   asking --3 s without one--> resting, silent --ONLINE, 5 s after it was asked--> asking (still silent)
//   any --out of reach, or Asterisk out of sight--> resting, asked when that is over
import type { Contact } from '../../domain/registration/contacts.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import type { Probe } from '../../domain/status/wanted.ts';

/** ms from the question on. */
export const SILENT_AFTER_MS = 3_000;
/** ms from one question to the next while nobody answers. */
export const ASK_EVERY_MS = 5_000;
/** ms into a question at which it is put again: the first may have been lost. */
export const AGAIN_AT_MS: readonly number[] = [500, 1_500];
/** ms: a phone that comes and goes, so that the question begins anew each time, counts as silent after that long. */
export const UNPROVEN_AT_MOST_MS = 15_000;

export interface Situation {
  readonly status: ChoosableStatus;
  /** As the record has it: it may have been doubted there (domain/roster/reduce.ts). */
  readonly probe: Probe;
  /** `none`: unreachable for longer than the grace, or Asterisk is out of sight. */
  readonly sight: 'reachable' | 'reconnecting' | 'none';
  /** The reachable ones. */
  readonly contacts: readonly Contact[];
  /** Sessions of the agent that have a page connected. */
  readonly pages: ReadonlySet<string>;
}

export interface Question {
  /** ms; when it was put, and from the moment on at which Asterisk took it: that one. */
  readonly askedAt: number;
  /** How often it was put. */
  readonly times: number;
  /** Asterisk took it at least once. */
  readonly taken: boolean;
  /** False: proven, or unanswered. An answer that comes late still counts. */
  readonly open: boolean;
}

export interface Inquiry {
  /** What this machine said last. */
  readonly probe: Probe;
  readonly question: Question | null;
  /** Session ids, and URIs of desk phones. */
  readonly provedBy: readonly string[];
  /** URIs of the reachable contacts at the last look. */
  readonly known: readonly string[];
  /** ms; the first question since the last proof; null: none was asked since. */
  readonly unprovenSince: number | null;
}

export const NEVER_ASKED: Inquiry = {
  ...{ probe: 'pending', question: null, provedBy: [], known: [], unprovenSince: null },
};

/** `anew`: a question of its own · `again`: the same one once more. */
export interface Step {
  readonly inquiry: Inquiry;
  readonly ask: 'anew' | 'again' | null;
}

const deviceOf = ({ session, uri }: Contact): string => session ?? uri;

const rest = (inquiry: Inquiry): Step => ({ inquiry, ask: null });

function askAnew(inquiry: Inquiry, at: number): Step {
  const unprovenSince = inquiry.unprovenSince ?? at;
  const probe = at - unprovenSince >= UNPROVEN_AT_MOST_MS ? 'silent' : inquiry.probe;
  const question: Question = { askedAt: at, times: 1, taken: false, open: true };
  return { inquiry: { ...inquiry, probe, unprovenSince, question }, ask: 'anew' };
}

/** Nobody can be asked. What was proven stands while Asterisk is only out of sight. */
function adjourn(inquiry: Inquiry, { probe, sight }: Situation): Inquiry {
  const provedBy = probe === 'proven' ? inquiry.provedBy : [];
  const unprovenSince = sight === 'reconnecting' ? inquiry.unprovenSince : null;
  return { ...inquiry, probe, provedBy, question: null, known: [], unprovenSince };
}

/** The facts as they are now, before anything is asked: proofs of devices that are gone are gone with them. */
function takeStock(inquiry: Inquiry, { probe, contacts }: Situation): Inquiry {
  const known = contacts.map(({ uri }) => uri);
  // Doubted elsewhere, for a new ONLINE or a registration that came back.
  const doubted = probe === 'pending' && inquiry.probe !== 'pending';
  const unproven = { question: null, provedBy: [], known, unprovenSince: null } as const;
  if (doubted) return { ...unproven, probe };
  const here = new Set(contacts.map(deviceOf));
  const provedBy = inquiry.provedBy.filter((device) => here.has(device));
  if (inquiry.probe !== 'proven' || provedBy.length > 0) return { ...inquiry, provedBy, known };
  return { ...unproven, probe: 'pending' };
}

/** Whether silence is worth asking into again, and a doubt worth asking at all. */
const matters = (inquiry: Inquiry, { status }: Situation): boolean =>
  inquiry.probe === 'silent' ? status === 'ONLINE' : status !== 'OFFLINE';

/** ms; when to look again though nothing changed; null: no need. */
export function nextLookAt(inquiry: Inquiry, situation: Situation): number | null {
  const { question, probe } = inquiry;
  if (!question || situation.sight !== 'reachable') return null;
  if (!question.open) {
    return probe !== 'proven' && matters(inquiry, situation) ? question.askedAt + ASK_EVERY_MS : null;
  }
  const again = AGAIN_AT_MS[question.times - 1];
  return question.askedAt + Math.min(SILENT_AFTER_MS, again ?? Infinity);
}

/** Nobody answered. What Asterisk never took was not asked, and says nothing of the phone. */
function close(inquiry: Inquiry, question: Question): Inquiry {
  const probe = question.taken ? 'silent' : inquiry.probe;
  return { ...inquiry, probe, question: { ...question, open: false } };
}

/** Something changed, or it is time (`at`, ms). */
export function look(before: Inquiry, situation: Situation, at: number): Step {
  if (situation.sight !== 'reachable') return rest(adjourn(before, situation));
  const inquiry = takeStock(before, situation);
  const { question } = inquiry;
  if (inquiry.probe === 'proven') return rest(inquiry);
  if (!question) return matters(inquiry, situation) ? askAnew(inquiry, at) : rest(inquiry);
  // Somebody new to ask.
  const fresh = inquiry.known.some((uri) => !before.known.includes(uri));
  if (fresh && (question.open || matters(inquiry, situation))) return askAnew(inquiry, at);
  const due = nextLookAt(inquiry, situation);
  if (due === null || at < due) return rest(inquiry);
  if (!question.open) return askAnew(inquiry, at);
  if (at >= question.askedAt + SILENT_AFTER_MS) return rest(close(inquiry, question));
  return { inquiry: { ...inquiry, question: { ...question, times: question.times + 1 } }, ask: 'again' };
}

/** A page came back, or a person wants to know: what was proven does not count any more. */
export function doubt(before: Inquiry, situation: Situation, at: number): Step {
  const unprovenSince = before.probe === 'pending' ? before.unprovenSince : null;
  const known = situation.contacts.map(({ uri }) => uri);
  const inquiry: Inquiry = { probe: 'pending', provedBy: [], question: null, known, unprovenSince };
  if (situation.sight === 'reachable') return askAnew(inquiry, at);
  return rest(adjourn(inquiry, { ...situation, probe: 'pending' }));
}

/** Asterisk took the question at `at` (ms): from the first time on the device has its 3 s. */
export function taken(inquiry: Inquiry, at: number): Inquiry {
  const { question } = inquiry;
  if (!question || question.taken) return inquiry;
  return { ...inquiry, question: { ...question, taken: true, askedAt: at } };
}

/** Those devices answered. One is enough for the agent. */
function proved(inquiry: Inquiry, situation: Situation, devices: readonly string[]): Inquiry {
  const { question } = inquiry;
  const here = new Set(situation.contacts.map(deviceOf));
  const fresh = devices.filter((device) => here.has(device));
  if (!question || situation.sight !== 'reachable' || fresh.length === 0) return inquiry;
  const provedBy = [...new Set([...inquiry.provedBy, ...fresh])];
  return {
    ...inquiry,
    probe: 'proven',
    question: { ...question, open: false },
    provedBy,
    unprovenSince: null,
  };
}

/** The page of that session saw Asterisk's question, and its device is the one that was asked. */
export const seen = (inquiry: Inquiry, situation: Situation, session: string): Inquiry =>
  proved(inquiry, situation, [session]);

/** Contacts (by URI) of which Asterisk measured the round trip since the question. */
export function measured(inquiry: Inquiry, situation: Situation, uris: readonly string[]): Inquiry {
  const counting = measurable(situation).filter(({ uri }) => uris.includes(uri));
  return proved(inquiry, situation, counting.map(deviceOf));
}

/**
 * Whom Asterisk's word is enough of: desk phones, which have no page to ask; and everybody's device while no page of the
 * agent is connected at all, as after a restart of the bridge (RG13 is the end of that).
 */
export const measurable = ({ contacts, pages }: Situation): readonly Contact[] =>
  contacts.filter(({ session }) => session === null || pages.size === 0);
