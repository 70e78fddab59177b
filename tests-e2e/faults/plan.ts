// From a seed to what will happen: who is there, what they choose, what breaks when. Pure: the same seed, the same plan.
import type { FlushOrder } from './device.ts';
import { AGENTS } from './people.ts';
import { createPrng, type Prng } from './prng.ts';

export const FAULTS = [
  'kill -9 of Asterisk',
  'kill -9 of the bridge',
  'AMI cut',
  'AMI delayed',
  'socket cut',
  'outbox doubled',
  'outbox reordered',
  'clock step',
  'foreign, one queue',
  'foreign, all queues',
  'reload of app_queue',
  'phone gone',
  'page deaf',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface Choice {
  readonly status: string;
  readonly reason: string | null;
}

/** A choice on a device that is not connected. */
export interface OfflineChoice extends Choice {
  /** How long before the flush it was made, by the device's clock; null: when it is the schedule's turn. */
  readonly agoMs: number | null;
}

/** `agent` counts in `Plan.agents`, `device` in the agent's devices. */
export type Step =
  | { readonly do: 'choose'; readonly agent: number; readonly device: number; readonly choice: Choice }
  | { readonly do: 'order'; readonly agent: number; readonly choice: Choice }
  | {
      readonly do: 'outbox';
      readonly fault: Fault;
      readonly agent: number;
      readonly device: number;
      readonly choices: readonly OfflineChoice[];
      readonly awayMs: number;
      readonly order: FlushOrder;
      /** On a device that has never made a change before. */
      readonly fresh: boolean;
    }
  | { readonly do: 'kill Asterisk'; readonly fault: Fault; readonly forMs: number }
  | {
      readonly do: 'kill bridge';
      readonly fault: Fault;
      readonly forMs: number;
      /** Right after the next choice of this agent was acknowledged, to find what was acknowledged too early. */
      readonly afterAckOf: number | null;
      readonly choice: Choice;
    }
  | { readonly do: 'cut AMI'; readonly fault: Fault; readonly forMs: number }
  | { readonly do: 'delay AMI'; readonly fault: Fault; readonly forMs: number; readonly byMs: number }
  | {
      readonly do: 'step clock';
      readonly fault: Fault;
      readonly agent: number;
      readonly device: number;
      readonly byMs: number;
      readonly notices: boolean;
    }
  | {
      readonly do: 'disturb';
      readonly fault: Fault;
      readonly agent: number;
      readonly all: boolean;
      readonly reason: string | null;
    }
  | { readonly do: 'reload'; readonly fault: Fault }
  /** Its phone's network is away, for less than the grace or for more (RG1). */
  | { readonly do: 'lose phone'; readonly fault: Fault; readonly agent: number; readonly forMs: number }
  /** Its page does not hear Asterisk's questions (RG12). */
  | { readonly do: 'deafen'; readonly fault: Fault; readonly agent: number; readonly forMs: number };

export interface Plan {
  readonly seed: number;
  /** Extensions; the first has two devices. */
  readonly agents: readonly string[];
  readonly steps: readonly { readonly afterMs: number; readonly step: Step }[];
  /** The stranger acts once more when all is calm, where the outcome is certain (PS4). */
  readonly probe: boolean;
}

const STATUSES = [
  ...['ONLINE', 'ONLINE', 'ONLINE', 'OFFLINE', 'PAUSE', 'BREAK', 'BREAK'],
  ...['TRAINING', 'MEETING', 'WRAP_UP', 'DO_NOT_DISTURB'],
];
const REASONS = [
  ...['lunch', 'обед', 'перерыв на кофе', 'doctor: 14:00, "back" soon', '😀'.repeat(30)],
  'совещание отдела качества, вопросы по новому сценарию, вернусь к половине третьего',
  // Byte 79 falls on a space, and inside a character.
  `${'x'.repeat(78)} and the rest of it`,
  `${'y'.repeat(78)}я and the rest of it`,
];
const HOUR_MS = 3_600_000;
const AGENTS_A_RUN = 4;

const choice = (prng: Prng): Choice => ({
  status: prng.pick(STATUSES),
  reason: prng.chance(0.5) ? null : prng.pick(REASONS),
});

/** What takes long comes seldom; the stranger often, as the number of his deeds in a minute is limited. */
const weightOf = (fault: Fault): number => {
  if (fault.startsWith('foreign')) return 3;
  return fault.startsWith('kill') ? 1.5 : 2;
};
const WEIGHTS = FAULTS.map((fault) => [fault, weightOf(fault)] as const);

function pickFault(prng: Prng): Fault {
  let at = prng.next() * WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [fault, weight] of WEIGHTS) {
    at -= weight;
    if (at < 0) return fault;
  }
  return 'AMI cut';
}

