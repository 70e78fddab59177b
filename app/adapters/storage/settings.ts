// AP2: IndexedDB holds the device's settings and who used it last. Nothing secret, and nothing in localStorage.
import Dexie, { type EntityTable } from 'dexie';
import * as v from 'valibot';
import { ConfigSchema, SessionSchema } from '../../../domain/protocol/http.ts';
import { LANGUAGES } from '../../i18n/translate.ts';
import {
  THEMES,
  type Profile,
  type ProfilePort,
  type SettingsPort,
  type StoredSettings,
} from '../../models/ports.ts';

interface Row {
  readonly key: 'settings' | 'profile';
  readonly value: unknown;
}

const SettingsSchema = v.object({
  language: v.optional(v.picklist(LANGUAGES)),
  theme: v.optional(v.picklist(THEMES)),
});

const { self, session, receipt } = SessionSchema.entries;
const ProfileSchema = v.object({ self, session, receipt, config: ConfigSchema });

/** Without storage (private windows, blocked cookies) everything lives as long as the page. */
function open(name: string) {
  const database = new Dexie(name) as Dexie & { values: EntityTable<Row, 'key'> };
  database.version(1).stores({ values: 'key' });
  return {
    read: async (key: Row['key']): Promise<unknown> =>
      (await database.values.get(key).catch(() => undefined))?.value,
    write: (row: Row): void => void database.values.put(row).catch(() => undefined),
    remove: (key: Row['key'], isIt: (value: unknown) => boolean): void => {
      const found = database.values.where('key').equals(key);
      void found
        .and(({ value }) => isIt(value))
        .delete()
        .catch(() => undefined);
    },
  };
}

export function createSettingsStore(name: string): SettingsPort {
  const { read, write } = open(name);
  return {
    async load() {
      const settings = v.safeParse(SettingsSchema, await read('settings'));
      return settings.success ? (settings.output as StoredSettings) : {};
    },
    save: (settings) => write({ key: 'settings', value: { ...settings } }),
  };
}

export function createProfileStore(name: string): ProfilePort {
  const { read, write, remove } = open(name);
  return {
    async load() {
      const profile = v.safeParse(ProfileSchema, await read('profile'));
      return profile.success ? profile.output : null;
    },
    save: (profile) => write({ key: 'profile', value: profile }),
    forget: (session) =>
      remove('profile', (value) => session === null || (value as Partial<Profile>).session === session),
  };
}
