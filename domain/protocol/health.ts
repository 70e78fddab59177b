// RG5, OP2: what supervisors see of how well the bridge knows: each method's last word, disagreements, connections.
import * as v from 'valibot';
import { METHODS } from '../registration/evidence.ts';
import { Extension, Time } from './views.ts';

const VerdictSchema = v.picklist(['registered', 'unregistered', 'unknown']);
const MethodNameSchema = v.picklist(METHODS);
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Ms = v.pipe(v.number(), v.minValue(0), v.description('ms'));

export const METHOD_STATES = ['answered', 'empty', 'failed', 'timed-out', 'unsupported'] as const;

/** RG2: one method in the last sweep. Only `answered` has an opinion about anybody. */
export const MethodReportSchema = v.object({
  method: MethodNameSchema,
  state: v.picklist(METHOD_STATES),
  tookMs: Ms,
  registered: Count,
  unregistered: Count,
  unknown: Count,
  problem: v.pipe(v.nullable(v.string()), v.description('an error code')),
});

export const DisagreementSchema = v.object({
  extension: Extension,
  since: Time,
  verdict: VerdictSchema,
  by: v.pipe(MethodNameSchema, v.description('the method that decided')),
  opinions: v.array(v.object({ method: MethodNameSchema, verdict: VerdictSchema })),
});

export const SweepReportSchema = v.object({
  at: v.pipe(Time, v.description('when the methods were asked')),
  cause: v.picklist(['start', 'cron', 'demand']),
  tookMs: v.pipe(Ms, v.description('from asking to the last change taken in')),
  methods: v.array(MethodReportSchema),
  disagreements: v.pipe(v.array(DisagreementSchema), v.description('those older than 2 s (RG5)')),
  changes: v.array(
    v.object({ extension: Extension, from: VerdictSchema, to: VerdictSchema, by: MethodNameSchema }),
  ),
});
export type SweepReport = v.InferOutput<typeof SweepReportSchema>;

const LinkStateSchema = v.object({
  state: v.picklist(['ready', 'connecting', 'down', 'not-configured', 'failing']),
  since: Time,
});

export const HealthReportSchema = v.object({
  type: v.literal('health:report'),
  ami: LinkStateSchema,
  ari: LinkStateSchema,
  store: LinkStateSchema,
  sweep: v.pipe(v.nullable(SweepReportSchema), v.description('null: none since the bridge started')),
  sweeps: v.pipe(Count, v.description('since the bridge started')),
  disagreements: v.pipe(Count, v.description('counted since the bridge started')),
  oldestKnowledge: v.pipe(
    v.nullable(v.object({ extension: Extension, asOf: Time })),
    v.description('the agent heard of longest ago among those signed in; null: nobody is'),
  ),
  ghosts: v.pipe(
    v.object({ seconds: v.pipe(v.number(), v.minValue(0)), now: v.array(Extension) }),
    v.description('unpaused although not reachable, from the end of the grace on'),
  ),
});
export type HealthReport = v.InferOutput<typeof HealthReportSchema>;
