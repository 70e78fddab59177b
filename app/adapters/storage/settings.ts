// AP2: IndexedDB holds the device's settings. Nothing secret, and nothing in localStorage.
import Dexie, { type EntityTable } from 'dexie';
import * as v from 'valibot';
import { LANGUAGES } from '../../i18n/translate.ts';
import { THEMES, type SettingsPort, type StoredSettings } from '../../models/ports.ts';

interface Row {
  readonly key: string;
  readonly value: unknown;
}

const stored = v.object({
  language: v.optional(v.picklist(LANGUAGES)),
  theme: v.optional(v.picklist(THEMES)),
});

const SETTINGS = 'settings';

/** Without storage (private windows, blocked cookies) settings live as long as the page. */
export function createSettingsStore(name: string): SettingsPort {
  const database = new Dexie(name) as Dexie & { values: EntityTable<Row, 'key'> };
  database.version(1).stores({ values: 'key' });
  return {
    async load() {
      const row = await database.values.get(SETTINGS).catch(() => undefined);
      const settings = v.safeParse(stored, row?.value);
      return settings.success ? (settings.output as StoredSettings) : {};
    },
    save(settings) {
      database.values.put({ key: SETTINGS, value: { ...settings } }).catch(() => undefined);
    },
  };
}
