import { describe, expect, it } from 'vitest';
import type { QueueDrift } from '../../domain/protocol/server.ts';
import { createTranslator } from '../i18n/translate.ts';
import { driftWords } from './drift.ts';

const drift = (queue: string, contested = false): QueueDrift => ({
  ...{ agent: '1001', queue, wanted: { paused: false }, contested },
  observed: { paused: true, reason: 'x', at: 1 },
});
const { say } = createTranslator('en');
const nameOf = (): string => 'Anna';

describe('drift told to supervisors', () => {
  it('[PS4] repairs are counted, with those told before', () => {
    const { repaired, contested } = driftWords([drift('a'), drift('b')], 10, nameOf);
    expect([repaired && say(repaired.words), repaired?.count, contested]).toEqual([
      ...['Corrected 12 pauses in Asterisk', 12, []],
    ]);
  });

  it('[PS2] a contested member is named, and is no repair', () => {
    const { repaired, contested } = driftWords([drift('sales', true)], 10, nameOf);
    expect(repaired).toBeNull();
    expect(contested.map(say)).toEqual([
      'Somebody else keeps changing the pause of Anna in sales. It is left alone now.',
    ]);
  });
});
