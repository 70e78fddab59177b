// The six ways to learn of a registration on a real Asterisk, each made to fail, to hang, to be empty, to be wrong, while
// better ones answer.
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../domain/registration/evidence.ts';
import { openCrew, type Crew } from './sweep-crew.ts';
import { countsOf, disputesOf, stepsSince, sweepHealth, sweepNow } from './sweep-watch.ts';

/** With a phone; 1005 is signed in without one, and so is the supervisor. */
const AGENTS = ['1001', '1002', '1003', '1004'] as const;
const WELL = {
  'contact-statuses': '4 2 0',
  'ari-endpoints': '4 2 0',
  'device-states': '4 2 0',
  // The supervisor is in no queue.
  'queue-status': '4 1 1',
  // Nobody logs into the agent pool.
  agents: '0 0 6 empty',
  'contact-rows': '4 2 0',
};

let crew: Crew;
beforeAll(async () => {
  crew = await openCrew(AGENTS, ['1005']);
}, 60_000);
beforeEach(() => crew.gather());
afterEach(() => crew.mend());
afterAll(() => crew.end());

describe('one method is broken', () => {
  const cases = METHODS.flatMap((method): [Method, 'fails' | 'empty'][] => [
    [method, 'fails'],
    // Empty while phones are registered it cannot be: it is the table Asterisk itself reads (RG6).
    ...(method === 'contact-rows' ? [] : ([[method, 'empty']] as [Method, 'empty'][])),
  ]);
  const PROBLEMS: Partial<Record<Method, string>> = {
    'ari-endpoints': 'closed',
    'contact-rows': 'store-unavailable',
  };

  it.each(cases)('[RG3] [RG4] %s %s: it has no opinion, nobody changes', async (method, fault) => {
    const from = crew.boss.frames.length;
    crew.breakDown(method, fault);
    const report = await sweepNow(crew.boss);
    const how = fault === 'empty' ? 'empty' : `failed: ${PROBLEMS[method] ?? 'refused'}`;
    expect(countsOf(report)).toEqual({ ...WELL, [method]: `0 0 6 ${how}` });
    expect([report.changes, report.disagreements]).toEqual([[], []]);
    await crew.expectNothingHappened(from);
  });

  it('[RG2] [RG3] all but contact statuses and rows hang: told after their deadline, a loss is found all the same', async () => {
    crew.deafen();
    await crew.leave('1001');
    const from = crew.boss.frames.length;
    const hanging = ['ari-endpoints', 'device-states', 'queue-status', 'agents'] as const;
    for (const method of hanging) crew.breakDown(method, 'hangs');
    const report = await sweepNow(crew.boss);
    expect(countsOf(report)).toEqual({
      ...{ 'contact-statuses': '3 3 0', 'contact-rows': '3 3 0' },
      ...Object.fromEntries(hanging.map((method) => [method, '0 0 6 timed-out: timeout'])),
    });
    expect(report.changes).toEqual([
      { extension: '1001', from: 'registered', to: 'unregistered', by: 'contact-statuses' },
    ]);
    expect(report.tookMs).toBeGreaterThanOrEqual(5_000);
    await crew.isOffline('1001');
    // They were asked 5 s ago, and so long it has been gone: the grace is over.
    expect(stepsSince(crew.boss, from)).toEqual(['1001 OFFLINE unregistered']);
  });

  it('[RG2] rows are read whoever holds the lock on them: they do not hang', async () => {
    const writer = new DatabaseSync(crew.bench.centre.files.pbx);
    writer.exec('BEGIN IMMEDIATE');
    try {
      expect(countsOf(await sweepNow(crew.boss))).toEqual(WELL);
    } finally {
      writer.exec('ROLLBACK');
      writer.close();
    }
  });
});

/** A disagreement as it is listed: contact statuses decide, `others` say the opposite. */
function dispute(extension: string, verdict: 'registered' | 'unregistered', others: readonly Method[]) {
  const opposite = verdict === 'registered' ? 'unregistered' : 'registered';
  return {
    ...{ extension, verdict, by: 'contact-statuses' },
    others: Object.fromEntries(others.map((method) => [method, opposite])),
  };
}

describe('a method is wrong', () => {
  const states = ['ari-endpoints', 'device-states', 'queue-status'] as const;

  it('[RG3] [RG5] the lower ones, each about somebody else, then all about everybody: outvoted, listed, counted once', async () => {
    const { boss } = crew;
    const from = boss.frames.length;
    const { disagreements: before } = await sweepHealth(boss);
    for (const [index, method] of [...states, 'contact-rows' as const].entries())
      crew.breakDown(method, 'wrong', AGENTS.slice(index, index + 1));
    crew.breakDown('agents', 'wrong', ['1005']);
    const first = await sweepHealth(boss);
    expect(first.sweep && disputesOf(first.sweep)).toEqual([
      dispute('1001', 'registered', ['ari-endpoints']),
      dispute('1002', 'registered', ['device-states']),
      dispute('1003', 'registered', ['queue-status']),
      dispute('1004', 'registered', ['contact-rows']),
      dispute('1005', 'unregistered', ['agents']),
    ]);
    expect([first.sweep?.changes, first.disagreements]).toEqual([[], before + 5]);

    // Known by now, so they are told at once and not counted again.
    for (const method of states) crew.breakDown(method, 'wrong', [...AGENTS, '1005']);
    crew.breakDown('contact-rows', 'wrong', AGENTS);
    const then = await sweepHealth(boss);
    expect(then.sweep && disputesOf(then.sweep)).toEqual([
      ...AGENTS.map((extension) => dispute(extension, 'registered', [...states, 'contact-rows'])),
      dispute('1005', 'unregistered', [...states, 'agents']),
    ]);
    expect([then.sweep?.changes, then.disagreements]).toEqual([[], before + 5]);

    crew.mend();
    const over = await sweepHealth(boss);
    expect([over.sweep?.disagreements, over.disagreements]).toEqual([[], before + 5]);
    await crew.expectNothingHappened(from);
  });

  it('[RG3] [RG4] contact statuses about one agent: they decide, of nobody else, and what speaks against them is listed', async () => {
    const from = crew.boss.frames.length;
    crew.breakDown('contact-statuses', 'wrong', ['1002']);
    const report = await sweepNow(crew.boss);
    expect(report.changes).toEqual([
      { extension: '1002', from: 'registered', to: 'unregistered', by: 'contact-statuses' },
    ]);
    // Rows follow what was decided: the bridge marks them itself (RG6).
    expect(disputesOf(report)).toEqual([dispute('1002', 'unregistered', states)]);
    await crew.isOffline('1002');
    expect(stepsSince(crew.boss, from)).toEqual([
      '1002 ONLINE reconnecting unregistered',
      '1002 OFFLINE unregistered',
    ]);
    // A phone that registers is heard at once, whatever a sweep found.
    crew.mend();
    await crew.leave('1002');
    await crew.comeBack('1002');
    await crew.isOnline('1002');
  });
});
