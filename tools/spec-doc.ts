// npm run docs: makes docs/spec.md from docs/rules.md and the tree: per rule the files whose comments name it, the
// tests whose titles name it, and what docs/rules-open.json says is missing. `--check` is the guard of `npm test`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface RuleText {
  readonly id: string;
  readonly text: string;
}

/** What the tree says of the rules; both maps: rule → file → test titles (for files: nothing). */
interface Traces {
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly tests: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly problems: readonly string[];
}

const ROOMS = ['app', 'asterisk', 'bridge', 'domain', 'tests-e2e', 'tools'];
const SKIPPED = new Set(['node_modules', 'dist', 'run', 'coverage', 'test-results', 'playwright-report']);
const PARTLY = 'partly: ';
const RULE_START = /^- \*\*([A-Z]{2}\d+)\*\* /;
const RULE_NAME = /\b(ST|PS|RG|SE|WR|AP|WB|OP)(\d+)(?:(?:-|–)\1(\d+))?\b/g;
/** A string that begins with one or more bracketed IDs, in any of the three quotes. */
const TITLE = /(['"`])((?:\[[A-Z]{2}\d+\] ?)+(?:(?!\1)[^\\\n]|\\.)*)\1/g;
const COMMENTS: Readonly<Record<string, RegExp>> = {
  ts: /(?<!:)\/\/.*|\/\*[^]*?\*\//g,
  css: /\/\*[^]*?\*\//g,
  html: /<!--[^]*?-->/g,
  svelte: /(?<!:)\/\/.*|\/\*[^]*?\*\/|<!--[^]*?-->/g,
  conf: /(?<=^|\s);.*/gm,
  sql: /--.*/g,
};

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The rules of docs/rules.md in their order, each with its text on as many lines as it has there. */
export function readRules(markdown: string): readonly RuleText[] {
  return blocksOf(markdown).filter((block): block is RuleText => typeof block !== 'string');
}

/** The document cut into rules and the lines between them. */
function blocksOf(markdown: string): readonly (RuleText | string)[] {
  const blocks: (RuleText | string)[] = [];
  for (const line of markdown.split('\n')) {
    const last = blocks.at(-1);
    const id = RULE_START.exec(line)?.[1];
    if (id !== undefined) blocks.push({ id, text: line.replace(RULE_START, '') });
    else if (typeof last === 'object' && line.startsWith('  '))
      blocks[blocks.length - 1] = { ...last, text: `${last.text}\n${line.slice(2)}` };
    else blocks.push(line);
  }
  return blocks;
}

function* filesUnder(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory()) yield* filesUnder(root, path);
    else yield path;
  }
}

const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') || (path.startsWith('tests-e2e/') && path.endsWith('.spec.ts'));
/** Fakes and benches keep no rule. */
const isHelper = (path: string): boolean =>
  path.startsWith('tests-e2e/') || path.includes('/testing/') || /-(fake|test)-[\w-]+\.ts$/.test(path);

function commentsOf(path: string, text: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const pattern = COMMENTS[extension === 'js' || extension === 'mjs' ? 'ts' : extension];
  return pattern ? [...text.matchAll(pattern)].map(([comment]) => comment).join('\n') : '';
}

/** The rules a text names; a range names all between its ends. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, area = '', from = '', to = from] of text.matchAll(RULE_NAME)) {
    for (let number = Number(from); number <= Number(to); number += 1) names.add(`${area}${number}`);
  }
  return names;
}

/** Reads every file of the rooms below `root`. */
export function traceRules(root: string, rules: readonly RuleText[]): Traces {
  const known = new Set(rules.map(({ id }) => id));
  const files = new Map<string, string[]>();
  const tests = new Map<string, Map<string, string[]>>();
  const problems: string[] = [];
  const rooms = readdirSync(root).filter((name) => ROOMS.includes(name));
  for (const path of rooms.flatMap((room) => [...filesUnder(root, room)]).sort(byCode)) {
    const text = readFileSync(join(root, path), 'utf8');
    if (isTest(path)) {
      for (const [, , title = ''] of text.matchAll(TITLE)) {
        const [, tags = '', words = ''] = /^((?:\[[A-Z]{2}\d+\] ?)+)(.*)$/.exec(title) ?? [];
        for (const [, id = ''] of tags.matchAll(/\[(\w+)\]/g)) {
          if (!known.has(id)) problems.push(`${path}: a test names ${id}, which is no rule`);
          const titles = tests.get(id) ?? new Map<string, string[]>();
          tests.set(id, titles.set(path, [...(titles.get(path) ?? []), words.replaceAll('\\', '')]));
        }
      }
    } else if (!isHelper(path)) {
      for (const id of namesIn(commentsOf(path, text))) {
        if (!known.has(id)) problems.push(`${path}: a comment names ${id}, which is no rule`);
        files.set(id, [...(files.get(id) ?? []), path]);
      }
    }
  }
  return { files, tests, problems };
}

