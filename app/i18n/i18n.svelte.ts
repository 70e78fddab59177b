// The reader's language, for components: reading `t` in a template follows every change of it.
import { phrase, type MessageKey, type ParamName, type Phrase, type Value } from './catalogue.ts';
import { createTranslator, type Language } from './translate.ts';

export class I18n {
  #language = $state.raw<Language>('en');
  readonly #translator = $derived(createTranslator(this.#language));

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
  }

  /** The words of one message. */
  readonly t = <Key extends MessageKey>(
    key: Key,
    ...values: ParamName<Key> extends never ? [] : [Readonly<Record<ParamName<Key>, Value>>]
  ): string => this.#translator.say(phrase(key, ...values));

  /** The words of a phrase that pure code chose. */
  readonly say = (said: Phrase): string => this.#translator.say(said);

  /** Time of day of `at` (ms). */
  readonly time = (at: number): string => this.#translator.time(at);

  /** Time of day of `at`, with the day where it is not that of `now` (both ms). */
  readonly moment = (at: number, now: number): string => this.#translator.moment(at, now);
}
