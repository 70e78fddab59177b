// Sends real callers with audible sound into a queue of a running centre:
//   node asterisk/call.ts --queue support [--count 5] [--every 2] [--number +79990000001] [--run DIR]
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connectAmi, type Ami, type AmiMessage } from './private/ami.ts';
import { readSettings, type Settings } from './private/settings.ts';
import { elapsed, randomBetween, randomName } from './private/wait.ts';

interface Order {
  readonly queue: string;
  readonly count: number;
  readonly everyS: number;
  readonly number: string | undefined;
  readonly runDir: string;
}

const usage =
  'usage: npm run call -- --queue NAME [--count N] [--every SECONDS] [--number +NUMBER] [--run DIR]';
/** Where `npm start` keeps its centre, and where an Asterisk prepared on its own lies. */
const usualRunDirs = ['../run/centre/asterisk', '../run/asterisk'].map((dir) =>
  resolve(import.meta.dirname, dir),
);

/** Throws in words for the person at the terminal. */
function readOrder(args: readonly string[]): Order {
  const option = { type: 'string' } as const;
  const options = { queue: option, count: option, every: option, number: option, run: option };
  let values: Partial<Record<keyof typeof options, string>>;
  try {
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`, { cause: error });
  }
  if (!values.queue) throw new Error(`--queue is missing\n${usage}`);
  const { number } = values;
  if (number !== undefined && !/^\+?\d{2,15}$/.test(number)) {
    throw new Error(`--number must be 2 to 15 digits with an optional + before them, not "${number}"`);
  }
  return {
    queue: values.queue,
    count: readNumber('--count', values.count ?? '1', /^\d+$/, 1, 1000),
    everyS: readNumber('--every', values.every ?? '1', /^\d+(\.\d+)?$/, 0, 3600),
    number,
    runDir: values.run ? resolve(values.run) : usualRunDir(),
  };
}

function usualRunDir(): string {
  const [first = ''] = usualRunDirs;
  return usualRunDirs.find((dir) => readSettings(dir) !== null) ?? first;
}

function readNumber(name: string, text: string, form: RegExp, least: number, most: number): number {
  const value = form.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw new Error(`${name} must be a number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** `act` places and ends calls, `watch` sees what becomes of them (OP7: neither can do both). */
async function connect(settings: Settings | null, runDir: string): Promise<{ act: Ami; watch: Ami }> {
  const hint = `no centre is running in ${runDir}: start it with "npm start", or name its folder with --run`;
  if (!settings) throw new Error(hint);
  const at = { host: settings.host, port: settings.ports.ami };
  try {
    const act = await connectAmi({ ...at, ...settings.ami.act });
    return { act, watch: await connectAmi({ ...at, ...settings.ami.watch }) };
  } catch (error) {
    throw new Error(`${hint} (${(error as Error).message})`, { cause: error });
  }
}

/** One caller: rings in, waits, talks; ends when the queue's side ends. `id` becomes its channel's Uniqueid. */
async function placeCaller(act: Ami, queue: string, number: string, id: string): Promise<void> {
  await act.action({
    Action: 'Originate',
    // The ;2 half runs the queue, the ;1 half speaks. /n: it stays a channel of its own to the end.
    Channel: `Local/${queue}@callers/n`,
    Context: 'demo-caller',
    Exten: 's',
    Priority: '1',
    CallerID: `<${number}>`,
    ChannelId: id,
    OtherChannelId: `${id}-q`,
    Async: 'true',
  });
}

/** What a person watching would like to read of an event, or null. */
function tell(event: AmiMessage, numbers: ReadonlyMap<string, string>): string | null {
  const number = numbers.get((event['Uniqueid'] ?? '').replace(/-q$/, ''));
  if (number === undefined) return null;
  if (event['Event'] === 'QueueCallerJoin') return `${number} waits in ${event['Queue'] ?? ''}`;
  if (event['Event'] === 'AgentConnect') {
    return `${number} talks to ${event['MemberName'] ?? ''} after ${event['HoldTime'] ?? '?'} s`;
  }
  return null;
}

async function main(): Promise<void> {
  const order = readOrder(process.argv.slice(2));
  const settings = readSettings(order.runDir);
  const { act, watch } = await connect(settings, order.runDir);
  if (!settings?.queues.includes(order.queue)) {
    throw new Error(`there is no queue "${order.queue}"; there are: ${settings?.queues.join(', ') ?? ''}`);
  }

  const stop = new AbortController();
  const numbers = new Map<string, string>(); // by Uniqueid: the callers that are there
  const hangUp = (id: string): void => {
    void act.action({ Action: 'Hangup', Channel: id }).catch(() => undefined);
  };
  const leave = (): void => {
    stop.abort();
    for (const id of numbers.keys()) hangUp(id);
  };
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);

  const gone = new EventTarget();
  watch.onEvent((event) => {
    const line = tell(event, numbers);
    if (line) console.log(line);
    const id = event['Uniqueid'] ?? '';
    if (!numbers.has(id)) return;
    // Ctrl-C came between the order and the channel.
    if (event['Event'] === 'Newchannel' && stop.signal.aborted) hangUp(id);
    if (event['Event'] !== 'Hangup') return;
    console.log(`${numbers.get(id) ?? ''} is gone`);
    numbers.delete(id);
    if (numbers.size === 0) gone.dispatchEvent(new Event('all'));
  });

  await placeCallers(act, order, numbers, stop.signal);
  if (numbers.size > 0) await Promise.race([once(gone, 'all'), watch.closed]);
  act.close();
  watch.close();
}

async function placeCallers(
  act: Ami,
  order: Order,
  numbers: Map<string, string>,
  stop: AbortSignal,
): Promise<void> {
  for (let made = 0; made < order.count && !stop.aborted; made += 1) {
    if (made > 0 && !(await elapsed(order.everyS * 1000, stop))) return;
    const number = order.number ?? `+7999000${String(randomBetween(0, 10_000)).padStart(4, '0')}`;
    const id = `caller-${randomName()}`;
    numbers.set(id, number); // before the call: its events may come before the answer
    await placeCaller(act, order.queue, number, id);
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
