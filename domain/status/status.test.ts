import { expect, it } from 'vitest';
import { CHOOSABLE_STATUSES, isChoosable, STATUSES } from './status.ts';

it('[ST1] there are nine statuses', () => {
  expect(STATUSES).toEqual([
    ...['ONLINE', 'OFFLINE', 'PAUSE', 'BREAK', 'TRAINING', 'MEETING', 'WRAP_UP', 'DO_NOT_DISTURB'],
    'ON_CALL',
  ]);
});

it('[ST2] every status but ON_CALL may be chosen', () => {
  expect(CHOOSABLE_STATUSES).toEqual(STATUSES.filter((status) => status !== 'ON_CALL'));
  expect(CHOOSABLE_STATUSES.filter((status) => !isChoosable(status))).toEqual([]);
});

it.each(['ON_CALL', 'online', 'ONLINE ', '', 'AVAILABLE', '__proto__', 'constructor'])(
  '[ST2] %j is not to be chosen',
  (word) => {
    expect(isChoosable(word)).toBe(false);
  },
);
