// What a supervisor's page learns of registrations: sweeps it asks for, and what is told of people meanwhile.
import type { HealthReport, SweepReport } from '../../domain/protocol/health.ts';
import type { AgentView } from '../../domain/protocol/views.ts';
import type { DeskClient, Frame } from '../testkit/desk-client.ts';
import { until } from '../testkit/wait.ts';

let requests = 0;

/** Sends it; resolves with its ack or nack. */
export async function askToSweep(desk: DeskClient, timeoutMs = 15_000): Promise<Frame> {
  requests += 1;
  const id = `sweep-${requests}`;
  desk.sendText(JSON.stringify({ type: 'sweep.run', id }));
  return until('the sweep is over', () => desk.frames.find((frame) => frame['id'] === id), timeoutMs);
}

export const reportsSince = (desk: DeskClient, from: number): readonly HealthReport[] =>
  desk.frames
    .slice(from)
    .filter((frame) => frame.type === 'health:report')
    .map((frame) => frame as unknown as HealthReport);

/** The first report behind the answer knows of that sweep. */
export function reportAfter(desk: DeskClient, answer: Frame): Promise<HealthReport> {
  return until('the health report', () => reportsSince(desk, desk.frames.indexOf(answer))[0]);
}

export async function sweepHealth(desk: DeskClient): Promise<HealthReport> {
  const answer = await askToSweep(desk);
  if (answer.type !== 'ack') throw new Error(`sweep.run: ${JSON.stringify(answer)}`);
  return reportAfter(desk, answer);
}

export async function sweepNow(desk: DeskClient): Promise<SweepReport> {
  const { sweep } = await sweepHealth(desk);
  if (sweep === null) throw new Error('no sweep in the report');
  return sweep;
}

/** `registered unregistered unknown` by method, and in what state when it is not `answered`. */
export const countsOf = ({ methods }: SweepReport): Readonly<Record<string, string>> =>
  Object.fromEntries(
    methods.map(({ method, state, registered, unregistered, unknown, problem }) => {
      const counts = `${registered} ${unregistered} ${unknown}`;
      const how = state === 'answered' ? '' : ` ${state}${problem === null ? '' : `: ${problem}`}`;
      return [method, counts + how];
    }),
  );

/** The disagreements without their times. */
export const disputesOf = ({ disagreements }: SweepReport) =>
  disagreements.map(({ extension, verdict, by, opinions }) => ({
    ...{ extension, verdict, by },
    others: Object.fromEntries(opinions.map((opinion) => [opinion.method, opinion.verdict])),
  }));

const viewsIn = (frames: readonly Frame[]): readonly AgentView[] =>
  frames.flatMap((frame) => (frame['agents'] ?? []) as readonly AgentView[]);

/** The last the page was told of an agent. */
export function viewOf(desk: DeskClient, extension: string): AgentView | undefined {
  return viewsIn(desk.frames).findLast((view) => view.extension === extension);
}

/** What people see of an agent, in a word or two. */
const seenAs = ({ status, mark, detail }: AgentView): string =>
  [status, mark, detail?.registration.state].filter(Boolean).join(' ');

/** Everybody as they are seen now. */
export const everybody = (desk: DeskClient): Readonly<Record<string, string>> =>
  Object.fromEntries(viewsIn(desk.frames).map((view) => [view.extension, seenAs(view)]));

/** Every step in what people saw of anybody since frame number `from`, e.g. `1001 OFFLINE unregistered`. */
export function stepsSince(desk: DeskClient, from: number): readonly string[] {
  const before = new Map(
    viewsIn(desk.frames.slice(0, from)).map((view) => [view.extension, seenAs(view)] as const),
  );
  const steps: string[] = [];
  for (const view of viewsIn(desk.frames.slice(from))) {
    const seen = seenAs(view);
    if (before.get(view.extension) !== seen) steps.push(`${view.extension} ${seen}`);
    before.set(view.extension, seen);
  }
  return steps;
}

export const seen = (desk: DeskClient, extension: string, as: string, timeoutMs?: number) =>
  until(
    `${extension} is seen as ${as}`,
    () => {
      const view = viewOf(desk, extension);
      return view && seenAs(view) === as ? view : null;
    },
    timeoutMs,
  );
