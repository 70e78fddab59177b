// The house's own lint rules: which room may import which, and no import cycles.
// Own code (90 lines) because the import plugins bring native resolvers that break the lock file (docs/adr/0005).
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const place = (file) => relative(root, file).split(sep).join('/');

/** First match wins: files under `room` may import only what `may` matches (paths from the top, or package names). */
const rooms = [
  { room: /^domain\/.*\.test\.ts$/, may: [/^domain\//, /^(vitest|fast-check|valibot)$/] },
  { room: /^domain\//, may: [/^domain\//, /^valibot$/] },
  { room: /^app\/ui\//, may: [/^app\/(ui|i18n)\//, /^svelte/] },
  { room: /^app\/i18n\//, may: [/^app\/i18n\//, /^domain\//, /^svelte/, /^vitest$/] },
  { room: /^app\/models\//, may: [/^app\/(models|i18n)\//, /^domain\//, /^(svelte|vitest|fast-check)/] },
  { room: /^app\/features\//, may: [/^app\/(features|models|ui|i18n)\//, /^domain\//, /^(svelte|vitest)/] },
  { room: /^app\/adapters\//, may: [/^app\/(adapters|models)\//, /^domain\//, /^[^.]/] },
  {
    room: /^app\//,
    may: [/^app\//, /^domain\//, /^[^.]/],
    not: [/^(bridge|asterisk|tests-e2e|tools)\//, /^node:/],
  },
  {
    room: /^bridge\/(main|program|config|.*\.test|testing\/.*|cli\/.*)\.ts$/,
    may: [/.*/],
    not: [/^(app|tests-e2e|tools)\//],
  },
  {
    room: /^bridge\/adapters\//,
    may: [/^bridge\//, /^domain\//, /^[^.]/],
    not: [/^bridge\/api\//, /^(app|asterisk|tests-e2e|tools)\//],
  },
  {
    room: /^bridge\/api\//,
    may: [/^bridge\//, /^domain\//, /^[^.]/],
    not: [/^bridge\/adapters\//, /^(app|asterisk|tests-e2e|tools)\//],
  },
  { room: /^bridge\//, may: [/^bridge\//, /^domain\//, /^node:/], not: [/^bridge\/(adapters|api)\//] },
  { room: /^asterisk\//, may: [/^asterisk\//, /^[^.]/], not: [/^(app|bridge|domain|tests-e2e|tools)\//] },
  { room: /^tests-e2e\/faults\//, may: [/.*/], not: [/^domain\//] },
];

function target(fromFile, specifier) {
  if (!specifier.startsWith('.')) return { name: specifier, file: null };
  const file = resolve(dirname(fromFile), specifier);
  return { name: place(file), file };
}

const importPattern = /(?:^|\n)\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/g;
const graph = new Map();
function importsOf(file) {
  const stamp = existsSync(file) ? statSync(file).mtimeMs : 0;
  const known = graph.get(file);
  if (known?.stamp === stamp) return known.files;
  const files = [];
  if (stamp) {
    for (const match of readFileSync(file, 'utf8').matchAll(importPattern)) {
      const found = target(file, match[1]).file;
      if (found && existsSync(found)) files.push(found);
    }
  }
  graph.set(file, { stamp, files });
  return files;
}

/** The shortest way back from `start` to `goal` along value imports, or null. */
function wayBack(start, goal) {
  const cameFrom = new Map([[start, null]]);
  const queue = [start];
  for (const file of queue) {
    if (file === goal) {
      const way = [];
      for (let at = file; at; at = cameFrom.get(at)) way.unshift(place(at));
      return way;
    }
    for (const next of importsOf(file)) {
      if (!cameFrom.has(next)) {
        cameFrom.set(next, file);
        queue.push(next);
      }
    }
  }
  return null;
}

const rule = (check) => ({
  meta: { type: 'problem', schema: [] },
  create(context) {
    const visit = (node) => {
      if (node.source) check(context, node, target(context.filename, String(node.source.value)));
    };
    return { ImportDeclaration: visit, ExportNamedDeclaration: visit, ExportAllDeclaration: visit };
  },
});

export const house = {
  rules: {
    direction: rule((context, node, to) => {
      const from = place(context.filename);
      const law = rooms.find((entry) => entry.room.test(from));
      if (!law) return;
      const refused = law.not?.some((pattern) => pattern.test(to.name));
      if (refused || !law.may.some((pattern) => pattern.test(to.name))) {
        context.report({
          node,
          message: `${from} must not import ${to.name}: wrong way (docs/architecture.md).`,
        });
      }
    }),
    'no-cycle': rule((context, node, to) => {
      if (!to.file || node.importKind === 'type' || node.exportKind === 'type') return;
      const way = wayBack(to.file, context.filename);
      if (way)
        context.report({ node, message: `Import cycle: ${place(context.filename)} → ${way.join(' → ')}.` });
    }),
  },
};
