// Asterisk's configuration files: from their text, and from what AMI's GetConfig says of them. Pure; secrets are left out.
import { first, type AmiMessage } from '../../adapters/asterisk/ami-message.ts';

export interface ConfSection {
  readonly name: string;
  /** Key (lower case) and value, in order; a key may come more than once. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/** Sections as Asterisk sees them: templates are filled in and gone, a name may come more than once (pjsip.conf). */
export type ConfFile = readonly ConfSection[];

/** What is never kept, so that it can never be printed. */
const SECRETS = /^(secret|password|md5_cred|md5secret|password_digest|oauth_secret|refresh_token)$/;

interface Draft {
  readonly name: string;
  readonly template: boolean;
  readonly settings: (readonly [string, string])[];
}

/** `key = value` or `key => value`; null for anything else, and for a secret. */
function settingOf(line: string): readonly [string, string] | null {
  const [, key = '', value = ''] = /^([^=]*?)\s*=>?\s*(.*)$/.exec(line) ?? [];
  const name = key.toLowerCase();
  return name === '' || SECRETS.test(name) ? null : [name, value];
}

/** `;` begins a comment unless a backslash stands before it; `;--` and `--;` enclose one over several lines. */
function withoutComments(text: string): string {
  return text
    .replace(/;--(?!-)[^]*?--;/g, '')
    .replace(/(^|[^\\]);.*$/gm, '$1')
    .replaceAll('\\;', ';');
}

/** `[name](!,template,other)` or `[name](+)`. */
function openSection(drafts: Draft[], name: string, options: readonly string[]): Draft {
  const known = options.includes('+') ? drafts.findLast((draft) => draft.name === name) : undefined;
  if (known) return known;
  const inherited = options.flatMap(
    (option) => drafts.findLast((draft) => draft.name === option)?.settings ?? [],
  );
  const draft = { name, template: options.includes('!'), settings: [...inherited] };
  drafts.push(draft);
  return draft;
}

/** `include` gives the texts of the files that `#include <pattern>` names, none if there are none. */
export function parseConf(
  text: string,
  include: (pattern: string) => readonly string[] = () => [],
): ConfFile {
  const drafts: Draft[] = [];
  let current: Draft | null = null;
  const read = (content: string, depth: number): void => {
    for (const line of withoutComments(content)
      .split(/\r?\n/)
      .map((raw) => raw.trim())) {
      const [, name, options = ''] = /^\[([^\]]+)\](?:\(([^)]*)\))?/.exec(line) ?? [];
      const [, pattern] = /^#(?:try)?include\s+["<]?([^">]+)[">]?$/.exec(line) ?? [];
      const setting = settingOf(line);
      if (name !== undefined)
        current = openSection(
          drafts,
          name,
          options.split(',').map((option) => option.trim()),
        );
      else if (pattern !== undefined && depth < 5) include(pattern).forEach((part) => read(part, depth + 1));
      else if (setting && current) current.settings.push(setting);
    }
  };
  read(text, 0);
  return drafts.filter((draft) => !draft.template).map(({ name, settings }) => ({ name, settings }));
}

/** The answer to `GetConfig`: `category-000001: support`, `line-000001-000003: retry=1`. */
export function confOfMessage(message: AmiMessage): ConfFile {
  const keys = Object.keys(message).sort();
  return keys
    .filter((key) => key.startsWith('category-'))
    .map((key) => {
      const lines = keys.filter((line) => line.startsWith(key.replace('category-', 'line-')));
      return {
        name: first(message, key) ?? '',
        settings: lines
          .map((line) => settingOf(first(message, line) ?? ''))
          .filter((found) => found !== null),
      };
    });
}

export const sectionsNamed = (file: ConfFile, name: string): readonly ConfSection[] =>
  file.filter((section) => section.name.toLowerCase() === name.toLowerCase());

export const valuesOf = ({ settings }: ConfSection, key: string): readonly string[] =>
  settings.filter(([name]) => name === key).map(([, value]) => value);

/** The last value, which is what most of Asterisk's readers take; undefined when it is not set. */
export const lastValue = (file: ConfFile, section: string, key: string): string | undefined =>
  sectionsNamed(file, section)
    .flatMap((found) => valuesOf(found, key))
    .at(-1);

/** The words Asterisk takes for yes (ast_true). */
export const isYes = (value: string | undefined): boolean =>
  /^(yes|true|y|t|1|on)$/i.test(value?.trim() ?? '');
