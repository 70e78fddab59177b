import { expect, it } from 'vitest';
import { createOriginCheck } from './origin.ts';

it.each<[string | undefined, string | undefined, string | undefined, boolean]>([
  // public URL, origin, host
  [undefined, undefined, 'desk:8080', true],
  [undefined, 'http://desk:8080', 'desk:8080', true],
  [undefined, 'http://127.0.0.1:8080', '127.0.0.1:8080', true],
  [undefined, 'http://desk', 'desk:8080', false],
  [undefined, 'https://evil.example', 'desk:8080', false],
  [undefined, 'http://desk:8080.evil.example', 'desk:8080', false],
  [undefined, 'http://desk:8080', undefined, false],
  [undefined, 'null', 'desk:8080', false],
  [undefined, '', 'desk:8080', false],
  ['https://calls.example/desk/', 'https://calls.example', '10.0.0.5:8080', true],
  ['https://calls.example', 'https://calls.example:8443', '10.0.0.5:8080', false],
  ['https://calls.example', 'http://calls.example', '10.0.0.5:8080', false],
  ['https://calls.example', 'https://evil.example', '10.0.0.5:8080', false],
  ['https://calls.example', 'null', '10.0.0.5:8080', false],
  ['https://calls.example', undefined, '10.0.0.5:8080', true],
])('[WR1] reached at %s, a page of %s that asks %s is ours: %s', (publicUrl, origin, host, own) => {
  expect(createOriginCheck(publicUrl)(origin, host)).toBe(own);
});
