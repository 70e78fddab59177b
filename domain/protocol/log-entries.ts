// PS5: the agent's own log on the wire. The shapes are those of domain/status/log.ts and fold.ts; types hold them together.
import * as v from 'valibot';
import type { LogTail } from '../status/agent-log.ts';
import type { FoldState } from '../status/fold.ts';
import { CAUSES, type Change, type Choice } from '../status/log.ts';
import { ChoosableSchema, Extension, Time } from './views.ts';

const EntryId = v.pipe(v.string(), v.maxLength(128));
const base = {
  id: EntryId,
  agent: Extension,
  cause: v.picklist(CAUSES),
  actor: v.string(),
  device: v.string(),
  sequence: v.number(),
  made: Time,
  received: v.nullable(Time),
  status: ChoosableSchema,
  reason: v.nullable(v.string()),
};

const LoggedChoiceSchema = v.object({
  kind: v.literal('choice'),
  ...base,
  seen: v.nullable(EntryId),
  uncertain: v.pipe(v.boolean(), v.description('could not be placed in time to within 2 s')),
});
const LoggedStepSchema = v.object({
  kind: v.literal('step'),
  ...base,
  follows: v.pipe(
    v.nullable(EntryId),
    v.description('counts only while this entry is in force at its place'),
  ),
});
export const LoggedChangeSchema = v.variant('kind', [LoggedChoiceSchema, LoggedStepSchema]);

const FoldStateSchema = v.object({
  intent: v.object({
    status: ChoosableSchema,
    reason: v.nullable(v.string()),
    cause: v.picklist(CAUSES),
    actor: v.string(),
    since: Time,
    entry: v.nullable(EntryId),
  }),
  question: v.nullable(LoggedChoiceSchema),
  overruled: v.nullable(LoggedChoiceSchema),
  inForce: v.nullable(LoggedChoiceSchema),
});

/** Where the fold of the entries beside it begins: the state before them. */
export const LogTailSchema = v.object({
  state: FoldStateSchema,
  heard: v.pipe(
    v.array(v.tuple([EntryId, Time])),
    v.description('entries that are named as `seen` but not sent, with the time they were received'),
  ),
});

export type WireTail = v.InferOutput<typeof LogTailSchema>;

/** Readonly and mutable alike. */
const choice = (one: Choice): v.InferOutput<typeof LoggedChoiceSchema> => ({ ...one });
const orNull = (one: Choice | null) => (one ? choice(one) : null);
export const changeToWire = (change: Change): v.InferOutput<typeof LoggedChangeSchema> => ({ ...change });

const stateToWire = ({ intent, question, overruled, inForce }: FoldState): WireTail['state'] => ({
  intent: { ...intent },
  question: orNull(question),
  overruled: orNull(overruled),
  inForce: orNull(inForce),
});

export const tailToWire = ({ base: { state, heard } }: LogTail): WireTail => ({
  state: stateToWire(state),
  heard: [...heard],
});
