import { describe, expect, it } from 'vitest';
import { partyOf } from './party.ts';

describe('the other party', () => {
  it.each([
    [undefined, '+79990008500', null, '+79990008500'],
    ['', '1004', null, '1004'],
    ['Boris Lem', '1004', 'Boris Lem', '1004'],
    ['79990008500', '%2B79990008500', null, '+79990008500'],
    ['+7 999 000-85-00', '+79990008500', null, '+79990008500'],
    ['Anonymous', undefined, 'Anonymous', null],
    [undefined, '', null, null],
    [undefined, '%zz', null, '%zz'],
  ])('[AP6] From %j <%j> is name %j, number %j', (displayName, user, name, number) => {
    expect(partyOf({ displayName, uri: { user } })).toEqual({ name, number });
  });
});
