// WR1, WR2: what the bridge sends. `n` numbers the frames of one connection; `rev` is the change counter.
import * as v from 'valibot';
import {
  AgentViewSchema,
  Extension,
  HealthSchema,
  ObservedSchema,
  RoleSchema,
  Time,
  WantedSchema,
} from './views.ts';
import { HealthReportSchema } from './health.ts';
import { LogTailSchema, LoggedChangeSchema } from './log-entries.ts';
import { REFUSALS } from './errors.ts';

const Rev = v.pipe(v.number(), v.safeInteger(), v.description('the change counter; grows'));
const RequestId = v.string();

export const WelcomeSchema = v.object({
  type: v.literal('welcome'),
  protocol: v.number(),
  epoch: v.pipe(
    v.string(),
    v.description('changes when the bridge starts anew: revs of another epoch mean nothing'),
  ),
  rev: Rev,
  serverTime: Time,
  scope: v.pipe(v.string(), v.description('what this connection is shown; part of resume')),
  self: v.object({
    extension: Extension,
    name: v.string(),
    role: RoleSchema,
    session: v.string(),
    device: v.string(),
    lastSequence: v.pipe(v.number(), v.description('highest sequence of this device the bridge has stored')),
  }),
});

export const SnapshotSchema = v.object({
  type: v.literal('agents:snapshot'),
  rev: Rev,
  agents: v.array(AgentViewSchema),
});

export const AgentStatusSchema = v.object({
  type: v.literal('agent:status'),
  rev: Rev,
  agents: v.pipe(v.array(AgentViewSchema), v.description('whole views of those that changed')),
});

export const SystemHealthSchema = v.object({ type: v.literal('system:health'), health: HealthSchema });

/** PS5: the agent's own log, so that a desk folds what it holds by the same rules. */
export const SelfLogSchema = v.object({
  type: v.literal('self:log'),
  tail: v.pipe(
    v.nullable(LogTailSchema),
    v.description('what the fold begins with; null: `entries` follow what was sent before'),
  ),
  entries: v.array(LoggedChangeSchema),
});

/** PS2, PS4: what Asterisk held otherwise than wanted, for those who oversee the agents. */
export const QueueDriftSchema = v.object({
  type: v.literal('queue:drift'),
  drifts: v.array(
    v.object({
      agent: Extension,
      queue: v.string(),
      wanted: WantedSchema,
      observed: v.pipe(ObservedSchema, v.description('as found')),
      contested: v.pipe(
        v.boolean(),
        v.description('true: left alone from now on; false: it is being repaired'),
      ),
    }),
  ),
});
export type QueueDrift = v.InferOutput<typeof QueueDriftSchema>['drifts'][number];

/** RG12: tell when an OPTIONS of Asterisk addressed to this session arrives (`probe.seen` with this nonce). */
export const ProbeSchema = v.object({ type: v.literal('probe'), nonce: v.string() });

export const AckSchema = v.object({
  type: v.literal('ack'),
  id: RequestId,
  rev: v.pipe(Rev, v.description('durably stored at this rev')),
  serverTime: v.optional(v.pipe(Time, v.description('with clock.ping'))),
});

export const NackSchema = v.object({
  type: v.literal('nack'),
  id: RequestId,
  code: v.picklist(REFUSALS),
  detail: v.optional(v.pipe(v.string(), v.description('for logs, not for people'))),
  lastSequence: v.optional(v.pipe(v.number(), v.description('with sequence-taken'))),
  sequence: v.optional(
    v.pipe(
      v.number(),
      v.description(
        'which change was refused; those before it in the same outbox.flush are stored, none after it',
      ),
    ),
  ),
});

export const ServerMessageSchema = v.variant('type', [
  WelcomeSchema,
  SnapshotSchema,
  AgentStatusSchema,
  SystemHealthSchema,
  SelfLogSchema,
  QueueDriftSchema,
  HealthReportSchema,
  ProbeSchema,
  AckSchema,
  NackSchema,
]);
export type ServerMessage = v.InferOutput<typeof ServerMessageSchema>;
export type Welcome = v.InferOutput<typeof WelcomeSchema>;
export type Ack = v.InferOutput<typeof AckSchema>;
export type Nack = v.InferOutput<typeof NackSchema>;

/** A frame: the message and its number on this connection. */
export const FrameNumberSchema = v.object({ n: v.pipe(v.number(), v.safeInteger()) });
