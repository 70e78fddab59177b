import { expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

it('runs what falls due in order of time, each at its own time, and what that schedules', () => {
  const clock = createFakeClock(1_000);
  const ran: string[] = [];
  const note = (name: string) => (): void => void ran.push(`${name} at ${clock.now()}`);
  clock.after(30, note('late'));
  clock.after(10, () => {
    note('first')();
    clock.after(5, note('nested'));
    clock.after(-5, note('at once'));
  });
  clock.after(10, note('second'));
  const cancel = clock.after(20, note('never'));
  cancel();
  cancel();
  clock.advance(29);
  expect(ran).toEqual(['first at 1010', 'second at 1010', 'at once at 1010', 'nested at 1015']);
  expect([clock.now(), clock.pending()]).toEqual([1_029, 1]);
  clock.advance(1);
  expect(ran.at(-1)).toBe('late at 1030');
});
