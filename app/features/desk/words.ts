// How statuses and reasons are worded and drawn for the reader; shared by button, picker and lists.
import type { Phrase } from '../../i18n/catalogue.ts';
import { phrase } from '../../i18n/catalogue.ts';
import type { I18n } from '../../i18n/i18n.svelte.ts';
import { reasonWords } from '../../models/reasons.ts';
import { statusPhrase } from '../../models/truth.ts';
import type { CatalogueReason } from '../../../domain/status/catalogue.ts';
import type { ChoosableStatus, Status } from '../../../domain/status/status.ts';
import type { AgentView } from '../../../domain/protocol/views.ts';

/** The order of the picker: digit 1 is the first. */
export const PICKER_ORDER: readonly ChoosableStatus[] = [
  'ONLINE',
  'WRAP_UP',
  'PAUSE',
  'BREAK',
  'TRAINING',
  'MEETING',
  'DO_NOT_DISTURB',
  'OFFLINE',
];

type Said = Pick<AgentView, 'status' | 'reason' | 'auto' | 'mark' | 'next'>;

/** The small words beside a status: why it is so, or what comes next. Null: nothing to add. */
export function detailOf(
  view: Said,
  reasons: readonly CatalogueReason[],
  i18n: I18n,
  asOf: number | null,
): string | null {
  const parts = detailPhrases(view, asOf).map((part) => i18n.say(part));
  if (view.reason !== null) parts.unshift(reasonName(view.status, view.reason, reasons, i18n));
  return parts.length === 0 ? null : parts.join(' · ');
}

function detailPhrases({ auto, mark, next, status }: Said, asOf: number | null): Phrase[] {
  const parts: Phrase[] = [];
  if (auto === 'sip-not-registered') parts.push(phrase('status.phoneNotReachable'));
  if (auto === 'sip-registered') parts.push(phrase('status.phoneBack'));
  if (next && !(status === 'ON_CALL' && next.status === 'ONLINE')) {
    parts.push(phrase('status.next', { status: statusPhrase(next.status) }));
  }
  if (mark === 'connection-lost') parts.push(phrase('status.connectionLost'));
  if (mark === 'reconnecting') parts.push(phrase('status.reconnecting'));
  if (mark === 'as-of' && asOf !== null) parts.push(phrase('status.asOf', { time: { at: asOf } }));
  return parts;
}

export const reasonName = (
  status: Status,
  reason: string,
  reasons: readonly CatalogueReason[],
  i18n: I18n,
): string => reasonWords({ reasons, language: i18n.language, say: i18n.say }, { status, reason });