/** Where the rules, the tree and the list of what is open do not agree, in words. */
export function contradictions(
  rules: readonly RuleText[],
  traces: Traces,
  open: Readonly<Record<string, string>>,
): readonly string[] {
  const ids = rules.map(({ id }) => id);
  const problems = [...new Set(traces.problems)].sort(byCode);
  for (const id of Object.keys(open).filter((one) => !ids.includes(one)))
    problems.push(`docs/rules-open.json: ${id} is no rule`);
  for (const id of ids.filter((one, index) => ids.indexOf(one) !== index))
    problems.push(`docs/rules.md: ${id} is there twice`);
  for (const id of ids) {
    const missing = open[id];
    if (missing === undefined && !traces.tests.has(id))
      problems.push(
        `${id}: no test holds it; write one ("[${id}] …") or say in docs/rules-open.json what is missing`,
      );
    if (missing !== undefined && !missing.startsWith(PARTLY) && traces.tests.has(id))
      problems.push(
        `${id}: listed as not built but has tests; in docs/rules-open.json begin it with "${PARTLY}"`,
      );
  }
  return problems;
}

const escaped = (words: string): string => words.replace(/[*_<]/g, '\\$&');

function ruleSection({ id, text }: RuleText, traces: Traces, missing: string | undefined): string {
  const lines = [`### ${id}`, '', text, ''];
  if (missing?.startsWith(PARTLY))
    lines.push(`**Partly built.** Missing: ${missing.slice(PARTLY.length)}.`, '');
  else if (missing !== undefined) lines.push(`**Not built yet**: ${missing}.`, '');
  const files = traces.files.get(id) ?? [];
  if (files.length > 0) lines.push(`Files: ${files.map((file) => `\`${file}\``).join(', ')}`, '');
  const tests = traces.tests.get(id);
  if (tests) lines.push('Tests:', '');
  for (const [file, titles] of tests ?? [])
    lines.push(`- \`${file}\``, ...titles.map((title) => `  - ${escaped(title)}`));
  if (tests) lines.push('');
  return lines.join('\n');
}

/** The text of docs/spec.md. */
export function renderSpec(markdown: string, traces: Traces, open: Readonly<Record<string, string>>): string {
  const ids = readRules(markdown).map(({ id }) => id);
  const partly = ids.filter((id) => open[id]?.startsWith(PARTLY)).length;
  const missing = ids.filter((id) => open[id] !== undefined).length - partly;
  const head = [
    '# Rules, files and tests',
    '',
    'Made by `npm run docs` from `docs/rules.md`, `docs/rules-open.json` and the tree; do not edit.',
    '',
    `${ids.length} rules: ${ids.length - partly - missing} built, ${partly} partly, ${missing} not yet. "Files" are those`,
    'whose comments name the rule; "Tests" those whose titles do.',
    '',
  ];
  const body = blocksOf(markdown.slice(markdown.indexOf('\n## ') + 1)).map((block) =>
    typeof block === 'string' ? block : ruleSection(block, traces, open[block.id]),
  );
  return `${[...head, ...body]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** `--write` brings `file` up to date, `--check` says whether it is; the exit code, after telling every problem. */
export function keepDocument(file: string, text: string, problems: readonly string[] = []): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, write: { type: 'boolean' } } });
  const name = file.slice(file.lastIndexOf('docs/'));
  if (values.check === values.write) {
    console.error('Usage: --check | --write');
    return 2;
  }
  if (values.write) writeFileSync(file, text);
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const stale = kept !== text ? [`${name} is out of date: run "npm run docs"`] : [];
  for (const problem of [...problems, ...stale]) console.error(problem);
  console.log(`${name}: ${problems.length + stale.length} problems`);
  return values.check && problems.length + stale.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const markdown = readFileSync(join(root, 'docs/rules.md'), 'utf8');
  const openFile = readFileSync(join(root, 'docs/rules-open.json'), 'utf8');
  const open = JSON.parse(openFile) as Readonly<Record<string, string>>;
  const rules = readRules(markdown);
  const traces = traceRules(root, rules);
  const text = renderSpec(markdown, traces, open);
  process.exitCode = keepDocument(join(root, 'docs/spec.md'), text, contradictions(rules, traces, open));
}
