import { describe, expect, it } from 'vitest';
import { makeChoice, makePerson, T0 } from '../../domain/testing/build.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { settle } from '../testing/settle.ts';
import { GATHER_MS, publishStatuses, REWRITE_MS, type AgentStatusRow } from './agent-statuses.ts';
import { StoreError } from './ports.ts';
import { createRoster } from './roster.ts';

function bench() {
  const [clock, log] = [createFakeClock(T0), createFakeLog()];
  const roster = createRoster([makePerson(), makePerson({ extension: '1002' })], [makeChoice()], 1);
  const writes: (readonly AgentStatusRow[])[] = [];
  const kept: (readonly string[])[] = [];
  const rows = {
    fails: false,
    write(written: readonly AgentStatusRow[]) {
      if (rows.fails) return Promise.reject(new StoreError(new Error('disk full')));
      writes.push(written);
      return Promise.resolve();
    },
    retain: (extensions: readonly string[]) => (kept.push(extensions), Promise.resolve()),
  };
  const contact = (state: 'reachable' | 'removed'): void => {
    const report = { uri: 'sip:s-a@host', state, userAgent: null, address: null, roundTripMs: null };
    roster.apply('1001', { type: 'contact', contact: report, at: clock.now() });
  };
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  return {
    clock,
    log,
    roster,
    writes,
    kept,
    rows,
    contact,
    advance,
    start: () => publishStatuses({ roster, rows, clock, log }),
  };
}

const nothing = { reason: null, since: null, next: null };

describe('agent_statuses', () => {
  it('[OP5] holds everybody from the start, in the words of the board, and nobody else', async () => {
    const { start, advance, writes, kept } = bench();
    start();
    await advance(0);
    expect(kept).toEqual([['1001', '1002']]);
    expect(writes).toEqual([
      [
        { extension: '1001', status: 'OFFLINE', reason: 'Auto: SIP not registered', since: T0, next: null },
        { extension: '1002', status: 'OFFLINE', ...nothing },
      ],
    ]);
  });

  it('[OP5] follows what changes, gathered; what comes out the same is not written', async () => {
    const { start, advance, writes, roster, contact, clock } = bench();
    start();
    await advance(0);
    writes.length = 0;
    contact('reachable');
    roster.apply('1001', { type: 'channel.up', uniqueId: 'u1', at: T0 + 7 });
    // Nothing of it is in the table.
    roster.apply('1002', {
      type: 'desks',
      desks: [{ session: 's-a', label: '', openedAt: T0, connectedSince: null, endsAfterCall: false }],
    });
    await advance(GATHER_MS - 1);
    expect(writes).toEqual([]);
    await advance(1);
    expect(writes).toEqual([
      [{ extension: '1001', status: 'ON_CALL', reason: null, since: T0 + 7, next: 'BREAK' }],
    ]);
    roster.apply('1001', { type: 'channel.ended', uniqueId: 'u1', at: clock.now() });
    await advance(GATHER_MS);
    expect(writes.at(-1)).toMatchObject([{ status: 'BREAK', next: null }]);
  });

  it('[OP5] a write that fails is a warning, and is made up for', async () => {
    const { start, advance, writes, rows, log, contact } = bench();
    start();
    rows.fails = true;
    await advance(0);
    contact('reachable');
    await advance(GATHER_MS);
    expect([writes, log.said('warn')]).toEqual([[], ['agent_statuses not written']]);
    rows.fails = false;
    await advance(REWRITE_MS);
    expect(writes).toMatchObject([[{ extension: '1001', status: 'BREAK' }, { extension: '1002' }]]);
  });

  it('[OP5] stopped it writes nothing more and leaves nothing behind', async () => {
    const { start, advance, writes, contact, clock } = bench();
    const stop = start();
    await advance(0);
    stop();
    contact('reachable');
    await advance(60_000);
    expect([writes.length, clock.pending()]).toEqual([1, 0]);
  });
});
