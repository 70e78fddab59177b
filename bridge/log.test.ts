import { expect, it } from 'vitest';
import { errorFields } from './log.ts';

it.each<[string, unknown, object]>([
  ['no error', 'words', { error: 'words' }],
  ['a plain error', new Error('no'), { error: 'no' }],
  ['its code', Object.assign(new Error('no'), { code: 'refused' }), { code: 'refused', error: 'no' }],
  ['a code that is no text', Object.assign(new Error('no'), { code: 7 }), { error: 'no' }],
  ['its cause', new Error('no', { cause: new Error('disk full') }), { error: 'no', cause: 'disk full' }],
  ['never its fields', Object.assign(new Error('no'), { secret: 's', sql: 'x' }), { error: 'no' }],
])('[OP1] of %s', (_name, error, fields) => {
  expect(errorFields(error)).toEqual(fields);
});
