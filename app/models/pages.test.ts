import { describe, expect, it } from 'vitest';
import { pageOf, PAGES, shownPage, type Page } from './pages.ts';

const shown = (role: 'agent' | 'supervisor' | 'admin' | 'wall' | null, narrow: boolean): readonly Page[] =>
  PAGES.map((page) => shownPage(page, { role, narrow }));

describe('pages', () => {
  it('[WR6] the health page is for those who oversee', () => {
    expect(shown('agent', true)).toEqual(['desk', 'people', 'devices', 'desk', 'more']);
    expect(shown('wall', true)).toEqual(shown('agent', true));
    expect(shown(null, true)).toEqual(shown('agent', true));
    expect(shown('supervisor', true)).toEqual([...PAGES]);
    expect(shown('admin', true)).toEqual([...PAGES]);
  });

  it('[AP8] colleagues and settings are pages only where they are not beside the desk', () => {
    expect(shown('admin', false)).toEqual(['desk', 'desk', 'devices', 'health', 'desk']);
  });

  it.each([
    ['devices', 'devices'],
    ['', null],
    ['no such page', null],
    ['constructor', null],
  ])('an address of “%s” is page %j', (name, page) => {
    expect(pageOf(name)).toBe(page);
  });
});
