// What the status picker shows for what was typed, and what Enter would choose.
import type { CatalogueReason } from '../../../domain/status/catalogue.ts';
import type { ChoosableStatus } from '../../../domain/status/status.ts';
import { PICKER_ORDER } from './words.ts';

export interface PickerRow {
  readonly status: ChoosableStatus;
  /** 1 to 8, whatever is typed. */
  readonly digit: number;
  readonly reasons: readonly CatalogueReason[];
  /** A reason was found, not the status: its reasons are open. */
  readonly byReason: boolean;
}

export interface PickerHit {
  readonly status: ChoosableStatus;
  readonly reason: string | null;
}

const begins = (text: string, query: string): boolean => {
  const words = text.toLocaleLowerCase();
  return words.startsWith(query) || words.split(/[\s-]+/).some((word) => word.startsWith(query));
};

/** `nameOf` gives a status's name in the reader's language; reasons are matched by their name in `language`. */
export function pickerRows(
  query: string,
  catalogue: readonly CatalogueReason[],
  language: 'en' | 'ru',
  nameOf: (status: ChoosableStatus) => string,
): readonly PickerRow[] {
  const wanted = query.trim().toLocaleLowerCase();
  return PICKER_ORDER.flatMap((status, index) => {
    const reasons = catalogue.filter((reason) => reason.status === status);
    const row = { status, digit: index + 1, reasons, byReason: false };
    if (wanted === '' || begins(nameOf(status), wanted)) return [row];
    const found = reasons.filter(({ name }) => begins(name[language], wanted));
    return found.length === 0 ? [] : [{ ...row, reasons: found, byReason: true }];
  });
}

/** Null while nothing is typed: Enter must not choose by accident. */
export function pickerHit(query: string, rows: readonly PickerRow[]): PickerHit | null {
  if (query.trim() === '') return null;
  const row = rows.find((one) => !one.byReason) ?? rows[0];
  if (!row) return null;
  return { status: row.status, reason: row.byReason ? (row.reasons[0]?.id ?? null) : null };
}
