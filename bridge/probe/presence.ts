// Which sessions of an agent have a page connected now.
import type { Pages } from '../sessions/presence.ts';

export interface Presence {
  pagesOf(extension: string): ReadonlySet<string>;
  /** `came`: a page of that session connected, also one more; else the last one of it went. */
  onChange(listener: (extension: string, session: string, came: boolean) => void): void;
}

const NOBODY: ReadonlySet<string> = new Set();

/** `agentOf`: the extension of an open session, null of any other. */
export function watchPresence(deps: {
  readonly hub: Pages;
  readonly agentOf: (session: string) => string | null;
}): Presence {
  const { hub, agentOf } = deps;
  const listeners = new Set<(extension: string, session: string, came: boolean) => void>();
  const pages = new Map<string, ReadonlySet<string>>();
  /** Kept beyond the session's end, until its page is gone. */
  const owners = new Map<string, string>();

  hub.onPresence((session) => {
    const extension = owners.get(session) ?? agentOf(session);
    if (extension === null) return;
    const here = hub.sessions().has(session);
    const others = [...(pages.get(extension) ?? [])].filter((one) => one !== session);
    pages.set(extension, new Set(here ? [...others, session] : others));
    if (here) owners.set(session, extension);
    else owners.delete(session);
    for (const listener of listeners) listener(extension, session, here);
  });

  return {
    pagesOf: (extension) => pages.get(extension) ?? NOBODY,
    onChange: (listener) => void listeners.add(listener),
  };
}
