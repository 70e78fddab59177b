// Compares what is with what must be. Says each difference in words, naming the rule; says nothing when all is well.
import type { MemberSeen, PauseSeen } from './eyes.ts';
import type { AgentView, Deed } from './messages.ts';
import { holdsOf, intentOf, madeOf, mayUnpause, wantedOf, type LogRow, type Phones } from './oracle.ts';
import type { AgentPlan } from './people.ts';
import type { Foreign, Trouble } from './scene.ts';

/** Where an agent is shown: a supervisor's picture, or one of the agent's own desks. */
export interface Picture {
  readonly whose: string;
  readonly view: AgentView | undefined;
}

const inWords = (status: string, reason: string | null): string =>
  `${status}${reason === null ? '' : ` "${reason}"`}`;

/** One agent at a quiet moment: signed in, registered, everything delivered. */
export function disagreements(
  { extension, queues }: AgentPlan,
  rows: readonly LogRow[],
  members: readonly MemberSeen[],
  pictures: readonly Picture[],
): readonly string[] {
  const own = rows.filter(({ agent }) => agent === extension);
  const intent = intentOf(own);
  const holds = holdsOf(own);
  const found: string[] = [];
  const registration = own.findLast(({ kind }) => kind === 'registration')?.state;
  if (registration !== 'registered')
    found.push(`${extension} is ${registration ?? 'nothing'} in the log, must be registered (ST11)`);
  for (const queue of queues) {
    const wanted = wantedOf(intent, holds.get(queue));
    const member = members.find((one) => one.agent === extension && one.queue === queue);
    const right =
      member?.paused === wanted.paused && (!wanted.paused || wanted.reasons.includes(member.reason));
    if (right) continue;
    const must = wanted.paused
      ? `paused ${wanted.reasons.map((one) => `"${one}"`).join(' or ')}`
      : 'unpaused';
    const is = !member ? 'not there' : member.paused ? `paused "${member.reason}"` : 'unpaused';
    found.push(`${extension} in ${queue} is ${is} in Asterisk, must be ${must} (ST5, PS2)`);
  }
  for (const { whose, view } of pictures) {
    const detail = view?.detail;
    const shown = detail && inWords(detail.intent.status, detail.intent.reason);
    if (
      shown !== inWords(intent.status, intent.reason) ||
      detail?.intent.entry !== (intent.force?.id ?? null)
    )
      found.push(
        `${whose} shows ${extension} with the intent ${shown ?? 'unknown'} (${detail?.intent.entry ?? '-'}), ` +
          `must be ${inWords(intent.status, intent.reason)} (${intent.force?.id ?? '-'}) (ST10, PS5, PS6)`,
      );
    if (view?.status !== intent.status)
      found.push(
        `${whose} shows ${extension} as ${view?.status ?? 'nothing'}, must be ${intent.status} (ST3)`,
      );
    if (typeof view?.mark === 'string') found.push(`${whose} marks ${extension} as ${view.mark} (RG1)`);
    if (intent.status === 'ONLINE' && detail && detail.probe !== 'proven')
      found.push(`${whose} shows the phone of ${extension} as ${detail.probe ?? '?'}, must be proven (RG12)`);
    for (const { queue, agreed, contestedSince, hold } of detail?.queues ?? []) {
      if (typeof contestedSince === 'number')
        found.push(`${whose}: ${extension} in ${queue} is marked contested (PS2)`);
      if (!agreed) found.push(`${whose}: ${extension} in ${queue} is not agreed (PS7)`);
      const must = holds.get(queue);
      if (hold?.reason !== must)
        found.push(
          `${whose} shows ${hold ? `the hold "${hold.reason}"` : 'no hold'} of ${extension} in ${queue}, ` +
            `must be ${must === undefined ? 'none' : `"${must}"`} (PS8)`,
        );
    }
    const asked = detail?.question?.entry;
    if (asked !== undefined && !intent.declined.has(asked))
      found.push(`${whose}: ${extension} is asked about ${asked}, which was not declined (PS6)`);
  }
  return found;
}

/** ms; PS5. */
const JUMP_MS = 2_000;

/** PS1, PS5: what was acknowledged is in the log once, as it was said; what was refused is not. */
export function auditDeeds(deeds: readonly Deed[], rows: readonly LogRow[]): readonly string[] {
  const found: string[] = [];
  const byDevice = Map.groupBy(rows, ({ device }) => device);
  for (const deed of deeds) {
    const { change, agent, actor, outcome } = deed;
    const device = deed.device();
    const ofDevice = byDevice.get(device) ?? [];
    const name = `${device}.${change.sequence} (${agent} ${inWords(change.status, change.reason)})`;
    const stored = ofDevice.filter(({ sequence }) => sequence === change.sequence);
    const wanted = outcome === 'stored' ? 1 : 0;
    if (stored.length !== wanted) {
      found.push(`${name} was ${outcome} and is ${stored.length} times in the log (PS1)`);
      continue;
    }
    const [row] = stored;
    if (!row) continue;
    const must = {
      ...{ id: `${device}.${String(change.sequence).padStart(10, '0')}`, kind: 'choice', agent, actor },
      cause: actor === agent ? 'agent' : 'supervisor',
      ...{ status: change.status, reason: change.reason, seen: change.seen },
      made: madeOf(row, change.made + change.offset, ofDevice),
    };
    const jumped = Math.abs(must.made - change.made - change.offset) > JUMP_MS;
    if (row.uncertain !== (jumped ? 1 : 0))
      found.push(`${name}: uncertain is ${String(row.uncertain)}, must be ${jumped ? 1 : 0} (PS5)`);
    for (const [field, value] of Object.entries(must)) {
      const is = row[field as keyof typeof must];
      if (is !== value) found.push(`${name}: ${field} is ${String(is)} in the log, must be ${String(value)}`);
    }
  }
  return found;
}

