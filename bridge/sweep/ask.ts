// RG2: the six questions, all at once, each with a deadline of its own. Nothing that goes wrong here is thrown: a method
// that fails has no opinion (RG3).
import type { Clock } from '../../domain/clock.ts';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import {
  agentOpinions,
  contactOpinions,
  deviceOpinions,
  endpointOpinions,
  memberOpinions,
  rowOpinions,
  type ExtensionOf,
  type Opinions,
} from '../../domain/registration/opinions.ts';
import type { PbxContact } from '../reconcile/ports.ts';
import type { SweepSources } from './ports.ts';
import type { MethodState } from './report.ts';

export interface Answer {
  readonly method: Method;
  readonly state: MethodState;
  readonly tookMs: number;
  /** An error code; null when it answered. */
  readonly problem: string | null;
  readonly opinions: Opinions;
}

export interface Answers {
  /** ms; when all of them were asked. */
  readonly at: number;
  /** One of each method, the most reliable first. */
  readonly all: readonly Answer[];
  /** Every contact there is; null when Asterisk did not list any. */
  readonly contacts: readonly PbxContact[] | null;
}

export interface AskDeps {
  readonly sources: SweepSources;
  readonly clock: Clock;
  readonly extensionOf: ExtensionOf;
  /** ms each method has. */
  readonly deadlineMs: number;
  /** Gives up all at once. */
  readonly signal: AbortSignal;
}

const TIMEOUT = 'timeout';

/** Rejects after `deadlineMs`, and when the sweep is stopped; what comes later is dropped. */
async function withDeadline<Items>(
  { clock, deadlineMs, signal }: AskDeps,
  question: () => Promise<Items>,
): Promise<Items> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (code: string): void => reject(Object.assign(new Error('no answer'), { code }));
  const stop = (): void => giveUp('stopped');
  const cancel = clock.after(deadlineMs, () => giveUp(TIMEOUT));
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([question(), promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

/** Only the code leaves: words of an error may hold an address or a value. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';

function stateOf(code: string): MethodState {
  if (code === TIMEOUT) return 'timed-out';
  return code === 'unsupported' ? code : 'failed';
}

interface Heard<Item> {
  readonly answer: Answer;
  readonly items: readonly Item[];
}

async function ask<Item>(
  deps: AskDeps,
  method: Method,
  question: () => Promise<readonly Item[]>,
  read: (items: readonly Item[]) => Opinions,
): Promise<Heard<Item>> {
  const began = deps.clock.now();
  const took = () => ({ method, tookMs: deps.clock.now() - began });
  try {
    const items = await withDeadline(deps, question);
    const state = items.length > 0 ? 'answered' : 'empty';
    return { items, answer: { ...took(), state, problem: null, opinions: read(items) } };
  } catch (error) {
    const problem = codeOf(error);
    const opinions = { method, listed: new Map(), others: null };
    return { items: [], answer: { ...took(), state: stateOf(problem), problem, opinions } };
  }
}

/** Never rejects; resolves when each has answered, failed, or let its time pass. */
export async function askAll(deps: AskDeps): Promise<Answers> {
  const { sources, clock, extensionOf } = deps;
  const at = clock.now();
  const [contacts, ...others] = await Promise.all([
    ask(deps, 'contact-statuses', () => sources.contactStatuses(), contactOpinions),
    ask(deps, 'ari-endpoints', () => sources.ariEndpoints(), endpointOpinions),
    ask(
      deps,
      'device-states',
      () => sources.deviceStates(),
      (states) => deviceOpinions(states, extensionOf),
    ),
    ask(
      deps,
      'queue-status',
      () => sources.queueStatus(),
      (members) => memberOpinions(members, extensionOf),
    ),
    ask(
      deps,
      'agents',
      () => sources.agents(),
      (agents) => agentOpinions(agents, extensionOf),
    ),
    ask(
      deps,
      'contact-rows',
      () => sources.contactRows(),
      (rows) => rowOpinions(rows, at),
    ),
  ]);
  const all = [contacts, ...others].map(({ answer }) => answer);
  all.sort((a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method));
  return { at, all, contacts: contacts.answer.state === 'answered' ? contacts.items : null };
}
