import { describe, expect, it } from 'vitest';
import { METHODS } from '../../domain/registration/evidence.ts';
import { registeredSince, T0 } from '../../domain/testing/build.ts';
import { pbxContact } from '../testing/fake-pbx.ts';
import { settle } from '../testing/settle.ts';
import { faults } from './fake-sources.ts';
import { sweepBench, sweepNow } from './sweep-bench.ts';

describe('a look', () => {
  it.each(METHODS)('[RG3] an event between asking and the answer of %s wins', async (method) => {
    const bench = sweepBench({ 1001: true, 1002: false });
    for (const other of METHODS) if (other !== method) bench.sources.breakDown(other, faults.fails);
    let answer = (): void => undefined;
    bench.sources.breakDown(method, (truthfully, truth) => {
      const items = truthfully(new Map(truth));
      return new Promise((resolve) => (answer = () => resolve(items)));
    });
    bench.tell('1001', 'registered', T0 - 1);
    const swept = bench.sweep.run();
    await settle();
    // In the very millisecond of the question, and after it.
    bench.tell('1001', 'unregistered', T0);
    bench.clock.advance(20);
    bench.tell('1002', 'registered');
    answer();
    const report = await swept;
    expect([report.changes, report.disagreements, bench.states()]).toEqual([
      ...[[], [], { 1001: 'unregistered', 1002: 'registered' }],
    ]);
    // RG6: nor does a contact come back that was removed meanwhile.
    expect([...bench.roster.all()].map(({ contacts }) => contacts.length)).toEqual([0, 1]);
  });

  it('[RG3] an event while the answers are being taken in wins', async () => {
    const bench = sweepBench({ 1001: true, 1002: true });
    const end = bench.roster.onChange((now) => {
      end();
      expect(now.person.extension).toBe('1001');
      bench.clock.advance(1);
      bench.tell('1002', 'unregistered');
    });
    const { changes } = await bench.sweep.run();
    expect([changes.map(({ extension }) => extension), bench.states()]).toEqual([
      ...[['1001'], { 1001: 'registered', 1002: 'unregistered' }],
    ]);
  });

  it('[RG3] contact statuses bring the contacts, as of the question', async () => {
    const bench = sweepBench({ 1001: true, 1002: false });
    bench.sources.breakDown('agents', faults.hangs);
    await sweepNow(bench);
    const contact = { ...pbxContact('1001'), session: 's-1001', reachable: true, at: T0 };
    const { extension: _, state: __, ...kept } = contact;
    expect(bench.roster.get('1001')?.contacts).toEqual([kept]);
    expect(bench.registrationOf('1001')).toEqual(registeredSince(T0));
  });

  it('[RG6] a ghost among the contacts goes, and one that was missed comes, though the verdict is the same', async () => {
    const bench = sweepBench({ 1001: true });
    bench.tell('1001', 'registered', T0 - 2);
    bench.roster.apply('1001', {
      ...{ type: 'contact', contact: { ...pbxContact('1001'), uri: 'sip:ghost@host' }, at: T0 - 1 },
    });
    const { changes } = await bench.sweep.run();
    expect([changes, bench.roster.get('1001')?.contacts.map(({ uri }) => uri)]).toEqual([
      ...[[], ['sip:s-1001@host']],
    ]);
  });

  it('[RG4] contacts are left alone where their list was empty or did not come', async () => {
    const bench = sweepBench({ 1001: true });
    bench.tell('1001', 'registered', T0 - 1);
    const before = bench.roster.get('1001');
    bench.sources.breakDown('contact-statuses', faults.empty);
    await bench.sweep.run();
    expect(bench.roster.get('1001')).toBe(before);
  });

  it('[WR5] what is known already is told to nobody', async () => {
    const bench = sweepBench({ 1001: true, 1002: false });
    await bench.sweep.run();
    const { rev } = bench.roster;
    bench.clock.advance(60_000);
    await bench.sweep.run();
    expect(bench.roster.rev).toBe(rev);
  });

  it('[RG2] nobody of ours: strangers’ contacts and devices are no agents', async () => {
    const bench = sweepBench({});
    bench.sources.truth.set('7777', true);
    const { methods, changes, disagreements } = await bench.sweep.run();
    expect([methods.map(({ state }) => state), changes, disagreements]).toEqual([
      METHODS.map(() => 'answered'),
      ...[[], []],
    ]);
  });

  it('[RG2] works in slices: others have their turn after every change and every few milliseconds', async () => {
    const truth = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [String(1_000 + index), true]),
    );
    const turns: number[] = [];
    const bench = sweepBench(truth, {
      yieldNow: () => Promise.resolve(void turns.push([...bench.roster.all()].filter(isIn).length)),
    });
    const isIn = ({ registration }: { readonly registration: { readonly state: string } }): boolean =>
      registration.state === 'registered';
    await bench.sweep.run();
    expect(turns).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    turns.length = 0;
    const now = bench.clock.now.bind(bench.clock);
    // Half a millisecond of work for each agent.
    bench.clock.now = () => {
      bench.clock.advance(0.5);
      return now();
    };
    await bench.sweep.run();
    expect(turns.length).toBeGreaterThan(10);
  });

  it('[RG5] a listener of the roster that throws at one agent leaves the others to be swept', async () => {
    const bench = sweepBench({ 1001: true, 1002: true });
    bench.roster.onChange((now) => {
      if (now.person.extension === '1001') throw new Error('broken');
    });
    await bench.sweep.run();
    expect([bench.states(), bench.log.lines[0]]).toEqual([
      { 1001: 'registered', 1002: 'registered' },
      {
        ...{ level: 'error', message: 'registration not taken in' },
        fields: { agent: '1001', error: 'broken' },
      },
    ]);
  });
});
