import { expect, it } from 'vitest';
import { newSessionId, newSipSecret } from './sip-secret.ts';

it('[SE1] [RG9] each session has an id and a secret of its own; only the HA1 of it exists', () => {
  const ids = Array.from({ length: 50 }, newSessionId);
  expect(new Set(ids).size).toBe(50);
  expect(ids.filter((id) => !/^s-[0-9a-f]{20}$/.test(id))).toEqual([]);
  const [one, two] = [newSipSecret('1001', 's-a', 'desk'), newSipSecret('1001', 's-a', 'desk')];
  expect(Object.keys(one).sort()).toEqual(['ha1', 'username']);
  expect(one.username).toBe('1001-s-a');
  expect(one.ha1).toMatch(/^[0-9a-f]{32}$/);
  expect(one.ha1).not.toBe(two.ha1);
});
