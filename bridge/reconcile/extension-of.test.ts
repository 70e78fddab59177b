import { describe, expect, it } from 'vitest';
import { extensionFinder } from './extension-of.ts';

const people = new Set(['1001', '1002', '7']);
const isKnown = (extension: string): boolean => people.has(extension);

describe('whose member it is', () => {
  it.each([
    ['PJSIP/<ext>', 'PJSIP/1001', '1001'],
    ['PJSIP/<ext>', 'PJSIP/1003', null],
    ['PJSIP/<ext>', 'PJSIP/', null],
    ['PJSIP/<ext>', 'PJSIP/1001-0000002a', null],
    ['PJSIP/<ext>', 'Local/1001@agents-all', null],
    ['PJSIP/<ext>', 'pjsip/1001', null],
    ['PJSIP/<ext>', '', null],
    ['hint:<ext>@agents', 'hint:1002@agents', '1002'],
    ['hint:<ext>@agents', 'hint:1002@elsewhere', null],
    ['hint:<ext>@agents', 'hint:@agents', null],
    ['<ext>@agents', '7@agents', '7'],
    // Head and tail must not share characters.
    ['a<ext>a', 'a', null],
  ])('[PS3] with %s the state interface %s is of %s', (pattern, stateInterface, extension) => {
    expect(extensionFinder(pattern, isKnown)(stateInterface)).toBe(extension);
  });
});
