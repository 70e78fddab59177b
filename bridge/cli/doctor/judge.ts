// Facts in, findings out. Pure: no network, no files, no clock.
import { AMI_CHECKS } from './check-ami.ts';
import { CORE_CHECKS } from './check-core.ts';
import { ENDPOINT_CHECKS } from './check-endpoints.ts';
import { MEMBER_CHECKS } from './check-members.ts';
import { QUEUE_CHECKS } from './check-queues.ts';
import { TABLE_CHECKS } from './check-tables.ts';
import { WEB_CHECKS } from './check-web.ts';
import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';

export const CHECKS: readonly Check[] = [
  ...CORE_CHECKS,
  ...AMI_CHECKS,
  ...QUEUE_CHECKS,
  ...MEMBER_CHECKS,
  ...WEB_CHECKS,
  ...ENDPOINT_CHECKS,
  ...TABLE_CHECKS,
];

export const judge = (facts: Facts): readonly Finding[] =>
  CHECKS.flatMap(({ id, why, look }) => look(facts).map((verdict) => ({ id, why, ...verdict })));
