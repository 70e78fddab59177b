// Which pages there are, and which of them a person has. Each has an address, so that back, a bookmark and a link work.
import { isOverseer } from '../../domain/access/rules.ts';
import type { SessionGrant } from '../../domain/protocol/http.ts';

export const PAGES = ['desk', 'people', 'devices', 'health', 'more'] as const;
export type Page = (typeof PAGES)[number];
type Role = SessionGrant['self']['role'];

/** `name`: what the address says. Null: it names no page. */
export const pageOf = (name: string): Page | null => PAGES.find((page) => page === name) ?? null;

/** WR6: how well the bridge knows is for those who oversee. */
export const seesHealth = (role: Role | null): boolean => role !== null && isOverseer(role);

/** What is shown: the desk in place of a page that this person, or a screen this wide, does not have. */
export function shownPage(page: Page, { role, narrow }: { role: Role | null; narrow: boolean }): Page {
  if (page === 'health' && !seesHealth(role)) return 'desk';
  // Where there is room, colleagues and settings are beside the desk.
  if (!narrow && (page === 'people' || page === 'more')) return 'desk';
  return page;
}
