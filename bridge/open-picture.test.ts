import { expect, it } from 'vitest';
import { makeChoice, makePerson, T0 } from '../domain/testing/build.ts';
import { entryId, type LogEntry } from '../domain/status/log.ts';
import { openPicture } from './open-picture.ts';
import { createMemoryLogStore, createMemoryPeople } from './testing/memory-stores.ts';

const registration = (
  sequence: number,
  state: 'registered' | 'unregistered' | 'unknown',
  made: number,
): LogEntry => ({
  ...{ kind: 'registration', id: entryId('bridge', sequence), agent: '1001', cause: 'registration' },
  ...{ actor: 'asterisk', device: 'bridge', sequence, made, received: made, state },
});

it('[RG4] [ST10] a restart keeps intents, and the last known registration as unknown', async () => {
  const store = createMemoryLogStore();
  const entries = [
    makeChoice({ reason: 'lunch' }),
    registration(1, 'registered', T0),
    registration(2, 'unregistered', T0 + 5),
    registration(3, 'registered', T0 + 9),
    registration(4, 'unknown', T0 + 20),
  ];
  for (const entry of entries) await store.append(entry);
  const roster = await openPicture(
    createMemoryPeople([makePerson(), makePerson({ extension: '1002' })]),
    store,
    { now: T0 + 60, graceMs: 3 },
  );
  expect(roster.get('1001')).toMatchObject({
    folded: { intent: { status: 'BREAK', reason: 'lunch' } },
    registration: {
      ...{ state: 'unknown', since: T0 + 60, lastKnown: 'registered', knownSince: T0 + 9, lostAt: T0 + 5 },
      graceFrom: null,
    },
  });
  expect(roster.get('1002')?.registration.lastKnown).toBeNull();
});
