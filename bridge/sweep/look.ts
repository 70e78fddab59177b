// RG3, RG4: one look at everybody: ask, merge, carry what is new into the roster. In slices: with thousands of agents a
// click must not wait for a sweep.
import { setImmediate } from 'node:timers/promises';
import { opinionsAbout, mergeOpinions, type Merged, type Opinion } from '../../domain/registration/merge.ts';
import type { Contact } from '../../domain/registration/contacts.ts';
import type { AgentRecord } from '../../domain/roster/record.ts';
import type { AgentFact } from '../../domain/roster/reduce.ts';
import { errorFields, type Log } from '../log.ts';
import type { PbxContact } from '../reconcile/ports.ts';
import type { Roster } from '../roster/roster.ts';
import { askAll, type Answers, type AskDeps } from './ask.ts';
import { factOfEvidence } from './fact-of-evidence.ts';
import type { MethodReport, RegistrationChange } from './report.ts';

/** ms of work before others get their turn. */
const SLICE_MS = 4;

/** Lets all that waits run: not a delay, so it takes no part in the Clock's time. */
export const yieldToLoop = (): Promise<void> => setImmediate();

export interface LookDeps extends AskDeps {
  readonly roster: Pick<Roster, 'get' | 'all' | 'apply' | 'onChange'>;
  readonly log: Log;
  /** False once Asterisk was lost since the look began: what it said then is no longer known to be so. */
  readonly inSight: () => boolean;
  readonly yieldNow: () => Promise<void>;
}

export interface Look {
  /** ms; when the methods were asked. */
  readonly at: number;
  readonly tookMs: number;
  readonly methods: readonly MethodReport[];
  /** Those about whom methods differ. */
  readonly disputed: readonly Merged[];
  readonly changes: readonly RegistrationChange[];
}

/** RG3: whoever something was heard of since the question is known better than by its answer. */
function watchNews(roster: LookDeps['roster']): {
  readonly news: ReadonlySet<string>;
  readonly end: () => void;
} {
  const news = new Set<string>();
  const end = roster.onChange((now, before) => {
    const [is, was] = [now.registration, before.registration];
    if (is.state !== was.state || is.asOf !== was.asOf || now.contacts !== before.contacts)
      news.add(now.person.extension);
  });
  return { news, end };
}

function isSameList(known: readonly Contact[], listed: readonly PbxContact[]): boolean {
  const reachable = new Map(known.map((contact) => [contact.uri, contact.reachable]));
  return (
    reachable.size === listed.length &&
    listed.every(({ uri, state }) => reachable.get(uri) === (state === 'reachable'))
  );
}

/**
 * What the roster has to be told, null when it knows. Facts that say nothing new would still be 2,000 deltas to every
 * screen, of nothing but the time of the last look.
 */
function factOf(
  record: AgentRecord,
  { evidence }: Merged,
  contacts: readonly PbxContact[] | null,
): AgentFact | null {
  const isKnown = record.registration.state === evidence.verdict;
  if (contacts === null) return isKnown ? null : factOfEvidence(evidence);
  if (isKnown && isSameList(record.contacts, contacts)) return null;
  return { type: 'contacts', contacts, at: evidence.at };
}

function countsOf({ all }: Answers) {
  const counts = new Map(all.map(({ method }) => [method, { registered: 0, unregistered: 0 }]));
  return {
    add(opinions: readonly Opinion[]): void {
      for (const { method, verdict } of opinions) {
        const count = counts.get(method);
        if (count) count[verdict] += 1;
      }
    },
    report: (people: number): readonly MethodReport[] =>
      all.map(({ method, state, tookMs, problem }) => {
        const { registered, unregistered } = counts.get(method) ?? { registered: 0, unregistered: 0 };
        const unknown = people - registered - unregistered;
        return { method, state, tookMs, registered, unregistered, unknown, problem };
      }),
  };
}

/** Tells the roster of one agent; what that changed, null when nothing. */
function apply(
  { roster, log }: LookDeps,
  record: AgentRecord,
  merged: Merged,
  contacts: readonly PbxContact[] | null,
): RegistrationChange | null {
  const fact = factOf(record, merged, contacts);
  if (!fact) return null;
  const { extension, method: by } = merged.evidence;
  try {
    roster.apply(extension, fact);
  } catch (error) {
    // A listener's fault with one agent must not leave all the others behind.
    log.error({ agent: extension, ...errorFields(error) }, 'registration not taken in');
  }
  const [from, to] = [record.registration.state, roster.get(extension)?.registration.state];
  return to === undefined || to === from ? null : { extension, from, to, by };
}

async function takeIn(deps: LookDeps, answers: Answers, news: ReadonlySet<string>) {
  const { roster, clock, inSight, yieldNow } = deps;
  const opinions = answers.all.map((answer) => answer.opinions);
  const listed = answers.contacts && Map.groupBy(answers.contacts, ({ extension }) => extension);
  const [counts, disputed, changes] = [countsOf(answers), [] as Merged[], [] as RegistrationChange[]];
  const extensions = [...roster.all()].map(({ person }) => person.extension);
  let began = clock.now();
  for (const extension of extensions) {
    const about = opinionsAbout(extension, opinions);
    counts.add(about);
    const record = roster.get(extension);
    const merged = inSight() && !news.has(extension) ? mergeOpinions(extension, about, answers.at) : null;
    if (merged && merged.dissent.length > 0) disputed.push(merged);
    const change = record && merged && apply(deps, record, merged, listed && (listed.get(extension) ?? []));
    if (change) changes.push(change);
    // A change is written to the store in the turns of promises that follow: those have to be over before the next.
    if (!change && clock.now() - began < SLICE_MS) continue;
    await yieldNow();
    began = clock.now();
  }
  return { methods: counts.report(extensions.length), disputed, changes };
}

/** Never rejects. */
export async function look(deps: LookDeps): Promise<Look> {
  const { news, end } = watchNews(deps.roster);
  try {
    const answers = await askAll(deps);
    const taken = await takeIn(deps, answers, news);
    return { at: answers.at, tookMs: deps.clock.now() - answers.at, ...taken };
  } finally {
    end();
  }
}
