import { expect, it } from 'vitest';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { AmiError } from './ami-error.ts';
import { decodeItem } from './ami-message.ts';
import { createAmiPending } from './ami-pending.ts';

it('[PS2] ami #13 every entry ends once, and the library is told to forget it, whatever the end', () => {
  const clock = createFakeClock(0);
  const forgotten: string[] = [];
  const ends: string[] = [];
  const pending = createAmiPending(clock, (id) => forgotten.push(id));
  const add = (id: string, maxItems: number | null = null): void =>
    pending.add(id, 'X', { timeoutMs: 100, maxItems }, (error) =>
      ends.push(`${id} ${error?.code ?? 'done'}`),
    );
  const say = (fields: Record<string, string>): string => pending.handle(decodeItem(fields));

  for (const id of ['done', 'refused', 'late', 'closed']) add(id);
  add('list', 1);
  add('long', 0);
  expect(say({ response: 'Success', actionid: 'done' })).toBe('settled');
  expect(say({ response: 'Success', actionid: 'done' })).toBe('stray');
  expect(say({ response: 'Error', actionid: 'refused', message: 'no' })).toBe('settled');
  expect(say({ response: 'Success', actionid: 'list', eventlist: 'start' })).toBe('kept');
  expect(say({ event: 'Item', actionid: 'list' })).toBe('kept');
  expect(say({ event: 'End', actionid: 'list', eventlist: 'Complete' })).toBe('settled');
  expect(say({ event: 'Item', actionid: 'long' })).toBe('settled');
  expect(say({ event: 'Item', actionid: 'long' })).toBe('stray');
  expect(say({ event: 'Item', actionid: 'somebody else' })).toBe('event');
  clock.advance(50);
  add('closed too');
  clock.advance(50);
  pending.failAll(new AmiError('closed', 'gone'));
  pending.failAll(new AmiError('closed', 'gone again'));
  const all = [
    'done done',
    'refused refused',
    'list done',
    'long overflow',
    'late timeout',
    'closed timeout',
  ];
  expect(ends).toEqual([...all, 'closed too closed']);
  expect(forgotten).toEqual(['done', 'refused', 'list', 'long', 'late', 'closed', 'closed too']);
  expect([pending.size(), clock.pending()]).toEqual([0, 0]);
});
