// Exact terms of the health page: which key says what the bridge reported.
import type { HealthReport, SweepReport } from '../../../domain/protocol/health.ts';
import type { PlainKey } from '../../i18n/catalogue.ts';
import type { I18n } from '../../i18n/i18n.svelte.ts';
import type { SweepOutcome } from '../../models/sweep-run.ts';

export type Link = HealthReport['ami'];
export type MethodReport = SweepReport['methods'][number];
export type Disagreement = SweepReport['disagreements'][number];
type Method = MethodReport['method'];

/** What was asked of Asterisk, as it calls it itself. */
export const ASKED: Readonly<Record<Method, string>> = {
  'contact-statuses': 'PJSIPShowRegistrationInboundContactStatuses',
  'ari-endpoints': 'GET /ari/endpoints',
  'device-states': 'DeviceStateList',
  'queue-status': 'QueueStatus',
  agents: 'Agents',
  'contact-rows': 'ps_contacts',
};

/** `quiet`: as it was set up, nothing to see to. */
export type Tone = 'ok' | 'warn' | 'alarm' | 'quiet';

export const LINK_TONE: Readonly<Record<Link['state'], Tone>> = {
  ready: 'ok',
  connecting: 'warn',
  down: 'alarm',
  failing: 'alarm',
  'not-configured': 'quiet',
};

export const METHOD_TONE: Readonly<Record<MethodReport['state'], Tone>> = {
  answered: 'ok',
  empty: 'quiet',
  unsupported: 'quiet',
  failed: 'warn',
  'timed-out': 'warn',
};

export const methodKey = (method: Method) => `health.method.${method}` as const satisfies PlainKey;

/** 0 ms is a measurement; a sweep of seconds is read in seconds. */
export function tookWords(ms: number, { t }: I18n): string {
  if (ms < 1_000) return t('health.ms', { ms: Math.round(ms) });
  return t('health.seconds', { seconds: Math.round(ms / 100) / 10 });
}

/** What the last "Sweep now" came to; null: nothing to tell. */
export function outcomeWords(outcome: SweepOutcome, sweep: SweepReport | null, i18n: I18n): string | null {
  if (outcome === null) return null;
  if (outcome !== 'done') return i18n.t('health.sweepFailed', { why: { key: `error.${outcome}` } });
  return i18n.say({ key: 'health.swept', values: { count: sweep?.changes.length ?? 0 } });
}

export const nameOf = (agents: ReadonlyMap<string, { readonly name: string }>, extension: string): string =>
  agents.get(extension)?.name ?? extension;