/** Nothing is in the log that nobody did: every row of the time comes from a deed, an arrival or the stranger. */
export function auditRows(
  fresh: readonly LogRow[],
  deeds: readonly Deed[],
  foreign: readonly Foreign[],
  arrivals: number,
  plans: readonly AgentPlan[],
): readonly string[] {
  const found: string[] = [];
  const done = new Set(deeds.map((deed) => `${deed.device()}.${deed.change.sequence}`));
  const steps = fresh.filter(({ kind }) => kind === 'step');
  const bySession = steps.filter(({ cause, status }) => cause === 'session' && status === 'ONLINE');
  if (steps.length !== bySession.length || steps.length !== arrivals)
    found.push(`${steps.length} steps in the log, must be the ${arrivals} of the sign-ins (SE3, ST6)`);
  for (const row of fresh) {
    if (row.kind !== 'choice' && row.kind !== 'hold') continue;
    if (row.cause === 'asterisk') {
      const agent = plans.find(({ extension }) => extension === row.agent);
      if (!agent || !explains(row, agent, foreign))
        found.push(
          `${row.id}: ${row.kind} ${row.agent} ${inWords(row.status ?? row.subject ?? '', row.reason)}, ` +
            `and nobody did that in Asterisk (PS4)`,
        );
    } else if (!done.has(`${row.device}.${row.sequence}`)) {
      found.push(`${row.id}: ${row.agent} ${row.kind} ${row.status ?? ''}, and nobody did that`);
    }
  }
  return found;
}

/** What the stranger did before this row was written accounts for it. */
function explains(row: LogRow, { queues }: AgentPlan, foreign: readonly Foreign[]): boolean {
  const before = foreign.filter(({ agent, at }) => agent === row.agent && at <= row.received);
  if (row.kind === 'hold') {
    return before.some((one) => one.queues.includes(row.subject ?? '') && one.reason === row.reason);
  }
  const like = before.filter(({ reason }) =>
    row.status === 'ONLINE' ? reason === null : reason !== null && reason === row.reason,
  );
  const touched = new Set(like.flatMap((one) => one.queues));
  return (
    ['ONLINE', 'PAUSE'].includes(row.status ?? '') &&
    like.length > 0 &&
    queues.every((queue) => touched.has(queue))
  );
}

/** ms; a command is in flight for 1 s at most (PS4), so an order older than twice that is in nobody's pipe any more. */
const STEADY_MS = 2_000;

/** The queues never held "unpaused" for somebody who for long had wanted no calls, with everything up and nobody meddling. */
export function auditUnpauses(
  pauses: readonly PauseSeen[],
  rows: readonly LogRow[],
  foreign: readonly Foreign[],
  troubles: readonly Trouble[],
): readonly string[] {
  const found: string[] = [];
  for (const { agent, queue, paused, at } of pauses) {
    const since = at - STEADY_MS;
    const meddled = foreign.some((one) => one.agent === agent && one.at >= since && one.at <= at);
    const troubled = troubles.some(({ from, to }) => from <= at && to >= since);
    if (paused || meddled || troubled) continue;
    const own = rows.filter((row) => row.agent === agent);
    const moments = [since, ...own.map(({ received }) => received).filter((one) => one > since && one <= at)];
    const statuses = moments.map(
      (moment) => intentOf(own.filter(({ received }) => received <= moment)).status,
    );
    if (!statuses.includes('ONLINE'))
      found.push(
        `${agent} was unpaused in ${queue} after ${STEADY_MS} ms and more of ${statuses.join(', ')} (ST5)`,
      );
  }
  return found;
}

/** ms; between what the harness and the bridge take for the same moment. */
const CLOCKS_MS = 5;

/** ms; how long a command takes when nothing stands in its way, many times over. */
const FLIGHT_MS = 200;

/** RG12: nobody was unpaused without a proof that the phone can be rung, but by the stranger. */
export function auditProofs(
  pauses: readonly PauseSeen[],
  rows: readonly LogRow[],
  foreign: readonly Foreign[],
  troubles: readonly Trouble[],
  phonesOf: (agent: string) => Phones,
): readonly string[] {
  return pauses.flatMap(({ agent, queue, paused, at }) => {
    const strangers = foreign.filter((one) => one.agent === agent && one.queues.includes(queue));
    const his = strangers.some((one) => one.reason === null && one.at <= at && one.at > at - STEADY_MS);
    if (paused || his) return [];
    const own = rows.filter((row) => row.agent === agent);
    const { answered, lost, pages } = phonesOf(agent);
    const early = { pages, answered: answered.map((one) => one + CLOCKS_MS), lost };
    const troubled = troubles.some(({ from, to }) => from <= at && to >= at - STEADY_MS);
    const may = mayUnpause(own, early, at + CLOCKS_MS, troubled ? STEADY_MS : FLIGHT_MS);
    return may ? [] : [`${agent} was unpaused in ${queue} without a proof that the phone can be rung (RG12)`];
  });
}
