// The roster's index: immutable, so that a reader never sees it half changed.
import type { AgentView } from '../../domain/protocol/views.ts';

export type Agents = ReadonlyMap<string, AgentView>;

export const NOBODY: Agents = new Map();

/** `changed` replaces those of the same extension. */
export const withAgents = (kept: Agents, changed: readonly AgentView[]): Agents =>
  new Map([...kept, ...changed.map((agent) => [agent.extension, agent] as const)]);
