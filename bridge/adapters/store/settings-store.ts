// ST8, OP6: the catalogue of reasons and what the store says of itself.
import type { Kysely } from 'kysely';
import type { CatalogueReason } from '../../../domain/status/catalogue.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

export interface SettingsStore {
  reasons(): Promise<readonly CatalogueReason[]>;
  /** `store` its id, `demo` = 1 for the demo centre. */
  meta(key: string): Promise<string | null>;
  setMeta(key: string, value: string): Promise<void>;
}

export function createSettingsStore(db: Kysely<Schema>): SettingsStore {
  return {
    reasons: () =>
      guarded(async () => {
        const rows = await db.selectFrom('reasons').selectAll().orderBy('position').execute();
        return rows.map(({ id, status, name_en: en, name_ru: ru, colour, limit_ms: limitMs }) => {
          return { id, status, name: { en, ru }, colour, limitMs };
        });
      }),
    meta: (key) =>
      guarded(async () => {
        const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
        return row?.value ?? null;
      }),
    setMeta: (key, value) =>
      guarded(async () => {
        await db
          .insertInto('meta')
          .values({ key, value })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
          .execute();
      }),
  };
}
