import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contradictions, readRules, renderSpec, traceRules } from './spec-doc.ts';

// The tags are put together here: written out, this file's own fixtures would count as tests of real rules.
const tag = (id: string): string => `[${id}]`;

const MARKDOWN = `# The rules

Kept by hand.

## 1. Status

- **ST1** Nine
  statuses.
- **ST2** Chosen by _people_.
- **ST3** Derived.
- **Not here**: all the rest.
`;

let root: string;
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spec-doc-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

it('reads the rules with their text, and nothing that is none', () => {
  expect(readRules(MARKDOWN)).toEqual([
    { id: 'ST1', text: 'Nine\nstatuses.' },
    { id: 'ST2', text: 'Chosen by _people_.' },
    { id: 'ST3', text: 'Derived.' },
  ]);
});

it('finds rules in comments and in titles of every kind, ranges included, and only there', () => {
  put('domain/a.ts', `// ${'ST1-ST2'}: why\nexport const a = '${'ST'}3';\n`);
  put('asterisk/queues.conf', `timeout = 15\n; ${'ST'}3 held here\n`);
  put('app/desk/Head.svelte', `<!-- (${'ST'}1) --><p>${'ST'}2</p>\n`);
  put('domain/testing/fake.ts', `// ${'ST'}1\n`);
  put('domain/node_modules/x.ts', `// ${'ST'}1\n`);
  put(
    'domain/a.test.ts',
    `// ${'ST'}3\nit('${tag('ST1')} is nine', f);\nit("${tag('ST1')} ${tag('ST2')} isn't ten", f);\n`,
  );
  put('tests-e2e/b.spec.ts', `test(\`${tag('ST2')} by \${who}\`, f);\n`);
  put('bridge/c.spec.ts', `it('${tag('ST3')} is in no place for specs', f);\n`);
  const { files, tests, problems } = traceRules(root, readRules(MARKDOWN));
  expect(problems).toEqual([]);
  expect(Object.fromEntries(files)).toEqual({
    ST1: ['app/desk/Head.svelte', 'domain/a.ts'],
    ST2: ['domain/a.ts'],
    ST3: ['asterisk/queues.conf'],
  });
  expect([...tests].map(([id, titles]) => [id, Object.fromEntries(titles)])).toEqual([
    ['ST1', { 'domain/a.test.ts': ['is nine', "isn't ten"] }],
    ['ST2', { 'domain/a.test.ts': ["isn't ten"], 'tests-e2e/b.spec.ts': ['by ${who}'] }],
  ]);
});

it('tells of a rule without a test, a wrong open list, and names that are no rules', () => {
  put('domain/a.ts', `// ${'ST'}8\n`);
  put('domain/a.test.ts', `it('${tag('ST1')} one', f);\nit('${tag('ST9')} two', f);\n`);
  const rules = readRules(MARKDOWN);
  expect(
    contradictions(rules, traceRules(root, rules), { ST1: 'all of it', ST2: 'partly: a', XX1: 'b' }),
  ).toEqual([
    'domain/a.test.ts: a test names ST9, which is no rule',
    'domain/a.ts: a comment names ST8, which is no rule',
    'docs/rules-open.json: XX1 is no rule',
    'ST1: listed as not built but has tests; in docs/rules-open.json begin it with "partly: "',
    `ST3: no test holds it; write one ("${tag('ST3')} …") or say in docs/rules-open.json what is missing`,
  ]);
});

it('writes each rule with its files, tests and what is missing', () => {
  put('domain/a.ts', `// ${'ST'}1\n`);
  put('domain/a.test.ts', `it('${tag('ST1')} is a < b', f);\n`);
  const traces = traceRules(root, readRules(MARKDOWN));
  const text = renderSpec(MARKDOWN, traces, { ST2: 'partly: the choosing', ST3: 'the deriving' });
  expect(text).toContain('3 rules: 1 built, 1 partly, 1 not yet.');
  expect(text.slice(text.indexOf('## 1.'))).toBe(`## 1. Status

### ST1

Nine
statuses.

Files: \`domain/a.ts\`

Tests:

- \`domain/a.test.ts\`
  - is a \\< b

### ST2

Chosen by _people_.

**Partly built.** Missing: the choosing.

### ST3

Derived.

**Not built yet**: the deriving.

- **Not here**: all the rest.
`);
});
