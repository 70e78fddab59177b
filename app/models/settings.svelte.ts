// The device's own settings: language and appearance.
import type { I18n } from '../i18n/i18n.svelte.ts';
import type { Language } from '../i18n/translate.ts';
import type { SettingsPort, Theme } from './ports.ts';

export class Settings {
  readonly #port: SettingsPort;
  readonly #i18n: I18n;
  #theme = $state.raw<Theme>('system');

  constructor(port: SettingsPort, i18n: I18n) {
    this.#port = port;
    this.#i18n = i18n;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#save();
  }

  get language(): Language {
    return this.#i18n.language;
  }

  set language(language: Language) {
    this.#i18n.language = language;
    this.#save();
  }

  /** Stored settings win over `fallback`, the browser's own language. */
  async load(fallback: Language): Promise<void> {
    const stored = await this.#port.load();
    this.#i18n.language = stored.language ?? fallback;
    this.#theme = stored.theme ?? 'system';
  }

  #save(): void {
    this.#port.save({ language: this.language, theme: this.#theme });
  }
}
