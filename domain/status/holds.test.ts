import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { T0 } from '../testing/build.ts';
import { foldHolds } from './holds.ts';
import { entryId, type HoldFact } from './log.ts';

const hold = (sequence: number, queue: string, reason: string | null, actor = 'asterisk'): HoldFact => ({
  ...{ kind: 'hold', id: entryId('bridge', sequence), device: 'bridge', sequence, agent: '1002' },
  ...{ cause: actor === 'asterisk' ? 'asterisk' : 'supervisor', actor, queue, reason },
  ...{ made: T0 + sequence, received: T0 + sequence },
});

describe('holds', () => {
  it('[PS8] are per queue, with author and time; the last word stands', () => {
    const log = [hold(1, 'support', 'lunch'), hold(2, 'sales', ''), hold(3, 'support', 'stay', '1100')];
    expect(foldHolds(log)).toEqual(
      new Map([
        ['support', { reason: 'stay', author: '1100', since: T0 + 3 }],
        ['sales', { reason: '', author: 'asterisk', since: T0 + 2 }],
      ]),
    );
    expect(foldHolds([...log, hold(4, 'sales', null)]).has('sales')).toBe(false);
  });

  it('[PS8] add up to the same in any order of arrival', () => {
    const log = [hold(1, 'a', 'x'), hold(2, 'a', null), hold(3, 'b', 'y'), hold(4, 'a', 'z', '1100')];
    fc.assert(
      fc.property(fc.shuffledSubarray(log, { minLength: 4 }), (other) => {
        expect(foldHolds(other)).toEqual(foldHolds(log));
      }),
    );
  });
});
