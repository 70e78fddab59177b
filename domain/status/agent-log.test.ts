import { describe, expect, it } from 'vitest';
import { makeChoice, makeStep, T0 } from '../testing/build.ts';
import { createAgentLog } from './agent-log.ts';
import { foldIntent } from './fold.ts';

describe('an agent’s log', () => {
  it('[PS5] a replay changes nothing', () => {
    const log = createAgentLog();
    const lunch = makeChoice();
    expect(log.add(lunch)).toBe(true);
    const before = log.folded;
    expect(log.add({ ...lunch, status: 'ONLINE' })).toBe(false);
    expect(log.folded).toBe(before);
    expect(log.get(lunch.id)).toBe(lunch);
    expect(log.get('nobody')).toBeUndefined();
  });

  it('[ST10] opened with its entries it stands where it stood', () => {
    const entries = [
      makeChoice({ status: 'ONLINE' }),
      makeStep({ follows: 's-desk.0000000001', made: T0 + 5 }),
      makeChoice({ sequence: 2, made: T0 + 2, status: 'MEETING' }),
    ];
    const log = createAgentLog(entries);
    for (const entry of entries) expect(log.add(entry)).toBe(false);
    expect(log.folded).toEqual(foldIntent(entries).folded);
    expect(log.folded.intent.status).toBe('MEETING');
  });

  it('[PS5] tells what it received last, and how far each device has counted', () => {
    const log = createAgentLog([makeChoice({ sequence: 4, made: T0 + 9, received: T0 + 10 })]);
    expect([log.lastReceived, log.lastOf('s-desk'), log.lastOf('s-phone')]).toEqual([
      ...['s-desk.0000000004', { sequence: 4, made: T0 + 9 }, { sequence: 0, made: null }],
    ]);
    // Sent again from an outbox: received later, counted earlier.
    log.add(makeChoice({ sequence: 3, made: T0 + 1, received: T0 + 20 }));
    expect([log.lastReceived, log.lastOf('s-desk')]).toEqual([
      ...['s-desk.0000000003', { sequence: 4, made: T0 + 9 }],
    ]);
  });

  it('[PS5] what only the desk knows was received by nobody', () => {
    const log = createAgentLog();
    log.add(makeChoice({ received: null }));
    expect(log.lastReceived).toBeNull();
  });

  it('[ST10] an entry named as seen before it came makes the fold run again', () => {
    const boss = makeChoice({ device: 's-boss', cause: 'supervisor', actor: '1100', made: T0 });
    const agent = makeChoice({ made: T0 + 1, seen: 'bridge.0000000001', status: 'ONLINE' });
    const named = makeStep({ made: T0 + 2, follows: 'gone' });
    const log = createAgentLog();
    for (const entry of [boss, agent, named]) log.add(entry);
    expect(log.folded).toEqual(foldIntent([boss, agent, named]).folded);
  });
});
