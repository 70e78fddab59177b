import { expect, it } from 'vitest';
import { createSystemClock, createSystemRng } from './clock.ts';

it('runs a callback once, not one that was cancelled, and not a month early', async () => {
  const clock = createSystemClock();
  const ran: string[] = [];
  clock.after(0, () => ran.push('cancelled'))();
  const stopFar = clock.after(2 ** 40, () => ran.push('far'));
  const before = clock.now();
  await new Promise<void>((resolve) => clock.after(-1, resolve));
  await new Promise<void>((resolve) => clock.after(5, resolve));
  stopFar();
  stopFar();
  expect(ran).toEqual([]);
  expect(clock.now()).toBeGreaterThanOrEqual(before);
  const draw = createSystemRng().next();
  expect(draw >= 0 && draw < 1).toBe(true);
});
