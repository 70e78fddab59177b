// ST8: a reason on the wire is a catalogue entry's id or free text; its reader sees the entry's name in their language.
import type { CatalogueReason } from '../../domain/status/catalogue.ts';

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
