import { describe, expect, it } from 'vitest';
import { auditDeeds, auditProofs, auditRows, auditUnpauses, disagreements } from './judge.ts';
import type { AgentView, Deed } from './messages.ts';
import type { LogRow } from './oracle.ts';

const plan = { extension: '1001', queues: ['support', 'sales'] };
const base: LogRow = {
  ...{
    rev: 1,
    id: 'd.0000000001',
    agent: '1001',
    kind: 'choice',
    cause: 'agent',
    actor: '1001',
    device: 'd',
  },
  ...{ sequence: 1, made: 1_000, received: 1_000, status: 'BREAK', reason: 'tea', seen: null, follows: null },
  ...{ state: null, subject: null, uncertain: 0 },
};
const registered: LogRow = {
  ...{ ...base, rev: 2, id: 'bridge.1', kind: 'registration', device: 'bridge', state: 'registered' },
};
const deed: Deed = {
  ...{ device: () => 'd', actor: '1001', agent: '1001', outcome: 'stored' },
  change: { sequence: 1, status: 'BREAK', reason: 'tea', made: 990, offset: 10, seen: null },
};
const member = (queue: string, paused: boolean, reason: string) => {
  return { agent: '1001', queue, paused, reason };
};
const view = (status: string, agreed: boolean): AgentView => ({
  ...{ extension: '1001', status, reason: 'tea' },
  detail: {
    intent: { status, reason: 'tea', entry: 'd.0000000001' },
    ...{ lastReceived: null, question: null, queues: [{ queue: 'support', agreed }] },
  },
});

describe('the judge', () => {
  it('[PS2] [PS7] is silent when log, Asterisk and screens agree, and names what does not', () => {
    const good = [member('support', true, 'tea'), member('sales', true, 'tea')];
    const rows = [base, registered];
    expect(disagreements(plan, rows, good, [{ whose: 'it', view: view('BREAK', true) }])).toEqual([]);
    const bad = [member('support', false, ''), member('sales', true, 'lunch')];
    expect(disagreements(plan, [base], bad, [{ whose: 'it', view: view('ONLINE', false) }])).toEqual([
      '1001 is nothing in the log, must be registered (ST11)',
      '1001 in support is unpaused in Asterisk, must be paused "tea" (ST5, PS2)',
      '1001 in sales is paused "lunch" in Asterisk, must be paused "tea" (ST5, PS2)',
      'it shows 1001 with the intent ONLINE "tea" (d.0000000001), must be BREAK "tea" (d.0000000001) (ST10, PS5, PS6)',
      'it shows 1001 as ONLINE, must be BREAK (ST3)',
      'it: 1001 in support is not agreed (PS7)',
    ]);
  });

  it('[PS1] [PS5] finds what was acknowledged and is not in the log, or otherwise', () => {
    expect(auditDeeds([deed], [base])).toEqual([]);
    expect(auditDeeds([deed], [])).toEqual([
      'd.1 (1001 BREAK "tea") was stored and is 0 times in the log (PS1)',
    ]);
    expect(auditDeeds([{ ...deed, outcome: 'refused' }], [base])).toHaveLength(1);
    expect(auditDeeds([deed], [{ ...base, made: 999, reason: 'lunch', uncertain: 1 }])).toEqual([
      'd.1 (1001 BREAK "tea"): uncertain is 1, must be 0 (PS5)',
      'd.1 (1001 BREAK "tea"): reason is lunch in the log, must be tea',
      'd.1 (1001 BREAK "tea"): made is 999 in the log, must be 1000',
    ]);
  });

  it('[ST11] [PS4] finds what nobody did', () => {
    const adopted = { ...base, cause: 'asterisk', status: 'PAUSE', reason: 'cli' };
    const foreign = { at: 500, agent: '1001', queues: plan.queues, reason: 'cli' };
    const audit = (row: LogRow, by: readonly (typeof foreign)[]) => auditRows([row], [], by, 0, [plan]);
    expect(audit(adopted, [foreign])).toEqual([]);
    expect(audit(adopted, [{ ...foreign, queues: ['support'] }])).toHaveLength(1);
    expect(audit(adopted, [{ ...foreign, at: 1_001 }])).toHaveLength(1);
    expect(audit({ ...adopted, kind: 'hold', status: null, subject: 'sales' }, [foreign])).toEqual([]);
    expect(audit(base, [])).toEqual(['d.0000000001: 1001 choice BREAK, and nobody did that']);
    expect(audit({ ...base, kind: 'step', cause: 'call' }, [])).toHaveLength(1);
  });

  it('[RG1] [RG12] finds a mark that should be gone, and an ONLINE that is not proven', () => {
    const online = { ...base, status: 'ONLINE' };
    const shown = view('ONLINE', true);
    const probed = (probe: string, mark: string | null): AgentView => ({
      ...{ ...shown, mark },
      ...(shown.detail ? { detail: { ...shown.detail, probe } } : {}),
    });
    const free = [member('support', false, ''), member('sales', false, '')];
    const found = (one: AgentView) =>
      disagreements(plan, [online, registered], free, [{ whose: 'it', view: one }]);
    expect(found(probed('proven', null))).toEqual([]);
    expect(found(probed('silent', 'reconnecting'))).toEqual([
      'it marks 1001 as reconnecting (RG1)',
      'it shows the phone of 1001 as silent, must be proven (RG12)',
    ]);
  });

  it('[RG12] finds an unpause without an answer of the phone', () => {
    const seen = { ...member('support', false, ''), at: 9_000 };
    const online = { ...base, status: 'ONLINE' };
    const audit = (answered: readonly number[], foreign: Parameters<typeof auditProofs>[2] = []) =>
      auditProofs([seen], [online], foreign, [], () => ({
        answered,
        lost: [],
        pages: [{ from: 0, to: Infinity }],
      }));
    expect(audit([1_500])).toEqual([]);
    expect(audit([])).toEqual([
      '1001 was unpaused in support without a proof that the phone can be rung (RG12)',
    ]);
    expect(audit([], [{ at: 8_000, agent: '1001', queues: ['support'], reason: null }])).toEqual([]);
    expect(audit([], [{ at: 8_000, agent: '1001', queues: ['sales'], reason: null }])).toHaveLength(1);
  });

  it('[ST5] finds an unpause of somebody who for long had wanted no calls', () => {
    const seen = { ...member('support', false, ''), at: 9_000 };
    const found = (row: LogRow, troubles: readonly { from: number; to: number }[] = []) =>
      auditUnpauses([seen], [row], [], troubles).length;
    expect(found(base)).toBe(1);
    expect(found(base, [{ from: 1, to: 7_500 }])).toBe(0);
    expect(found({ ...base, status: 'ONLINE' })).toBe(0);
    expect(
      auditUnpauses([seen], [base], [{ at: 8_000, agent: '1001', queues: [], reason: null }], []),
    ).toEqual([]);
  });
});
