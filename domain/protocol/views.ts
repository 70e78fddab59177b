// WR1, WR2: the shapes of agents on the wire. Schema → type.
import * as v from 'valibot';
import { CHOOSABLE_STATUSES, STATUSES } from '../status/status.ts';
import { STATUS_MARKS } from '../status/derive.ts';
import { CAUSES } from '../status/log.ts';
import { PROBES } from '../status/wanted.ts';

export const Time = v.pipe(v.number(), v.finite(), v.description('ms since the epoch'));
export const Extension = v.pipe(
  v.string(),
  v.regex(/^[0-9A-Za-z_-]{1,32}$/),
  v.description('an agent’s extension'),
);
export const QueueName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(128),
  v.description('as Asterisk names it'),
);
const Text = (max: number) => v.pipe(v.string(), v.maxLength(max));

export const StatusSchema = v.picklist(STATUSES);
export const ChoosableSchema = v.picklist(CHOOSABLE_STATUSES);
export const RoleSchema = v.picklist(['agent', 'supervisor', 'admin', 'wall']);

export const WantedSchema = v.nullable(
  v.variant('paused', [
    v.object({ paused: v.literal(true), reason: v.string() }),
    v.object({ paused: v.literal(false) }),
  ]),
);

export const ObservedSchema = v.object({ paused: v.boolean(), reason: v.string(), at: Time });

export const QueueTruthSchema = v.object({
  queue: v.string(),
  wanted: v.pipe(WantedSchema, v.description('null: no opinion')),
  observed: v.nullable(ObservedSchema),
  agreed: v.boolean(),
  hold: v.pipe(
    v.nullable(v.object({ reason: v.string(), author: v.string(), since: Time })),
    v.description('the stored pause of this queue; author: an extension, or `asterisk`'),
  ),
  contestedSince: v.pipe(
    v.nullable(Time),
    v.description('somebody else keeps changing it: left alone since then'),
  ),
});

export const ContactSchema = v.object({
  uri: v.string(),
  session: v.pipe(
    v.nullable(v.string()),
    v.description('the session that registered it; null: a desk phone'),
  ),
  reachable: v.boolean(),
  userAgent: v.nullable(v.string()),
  address: v.nullable(v.string()),
  roundTripMs: v.nullable(v.number()),
  at: Time,
});

/** RG9; the shape is domain/roster/devices.ts. */
export const DeviceSchema = v.object({
  id: v.pipe(v.string(), v.description('what `device.signOut` names')),
  session: v.pipe(v.nullable(v.string()), v.description('null: a desk phone')),
  label: v.nullable(v.string()),
  userAgent: v.nullable(v.string()),
  address: v.nullable(v.string()),
  roundTripMs: v.nullable(v.number()),
  phone: v.pipe(
    v.picklist(['reachable', 'unreachable', 'none']),
    v.description('none: it has no contact, nothing rings there'),
  ),
  connected: v.pipe(v.boolean(), v.description('a page of it is connected to the bridge')),
  openedAt: v.nullable(Time),
  endsAfterCall: v.pipe(v.boolean(), v.description('a sign-out waits for the end of the call')),
});
export type DeviceView = v.InferOutput<typeof DeviceSchema>;

export const AgentDetailSchema = v.object({
  intent: v.object({
    status: ChoosableSchema,
    reason: v.nullable(v.string()),
    cause: v.picklist(CAUSES),
    actor: v.string(),
    since: Time,
    entry: v.nullable(v.string()),
  }),
  lastReceived: v.pipe(v.nullable(v.string()), v.description('what the next change names as `seen`')),
  question: v.nullable(v.object({ entry: v.string(), made: Time })),
  overruled: v.nullable(v.object({ entry: v.string(), status: ChoosableSchema, by: v.string() })),
  registration: v.object({
    state: v.picklist(['registered', 'unregistered', 'unknown']),
    since: Time,
    lastKnown: v.nullable(v.picklist(['registered', 'unregistered'])),
    graceFrom: v.pipe(
      v.nullable(Time),
      v.description('lost then, and the grace in which it may come back is not over'),
    ),
    asOf: Time,
  }),
  probe: v.pipe(
    v.picklist(PROBES),
    v.description('whether a device proved that it can be rung; pending: it is being asked'),
  ),
  contacts: v.array(ContactSchema),
  devices: v.array(DeviceSchema),
  queues: v.array(QueueTruthSchema),
});
export type AgentDetail = v.InferOutput<typeof AgentDetailSchema>;

export const AgentViewSchema = v.object({
  extension: Extension,
  name: Text(200),
  role: RoleSchema,
  status: StatusSchema,
  reason: v.nullable(v.string()),
  auto: v.nullable(v.picklist(['sip-not-registered', 'sip-registered'])),
  since: v.pipe(v.nullable(Time), v.description('null: nobody has been signed in yet')),
  next: v.nullable(v.object({ status: ChoosableSchema, reason: v.nullable(v.string()) })),
  mark: v.nullable(v.picklist(STATUS_MARKS)),
  canTakeCall: v.boolean(),
  detail: v.optional(AgentDetailSchema),
});
export type AgentView = v.InferOutput<typeof AgentViewSchema>;

export const HealthSchema = v.object({
  asterisk: v.object({ state: v.picklist(['ready', 'connecting', 'down']), since: Time }),
  store: v.object({ state: v.picklist(['ready', 'failing']), since: Time }),
});
export type Health = v.InferOutput<typeof HealthSchema>;
