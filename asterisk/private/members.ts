// A queue member's names, as each place wants them: a line of queues.conf, a row of queue_members, an AMI QueueAdd.

export interface PlannedMember {
  readonly extension: string;
  /** `PJSIP/<ext>`: one device rings. Without it `Local/<ext>@agents-all`: all of them do (RG9). */
  readonly plain?: boolean;
}

export interface QueuePlan {
  readonly name: string;
  /** Extensions: static members whose every device rings. */
  readonly members: readonly string[];
  /** Extensions: static members `PJSIP/<ext>`. */
  readonly plain?: readonly string[];
  /** Rows of queue_members, paused at first. An empty list says: rows may come later. */
  readonly realtime?: readonly PlannedMember[];
}

export const memberInterface = ({ extension, plain = false }: PlannedMember): string =>
  plain ? `PJSIP/${extension}` : `Local/${extension}@agents-all`;

/** PS3: the agent is found by this, whatever rings. */
const stateInterface = ({ extension }: PlannedMember): string => `PJSIP/${extension}`;

export const staticMembers = ({ members, plain = [] }: QueuePlan): readonly PlannedMember[] => [
  ...members.map((extension) => ({ extension })),
  ...plain.map((extension) => ({ extension, plain: true })),
];

/** PS9: the last field says paused. */
export const memberLine = (member: PlannedMember): string =>
  `member => ${memberInterface(member)},0,${member.extension},${stateInterface(member)},no,0,yes`;

/** What it leaves out has its default in the schema: paused, penalty 0. */
export const memberRow = (queue: string, member: PlannedMember): Readonly<Record<string, string>> => ({
  queue_name: queue,
  interface: memberInterface(member),
  membername: member.extension,
  state_interface: stateInterface(member),
});

/** The fields of `Action: QueueAdd` that makes a dynamic member as PS9 wants it. */
export const queueAddFields = (
  queue: string,
  member: PlannedMember,
  reason: string,
): Readonly<Record<string, string>> => ({
  Queue: queue,
  Interface: memberInterface(member),
  MemberName: member.extension,
  StateInterface: stateInterface(member),
  Paused: '1',
  Reason: reason,
});
