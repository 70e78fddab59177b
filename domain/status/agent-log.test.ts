import { describe, expect, it } from 'vitest';
import { makeChoice, makeStep, T0 } from '../testing/build.ts';
import { createAgentLog } from './agent-log.ts';
import { foldIntent } from './fold.ts';

describe('an agent’s log', () => {
  it('[PS5] a replay changes nothing', () => {
    const log = createAgentLog();
    const lunch = makeChoice();
    expect(log.add(lunch)).toBe('newest');
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

  it('[PS5] tells what it received last, not what was made last', () => {
    const log = createAgentLog([makeChoice({ sequence: 4, made: T0 + 9, received: T0 + 10 })]);
    expect(log.lastReceived).toBe('s-desk.0000000004');
    // Sent again from an outbox: received later, counted earlier.
    log.add(makeChoice({ sequence: 3, made: T0 + 1, received: T0 + 20 }));
    expect(log.lastReceived).toBe('s-desk.0000000003');
  });

  it('[PS5] knows between which entries of its device a change lies, whatever came in between', () => {
    const log = createAgentLog([
      makeChoice({ sequence: 7, made: T0 + 70 }),
      makeChoice({ sequence: 2, made: T0 + 20 }),
      makeChoice({ sequence: 5, made: T0 + 50 }),
      makeChoice({ device: 's-phone', sequence: 4, made: T0 + 99 }),
    ]);
    expect([1, 3, 6, 8].map((sequence) => log.neighboursOf('s-desk', sequence))).toEqual([
      { previousMadeMs: null, nextMadeMs: T0 + 20 },
      { previousMadeMs: T0 + 20, nextMadeMs: T0 + 50 },
      { previousMadeMs: T0 + 50, nextMadeMs: T0 + 70 },
      { previousMadeMs: T0 + 70, nextMadeMs: null },
    ]);
    expect(log.neighboursOf('s-new', 1)).toEqual({ previousMadeMs: null, nextMadeMs: null });
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
