import { describe, expect, it } from 'vitest';
import { FAULTS, planRun } from './plan.ts';
import { AGENTS, QUEUES } from './people.ts';

const plans = Array.from({ length: 25 }, (_, index) => planRun(index + 1));
const faultsOf = (plan: (typeof plans)[number]) =>
  plan.steps.flatMap(({ step }) => ('fault' in step ? [step.fault] : []));

describe('the plans of the fault runs', () => {
  it('the same seed gives the same plan, another seed another', () => {
    expect(planRun(7)).toEqual(planRun(7));
    expect(new Set(plans.map((plan) => JSON.stringify(plan.steps))).size).toBe(plans.length);
  });

  it('25 seeds have every fault several times, and no kill twice in one run', () => {
    const all = plans.flatMap(faultsOf);
    for (const fault of FAULTS) expect(all.filter((one) => one === fault).length, fault).toBeGreaterThan(4);
    for (const plan of plans) {
      const kills = faultsOf(plan).filter((fault) => fault.startsWith('kill'));
      expect(new Set(kills).size).toBe(kills.length);
    }
  });

  it('agents are in one, two and three queues, each queue alike', () => {
    expect(AGENTS.map(({ queues }) => queues.length)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    for (const queue of QUEUES) expect(AGENTS.filter(({ queues }) => queues.includes(queue))).toHaveLength(6);
    for (const { agents } of plans) {
      const sizes = agents.map((one) => AGENTS.find(({ extension }) => extension === one)?.queues.length);
      expect([...new Set(sizes)].sort()).toEqual([1, 2, 3]);
      expect(new Set(agents).size).toBe(4);
    }
  });
});
