import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addChange,
  dropChange,
  greetChanges,
  nextToSend,
  NO_CHANGES,
  renumberChanges,
  type Changes,
} from './changes.ts';

const choice = (made: number) => ({ status: 'BREAK' as const, reason: 'lunch', made, offset: 5, seen: 'x' });
const sequences = ({ entries }: Changes) => entries.map(({ sequence }) => sequence);

describe('pending changes', () => {
  it('[PS5] count on from what the bridge has stored', () => {
    const changes = addChange(greetChanges(NO_CHANGES, 7), choice(1));
    expect(nextToSend(changes)).toEqual({
      key: 1,
      change: { sequence: 8, status: 'BREAK', reason: 'lunch', made: 1, offset: 5, seen: 'x' },
    });
  });

  it('[PS6] made before the first welcome wait for their numbers, in the order made', () => {
    const early = addChange(addChange(NO_CHANGES, choice(1)), choice(2));
    expect(nextToSend(early)).toBeNull();
    expect(sequences(greetChanges(early, 3))).toEqual([4, 5]);
  });

  it('[PS5] are sent again with the same number after a reconnect, stored there or not', () => {
    const sent = addChange(greetChanges(NO_CHANGES, 7), choice(1));
    expect(sequences(greetChanges(sent, 7))).toEqual([8]);
    expect(sequences(greetChanges(sent, 8))).toEqual([8]);
    expect(sequences(addChange(greetChanges(sent, 8), choice(2)))).toEqual([8, 9]);
  });

  it('[PS5] a taken number moves that change and those after it', () => {
    const two = addChange(addChange(greetChanges(NO_CHANGES, 0), choice(1)), choice(2));
    const moved = renumberChanges(two, 1, 41);
    expect(sequences(moved)).toEqual([42, 43]);
    expect(moved.lastSequence).toBe(43);
  });

  it('[AP2] a change that is stored, or refused, is gone; the others go on', () => {
    const two = addChange(addChange(greetChanges(NO_CHANGES, 0), choice(1)), choice(2));
    expect(sequences(dropChange(two, 1))).toEqual([2]);
  });

  it('[PS5] whatever happens, unstored changes have distinct, growing numbers in the order made', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), value: fc.nat(50) }),
      fc.record({ do: fc.constant('greet' as const), value: fc.nat(50) }),
      fc.record({ do: fc.constant('taken' as const), value: fc.nat(50) }),
      fc.record({ do: fc.constant('store' as const), value: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let changes = NO_CHANGES;
        for (const { do: what, value } of steps) {
          const next = nextToSend(changes);
          if (what === 'add') changes = addChange(changes, choice(value));
          else if (what === 'greet') changes = greetChanges(changes, value);
          else if (next && what === 'taken') {
            changes = renumberChanges(changes, next.key, next.change.sequence + value);
          } else if (next) changes = dropChange(changes, next.key);
        }
        const open = changes.entries.filter(({ sequence }) => sequence !== null);
        const numbers = open.map(({ sequence }) => sequence ?? 0);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      }),
    );
  });
});
