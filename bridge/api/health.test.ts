import { expect, it } from 'vitest';
import { makeChoice } from '../../domain/testing/build.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakePbx } from '../testing/fake-pbx.ts';
import { createMemoryLogStore } from '../testing/memory-stores.ts';
import { watchHealth } from './health.ts';

it('[OP2] says what works: Asterisk from its first snapshot on, the store while it takes what it is given', async () => {
  const clock = createFakeClock(1_000);
  const pbx = createFakePbx();
  const store = createMemoryLogStore();
  let inStep = false;
  const watch = watchHealth({ pbx, clock, isInStep: () => inStep });
  const told: string[] = [];
  watch.onChange(({ asterisk, store: now }) => told.push(`${asterisk.state} ${now.state}`));
  expect(watch.now()).toEqual({
    ok: false,
    ...{ asterisk: { state: 'down', since: 0 }, store: { state: 'ready', since: 1_000 } },
  });
  pbx.become('ready');
  inStep = true;
  watch.tell();
  expect(watch.now().ok).toBe(true);
  const log = watch.watched(store);
  store.failing = true;
  clock.advance(500);
  for (const sequence of [1, 2]) await expect(log.append(makeChoice({ sequence }))).rejects.toThrow();
  expect(watch.now()).toMatchObject({ ok: false, store: { state: 'failing', since: 1_500 } });
  store.failing = false;
  await log.append(makeChoice());
  expect([watch.now().ok, await log.lastRev()]).toEqual([true, 1]);
  expect(told).toEqual(['connecting ready', 'ready ready', 'ready failing', 'ready ready']);
});
