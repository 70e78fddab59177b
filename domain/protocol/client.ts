// WR1, WR2: what an app sends. Every request has an id and gets exactly one ack or nack.
import * as v from 'valibot';
import { Extension, QueueName, Time } from './views.ts';

export const PROTOCOL = 1;
/** WR1: protocol N and N−1 are spoken. */
export const PROTOCOLS_SPOKEN: readonly number[] = [1];

/** Bytes; a hello may be at most this long, any other frame at most `MAX_FRAME_BYTES`. */
export const MAX_HELLO_BYTES = 4_096;
export const MAX_FRAME_BYTES = 65_536;

const RequestId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.description('chosen by the client'));

/** Ids carry the sequence in ten digits and sort by it (ST11): one change a second for 300 years. */
const MAX_SEQUENCE = 9_999_999_999;

/** A status change as a device made it (PS5). Status and reason are judged by the bridge, so that each gets its own refusal. */
export const ChangeSchema = v.object({
  sequence: v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(1),
    v.maxValue(MAX_SEQUENCE),
    v.description('counts up per device'),
  ),
  status: v.pipe(v.string(), v.maxLength(32)),
  reason: v.nullable(v.pipe(v.string(), v.maxLength(2_000))),
  made: v.pipe(Time, v.description('ms on the device’s clock')),
  offset: v.optional(
    v.pipe(
      v.number(),
      v.finite(),
      v.description('ms from the device’s clock to the bridge’s, as measured with clock.ping; 0 when absent'),
    ),
  ),
  seen: v.pipe(
    v.nullable(v.pipe(v.string(), v.maxLength(128))),
    v.description('last change from the bridge it knew'),
  ),
});
export type DeviceChange = v.InferOutput<typeof ChangeSchema>;

/** PS5: whose outbox it is, kept by the device across sessions. */
export const DeviceIdSchema = v.pipe(v.string(), v.regex(/^d-[0-9a-f]{16,40}$/));

export const HelloSchema = v.object({
  type: v.literal('hello'),
  protocol: v.pipe(v.number(), v.integer()),
  token: v.pipe(v.string(), v.maxLength(2_048), v.description('the access token; never in a URL')),
  device: v.optional(v.pipe(DeviceIdSchema, v.description('the session counts as the device when absent'))),
  resume: v.optional(v.object({ epoch: v.string(), rev: v.number(), scope: v.string() })),
});

export const StatusSetSchema = v.object({
  type: v.literal('status.set'),
  id: RequestId,
  agent: v.optional(v.pipe(Extension, v.description('whose; own when absent'))),
  change: ChangeSchema,
});

/** Changes in one `outbox.flush`. */
export const MAX_FLUSH = 200;

export const OutboxFlushSchema = v.object({
  type: v.literal('outbox.flush'),
  id: RequestId,
  changes: v.pipe(v.array(ChangeSchema), v.maxLength(MAX_FLUSH)),
});

export const QueuePauseSchema = v.object({
  type: v.literal('queue.pause'),
  id: RequestId,
  agent: Extension,
  queue: QueueName,
  reason: v.pipe(v.string(), v.maxLength(2_000)),
});

export const QueueUnpauseSchema = v.object({
  type: v.literal('queue.unpause'),
  id: RequestId,
  agent: Extension,
  queue: QueueName,
});

/** RG12: the page saw an OPTIONS addressed to its session since it was told this nonce. */
export const ProbeSeenSchema = v.object({
  type: v.literal('probe.seen'),
  id: RequestId,
  nonce: v.pipe(v.string(), v.maxLength(64)),
});

/** RG12 on demand: ask the agent’s devices now. */
export const ProbeRunSchema = v.object({
  type: v.literal('probe.run'),
  id: RequestId,
  agent: v.optional(v.pipe(Extension, v.description('whose; own when absent'))),
});

const HangUp = v.optional(
  v.pipe(v.boolean(), v.description('end a live call as well; else the sign-out waits for its end')),
  false,
);

/** SE4: one device of the agent, own or overseen. */
export const DeviceSignOutSchema = v.object({
  type: v.literal('device.signOut'),
  id: RequestId,
  agent: Extension,
  device: v.pipe(v.string(), v.maxLength(512), v.description('id of one of the agent’s devices as listed')),
  hangUp: HangUp,
});

/** SE4: a supervisor signs all of an agent’s devices out. */
export const AgentSignOutSchema = v.object({
  type: v.literal('agent.signOut'),
  id: RequestId,
  agent: Extension,
  hangUp: HangUp,
});

/** RG2 on demand; the ack comes when the sweep is over, its report goes to all who oversee. */
export const SweepRunSchema = v.object({ type: v.literal('sweep.run'), id: RequestId });

export const ClockPingSchema = v.object({ type: v.literal('clock.ping'), id: RequestId, sent: Time });

export const ReauthSchema = v.object({
  type: v.literal('reauth'),
  id: RequestId,
  token: v.pipe(v.string(), v.maxLength(2_048)),
});

export const RequestSchema = v.variant('type', [
  StatusSetSchema,
  OutboxFlushSchema,
  QueuePauseSchema,
  QueueUnpauseSchema,
  ProbeSeenSchema,
  ProbeRunSchema,
  DeviceSignOutSchema,
  AgentSignOutSchema,
  SweepRunSchema,
  ClockPingSchema,
  ReauthSchema,
]);
export const ClientMessageSchema = v.variant('type', [
  HelloSchema,
  StatusSetSchema,
  OutboxFlushSchema,
  QueuePauseSchema,
  QueueUnpauseSchema,
  ProbeSeenSchema,
  ProbeRunSchema,
  DeviceSignOutSchema,
  AgentSignOutSchema,
  SweepRunSchema,
  ClockPingSchema,
  ReauthSchema,
]);

export type Hello = v.InferOutput<typeof HelloSchema>;
export type Request = v.InferOutput<typeof RequestSchema>;
export type ClientMessage = v.InferOutput<typeof ClientMessageSchema>;