function outbox(prng: Prng, fault: Fault, order: FlushOrder): Step {
  const fresh = prng.chance(0.3);
  const agent = prng.int(0, AGENTS_A_RUN - 1);
  const count = order === 'in order' ? prng.int(0, 2) : prng.int(2, 4);
  // On a fresh device also long ago: elsewhere the entries before leave no room (PS5).
  const ago = (): number => (prng.chance(0.5) ? prng.int(0, 3_000) : prng.int(0, 200_000));
  const agos = Array.from({ length: count }, ago);
  // Else its clock jumps between two choices, and what counts is the sequence.
  const jumps = prng.chance(0.25);
  if (!jumps) agos.sort((a, b) => b - a);
  return {
    do: 'outbox',
    ...{ fault, agent, order, fresh, awayMs: prng.int(100, 700) },
    device: agent === 0 ? prng.int(0, 1) : 0,
    choices: agos.map((agoMs) => ({ ...choice(prng), agoMs: fresh || jumps ? agoMs : null })),
  };
}

function faultStep(prng: Prng, fault: Fault): Step {
  const agent = prng.int(0, AGENTS_A_RUN - 1);
  const device = agent === 0 ? prng.int(0, 1) : 0;
  switch (fault) {
    case 'kill -9 of Asterisk':
      return { do: 'kill Asterisk', fault, forMs: prng.int(0, 300) };
    case 'kill -9 of the bridge': {
      const afterAckOf = prng.chance(0.6) ? agent : null;
      return { do: 'kill bridge', fault, forMs: prng.int(0, 300), afterAckOf, choice: choice(prng) };
    }
    case 'AMI cut':
      return { do: 'cut AMI', fault, forMs: prng.int(20, 700) };
    case 'AMI delayed':
      return { do: 'delay AMI', fault, forMs: prng.int(200, 1_200), byMs: prng.int(20, 400) };
    case 'socket cut':
      return outbox(prng, fault, 'in order');
    case 'outbox doubled':
      return outbox(prng, fault, 'doubled');
    case 'outbox reordered':
      return outbox(prng, fault, 'shuffled');
    case 'clock step': {
      const byMs = prng.int(1_000, 3 * HOUR_MS) * (prng.chance(0.5) ? 1 : -1);
      return { do: 'step clock', fault, agent, device, byMs, notices: prng.chance(0.5) };
    }
    case 'foreign, one queue':
    case 'foreign, all queues': {
      const reason = prng.chance(0.5) ? null : `foreign ${prng.int(100, 999)}`;
      return { do: 'disturb', fault, agent, all: fault === 'foreign, all queues', reason };
    }
    case 'reload of app_queue':
      return { do: 'reload', fault };
    case 'phone gone':
      return { do: 'lose phone', fault, agent, forMs: prng.int(0, 1_500) };
    case 'page deaf':
      return { do: 'deafen', fault, agent, forMs: prng.int(100, 4_500) };
  }
}

/** One of each size of desk, and one more. */
function agentsOf(prng: Prng): readonly string[] {
  const sizes = prng.shuffled([1, 2, 3]);
  const more = prng.pick([2, 3]);
  const picked: string[] = [];
  for (const size of [...sizes, more]) {
    const free = AGENTS.filter((one) => one.queues.length === size && !picked.includes(one.extension));
    picked.push(prng.pick(free).extension);
  }
  return picked;
}

type Timed = Plan['steps'][number];

/** Sometimes a supervisor decides while a device is away, and the device does not know (PS5). */
function withOrder(prng: Prng, timed: Timed): readonly Timed[] {
  const { step } = timed;
  if (step.do !== 'outbox' || !prng.chance(0.4)) return [timed];
  const order = { do: 'order', agent: step.agent, choice: choice(prng) } as const;
  return [timed, { afterMs: prng.int(10, 80), step: order }];
}

export function planRun(seed: number): Plan {
  const prng = createPrng(seed);
  const agents = agentsOf(prng);
  const killed = new Set<Fault>();
  const steps = Array.from({ length: prng.int(12, 20) }, () => {
    const afterMs = prng.chance(0.3) ? 0 : prng.int(10, 250);
    const agent = prng.int(0, AGENTS_A_RUN - 1);
    const kind = prng.next();
    if (kind < 0.4) {
      const device = agent === 0 ? prng.int(0, 1) : 0;
      return { afterMs, step: { do: 'choose', agent, device, choice: choice(prng) } as const };
    }
    if (kind < 0.55) return { afterMs, step: { do: 'order', agent, choice: choice(prng) } as const };
    let fault = pickFault(prng);
    // Each of the two kills at most once a run.
    while (killed.has(fault)) fault = pickFault(prng);
    if (fault.startsWith('kill')) killed.add(fault);
    return { afterMs, step: faultStep(prng, fault) };
  });
  const ordered = steps.flatMap((timed) => withOrder(prng, timed));
  return { seed, agents, steps: ordered, probe: prng.chance(0.3) };
}
