// Whom the list shows and in which order: who can take a call first, then by name.
import type { AgentView } from '../../../domain/protocol/views.ts';

const folded = (text: string): string => text.toLocaleLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');

/** Everyone but the reader and the wall screens. */
export function colleaguesOf(
  agents: Iterable<AgentView>,
  own: string,
  language: string,
): readonly AgentView[] {
  const collator = new Intl.Collator(language, { numeric: true });
  return [...agents]
    .filter((agent) => agent.extension !== own && agent.role !== 'wall')
    .sort(
      (a, b) =>
        Number(b.canTakeCall) - Number(a.canTakeCall) ||
        collator.compare(a.name, b.name) ||
        collator.compare(a.extension, b.extension),
    );
}

/** Every word of the query begins a word of the name, or the extension. Accents and case do not matter. */
export function fits(agent: AgentView, query: string): boolean {
  const words = [...folded(agent.name).split(/\s+/), folded(agent.extension)];
  return folded(query)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}
