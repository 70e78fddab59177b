import { describe, expect, it } from 'vitest';
import { makePerson, T0 } from '../../domain/testing/build.ts';
import type { Person } from '../../domain/roster/record.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { createFakePbx, pbxContact } from '../testing/fake-pbx.ts';
import { Hub } from './hub.ts';
import { openProbes } from './probes.ts';

const ADA = makePerson();
const BORIS = makePerson({ extension: '1002' });
const CLARA = makePerson({ extension: '1100', role: 'supervisor' });
const WALL = makePerson({ extension: '1900', role: 'wall' });
const OTHERS = makePerson({ extension: '1200', role: 'supervisor', teams: ['sales'] });

function bench() {
  const clock = createFakeClock(T0);
  const pbx = createFakePbx('ready');
  const roster = createRoster([ADA, BORIS, CLARA, WALL, OTHERS], [], 0);
  const resolved = (): Promise<void> => Promise.resolve();
  const probes = openProbes({
    ...{ clock, pbx, roster, log: createFakeLog(), hub: new Hub({ roster, clock }), lastAliveMs: T0 },
    ...{ config: { DESK_CLOSED_MIN: 15 }, sessions: { open: () => null }, changes: { step: resolved } },
    deadlines: { set: resolved, cancel: resolved, get: () => undefined, on: () => undefined },
  });
  roster.apply('1001', { type: 'contact', contact: pbxContact('1001'), at: T0 });
  return { pbx, roster, probes };
}

describe('asking on demand', () => {
  it.each<[string, Person, string, object]>([
    ['one’s own phone', ADA, '1001', { ok: true }],
    ['the phone of somebody overseen', CLARA, '1001', { ok: true }],
    ['a colleague’s', BORIS, '1001', { ok: false, code: 'forbidden' }],
    ['one of another team', OTHERS, '1001', { ok: false, code: 'forbidden' }],
    ['a wall’s own', WALL, '1900', { ok: false, code: 'forbidden' }],
    ['nobody’s', CLARA, '7777', { ok: false, code: 'unknown-agent' }],
    ['one that is not registered', BORIS, '1002', { ok: false, code: 'not-registered' }],
  ])('[RG12] [WR4] %s', async (_name, actor, target, result) => {
    const { probes, pbx } = bench();
    expect(await probes.probe(actor, target)).toEqual(result);
    expect(pbx.qualified).toEqual('code' in result ? [] : ['1001']);
  });

  it('[RG12] [OP2] while Asterisk is away, or does not take it, it is refused', async () => {
    const { probes, pbx } = bench();
    pbx.onQualify = () => Promise.reject(new Error('closed'));
    expect(await probes.probe(ADA, '1001')).toEqual({ ok: false, code: 'asterisk-unavailable' });
    pbx.become('down');
    expect(await probes.probe(ADA, '1001')).toEqual({ ok: false, code: 'asterisk-unavailable' });
  });
});
