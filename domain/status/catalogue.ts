// ST8: the catalogue of reasons offered under each status. Free text stays possible beside it.
import type { ChoosableStatus } from './status.ts';

export interface CatalogueReason {
  readonly id: string;
  readonly status: ChoosableStatus;
  /** What people read, in their language. */
  readonly name: { readonly en: string; readonly ru: string };
  /** Any CSS colour, or null for the status's own. */
  readonly colour: string | null;
  /** ST7: after this time the desk and the board warn; it never ends a break. */
  readonly limitMs: number | null;
}

const minutes = (count: number): number => count * 60_000;

const reason = (
  id: string,
  status: ChoosableStatus,
  en: string,
  ru: string,
  limitMs: number | null,
): CatalogueReason => ({ id, status, name: { en, ru }, colour: null, limitMs });

/** What a new centre starts with; a centre changes it as data. */
export const DEFAULT_CATALOGUE: readonly CatalogueReason[] = [
  reason('lunch', 'BREAK', 'lunch', 'обед', minutes(30)),
  reason('coffee', 'BREAK', 'coffee', 'кофе', minutes(15)),
  reason('rest', 'BREAK', 'rest from the screen', 'отдых от экрана', minutes(10)),
  reason('technical', 'PAUSE', 'technical problem', 'техническая проблема', null),
  reason('errand', 'PAUSE', 'task from supervisor', 'задача от супервизора', null),
  reason('course', 'TRAINING', 'course', 'курс', null),
  reason('coaching', 'TRAINING', 'coaching', 'наставничество', minutes(45)),
  reason('team', 'MEETING', 'team meeting', 'встреча команды', minutes(60)),
  reason('one-to-one', 'MEETING', 'one to one', 'личная встреча', minutes(45)),
  reason('paperwork', 'WRAP_UP', 'finishing the case', 'завершение обращения', minutes(5)),
];
