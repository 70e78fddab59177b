// ST8: a reason on the wire is a catalogue entry's id or free text; its reader sees the entry's name in their language.
import type { CatalogueReason } from '../../domain/status/catalogue.ts';
import { phrase, type Phrase } from '../i18n/catalogue.ts';
import type { Language } from '../i18n/translate.ts';

/** The entry a stored reason stands for. Names count too: Asterisk or another desk may have written one out. */
export function catalogueReason(
  reasons: readonly CatalogueReason[],
  status: string,
  reason: string | null,
): CatalogueReason | null {
  if (reason === null) return null;
  const fits = ({ id, name }: CatalogueReason): boolean => [id, name.en, name.ru].includes(reason);
  return reasons.find((entry) => entry.status === status && fits(entry)) ?? null;
}

/** RG13: why the bridge itself chose a pause; Asterisk and the log have it in these words. */
const AUTOMATIC: Readonly<Record<string, Phrase>> = { 'desk closed': phrase('status.deskClosed') };

export interface Wording {
  readonly reasons: readonly CatalogueReason[];
  readonly language: Language;
  readonly say: (said: Phrase) => string;
}

/** A reason as its reader should see it: the catalogue's name, the bridge's own reasons in words, else what was typed. */
export function reasonWords(
  { reasons, language, say }: Wording,
  { status, reason }: { readonly status: string; readonly reason: string },
): string {
  const entry = catalogueReason(reasons, status, reason);
  if (entry) return entry.name[language];
  const automatic = Object.hasOwn(AUTOMATIC, reason) ? AUTOMATIC[reason] : undefined;
  return automatic ? say(automatic) : reason;
}
