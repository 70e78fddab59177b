import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { CLOSE } from '../domain/protocol/close-codes.ts';
import { meaningOf, namesOf, renderProtocol, ROUTES, typeOf, type Node } from './protocol-doc.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const Moment = v.pipe(v.number(), v.finite(), v.description('ms'));
const PartySchema = v.object({ name: v.nullable(v.string()), since: v.optional(Moment) });
const names = namesOf({ Moment, PartySchema, notASchema: 7 });
const type = (schema: unknown): string => typeOf(schema as Node, names);

describe('types in words', () => {
  it('names, checks, lists, choices and null', () => {
    expect([...names.values()]).toEqual(['Moment', 'Party']);
    expect(type(v.array(PartySchema))).toBe('list of [Party](#party)');
    expect(type(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(9))))).toBe(
      'string (at least 1, at most 9) or null',
    );
    expect(type(v.picklist(['a', 'b']))).toBe('one of `a`, `b`');
    expect(type(v.object({ at: v.optional(Moment), on: v.literal(true) }))).toBe(
      '{ at?: [Moment](#moment); on: `true` }',
    );
    expect(typeOf(PartySchema as unknown as Node, names, false)).toBe(
      '{ name: string or null; since?: [Moment](#moment) }',
    );
  });

  it('a check it has no words for stops it, instead of being left out', () => {
    expect(() => type(v.pipe(v.string(), v.uuid()))).toThrow('no words for the check "uuid"');
  });

  it('a description is the nearest one, and not that of a schema with a name', () => {
    const meaning = (schema: unknown): string => meaningOf(schema as Node, names);
    expect(meaning(v.optional(v.pipe(v.string(), v.description('why'))))).toBe('why');
    expect(meaning(v.pipe(Moment, v.description('of birth')))).toBe('of birth');
    expect(meaning(v.optional(Moment))).toBe('');
  });
});

describe('docs/protocol.md', () => {
  const text = renderProtocol('<!-- not shown -->\n\n## Notes\n');

  it('has every message, nested fields with their notes, close codes, and the notes at the end', () => {
    expect(text).toContain('### `status.set`');
    expect(text).toContain('| `self.lastSequence` | number | highest sequence of this device');
    for (const { code } of Object.values(CLOSE)) expect(text).toContain(`| ${code} |`);
    expect(text).not.toContain('not shown');
    expect(text.endsWith('\n\n## Notes\n')).toBe(true);
  });

  it('links only to chapters that are there', () => {
    const chapters = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase()));
    const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !chapters.has(link))).toEqual([]);
  });

  it('tells of the routes the bridge has', () => {
    const code = read('bridge/api/http.ts') + read('bridge/api/http-users.ts');
    const routes = [...code.matchAll(/app\.(get|post)\('([^'*]+)'/g)].map(
      ([, method = '', path = '']) => `${method.toUpperCase()} ${path}`,
    );
    expect(ROUTES.map(([route]) => route).sort()).toEqual(routes.sort());
  });
});

describe('docs/operating.md', () => {
  it('has every variable of the bridge with its default', () => {
    const schema =
      /EnvironmentSchema = v\.object\(\{([^]*?)\n\}\);/.exec(read('bridge/config.ts'))?.[1] ?? '';
    const variables = schema
      .replace(/^ *\/\*\*.*\n/gm, '')
      .split(/\n {2}(?=[A-Z])/)
      .flatMap((entry) => {
        const name = /^([A-Z_]+):/.exec(entry.trim())?.[1];
        if (name === undefined || name === 'NODE_ENV') return [];
        const fallback = /,\s*'([^']*)',?\s*\),?\s*$/.exec(entry)?.[1];
        const needed = /^[A-Z_]+: (Required|v\.pipe\(Required)/.test(entry.trim());
        return [`${name}: ${needed ? 'required' : (fallback ?? 'none')}`];
      });
    const rows = [
      ...read('docs/operating.md').matchAll(/^\| `([A-Z_]+)`\s*\| (required|none|`[^`]*`)\s*\|/gm),
    ];
    expect(variables.length).toBeGreaterThan(15);
    expect(rows.map(([, name, value]) => `${name}: ${value?.replaceAll('`', '')}`)).toEqual(variables);
  });
});
