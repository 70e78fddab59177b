// What components may reach: handed down once by the root component.
import { createContext } from 'svelte';
import type { I18n } from '../i18n/i18n.svelte.ts';
import type { Desk } from '../models/desk.svelte.ts';
import type { Settings } from '../models/settings.svelte.ts';

export interface Deps {
  readonly desk: Desk;
  readonly settings: Settings;
  readonly i18n: I18n;
}

const [read, write] = createContext<Deps>();

export const useDeps: () => Deps = read;
export const provideDeps: (deps: Deps) => Deps = write;
