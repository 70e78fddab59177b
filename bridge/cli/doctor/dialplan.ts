// The dialplan as far as the doctor follows it: steps of a context, and where they lead. Pure.
import { sectionsNamed, type ConfFile } from './conf-file.ts';
import type { DialplanStep, Facts } from './facts.ts';

/** A larger maze is not judged: it is somebody's own PBX from long before us. */
export const MOST_CONTEXTS = 30;

/** `Application(data)`. */
function callOf(text: string): { application: string; data: string } {
  const [, application = '', data = ''] = /^\s*([\w-]+)\s*(?:\((.*)\))?\s*$/.exec(text) ?? [];
  return { application, data };
}

/** `exten => _X.,1,Dial(…)`, `same => n(label),Dial(…)`, `include => other`; null: no such context. */
export function stepsOf(file: ConfFile, context: string): readonly DialplanStep[] | null {
  const sections = sectionsNamed(file, context);
  if (sections.length === 0) return null;
  let extension = '';
  return sections
    .flatMap(({ settings }) => settings)
    .flatMap(([key, value]): DialplanStep[] => {
      if (key === 'include')
        return [{ extension: '', application: 'include', data: value.split(',')[0] ?? '' }];
      if (key !== 'exten' && key !== 'same') return [];
      const parts = key === 'exten' ? /^([^,]*),[^,]*,(.*)$/.exec(value) : /^()[^,]*,(.*)$/.exec(value);
      if (!parts) return [];
      if (key === 'exten') extension = parts[1] ?? '';
      return [{ extension, ...callOf(parts[2] ?? '') }];
    });
}

/** Contexts that a step goes on to: includes, Goto, Gosub and the like, handlers of Dial, Local channels. */
export function leadsTo({ application, data }: DialplanStep): readonly string[] {
  const name = application.toLowerCase();
  if (name === 'include') return [data];
  const parts = data.split(',');
  const jumps =
    ['goto', 'gosub', 'macroexclusive'].includes(name) && parts.length >= 3 ? [parts[0] ?? ''] : [];
  const handlers =
    name === 'dial' ? [...data.matchAll(/[bBU]\(([\w-]+)\^/g)].map((found) => found[1] ?? '') : [];
  const locals = [...data.matchAll(/Local\/[^@,&]+@([\w-]+)/gi)].map((found) => found[1] ?? '');
  return [...jumps, ...handlers, ...locals]
    .map((context) => context.trim())
    .filter((context) => !/[${]/.test(context));
}

/** Steps of one context: what Asterisk has loaded, else what the file says. Undefined: not known. */
export function contextOf(
  { core, conf }: Facts,
  context: string,
): readonly DialplanStep[] | null | undefined {
  const live = core.contexts[context];
  if (live !== undefined) return live;
  const file = conf['extensions.conf'];
  return file ? stepsOf(file, context) : undefined;
}

export interface Reach {
  /** By context, the first one included. */
  readonly steps: ReadonlyMap<string, readonly DialplanStep[]>;
  /** Some context could not be read, or there are too many: what is not found may still be there. */
  readonly partial: boolean;
}

/** Everything that can be reached from `start`. */
export function reachOf(facts: Facts, start: string): Reach {
  const steps = new Map<string, readonly DialplanStep[]>();
  const queue = [start];
  let partial = false;
  for (const context of queue) {
    const found = contextOf(facts, context);
    if (found === undefined) partial = true;
    steps.set(context, found ?? []);
    const next = (found ?? []).flatMap(leadsTo).filter((name) => !queue.includes(name));
    if (queue.length + next.length > MOST_CONTEXTS) return { steps, partial: true };
    queue.push(...new Set(next));
  }
  return { steps, partial };
}
