// What a catalogue is, taken from the English one: every language has the same keys.
import type { en } from './en.ts';

/** The forms a language needs, chosen by `Intl.PluralRules`; `other` is always there. */
export type Plural = { readonly other: string } & { readonly [Rule in Intl.LDMLPluralRule]?: string };

export type MessageKey = keyof typeof en;

export type Catalogue = {
  readonly [Key in MessageKey]: (typeof en)[Key] extends string ? string : Plural;
};

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type TextOf<Entry> = Entry extends { readonly other: infer Other } ? Other : Entry;

/** The placeholders a message has. */
export type ParamName<Key extends MessageKey> = Names<TextOf<(typeof en)[Key]>>;

/** Messages that need nothing filled in. */
export type PlainKey = { [Key in MessageKey]: ParamName<Key> extends never ? Key : never }[MessageKey];

/** A value for a placeholder: text, a number, a moment (ms, written as time of day), or another message. */
export type Value = string | number | { readonly at: number } | Phrase;

/** A message with its values, as pure code hands it out; words come from the reader's catalogue. */
export interface Phrase {
  readonly key: MessageKey;
  readonly values?: Readonly<Record<string, Value>>;
}

type Values<Key extends MessageKey> = Readonly<Record<ParamName<Key>, Value>>;

/** Builds a phrase whose values are checked against the message's placeholders. */
export function phrase<Key extends MessageKey>(
  key: Key,
  ...[values]: ParamName<Key> extends never ? [] : [Values<Key>]
): Phrase {
  return values === undefined ? { key } : { key, values };
}
