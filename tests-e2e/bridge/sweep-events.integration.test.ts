// What events miss, what comes while a sweep reads, and an Asterisk out of sight: on a real one, behind proxies.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SECOND_AFTER_MS } from '../../bridge/sweep/second-transport.ts';
import { now } from '../bench/stopwatch.ts';
import { pass, until } from '../testkit/wait.ts';
import { CONTACTS, GRACE_MS, isPhoneEvent } from './sweep-centre.ts';
import { openCrew, type Crew } from './sweep-crew.ts';
import { askToSweep, everybody, reportAfter, seen, stepsSince, sweepNow, viewOf } from './sweep-watch.ts';

/** RG1: AMI has its time to say it, then ARI's word counts; five times that, as the machine has others to serve. */
const BY_ARI_MS = 5 * (SECOND_AFTER_MS + 50);

let crew: Crew;
beforeAll(async () => {
  crew = await openCrew(['1001', '1002']);
}, 60_000);
beforeEach(() => crew.gather());
afterEach(() => {
  crew.wire.clear();
  crew.mend();
});
afterAll(() => crew.end());

/** RG6: contacts as the supervisor is told, as Asterisk shows them, as its table holds them. */
async function contactsEverywhere(extension: string) {
  const told = viewOf(crew.boss, extension)?.detail?.contacts ?? [];
  const rows = crew.bench.rows('pbx', `SELECT uri, status FROM ps_contacts WHERE endpoint = '${extension}'`);
  const plain = (uri: unknown): string => String(uri).replaceAll('^3B', ';');
  return {
    told: told.map(({ uri, reachable }) => [uri, reachable]),
    shown: await crew.truth.contacts(extension),
    rows: rows.map(({ uri, status }) => [plain(uri), status === 'Reachable']),
  };
}

describe('events that do not come', () => {
  it('[RG1] AMI says nothing of one agent: ARI tells of the loss, and of the return, before any sweep', async () => {
    const from = crew.boss.frames.length;
    crew.ami.drop((event) => isPhoneEvent(event) && event.includes('1001'));
    const lost = now();
    await crew.leave('1001');
    // Of what was recorded: the grace of this centre may be over before anybody looks.
    const told = (step: string) => until(step, () => stepsSince(crew.boss, from).includes(step), BY_ARI_MS);
    await told('1001 ONLINE reconnecting unregistered');
    const lostMs = now() - lost;
    await crew.isOffline('1001');
    const back = now();
    await crew.comeBack('1001');
    await told('1001 ONLINE registered');
    process.stdout.write(
      `by ARI alone: lost after ${lostMs.toFixed(0)} ms, back after ${(now() - back).toFixed(0)} ms\n`,
    );
    await crew.isOnline('1001');
    expect(stepsSince(crew.boss, from)).toEqual([
      '1001 ONLINE reconnecting unregistered',
      '1001 OFFLINE unregistered',
      '1001 ONLINE registered',
    ]);
    expect((await sweepNow(crew.boss)).changes).toEqual([]);
  });

  it('[RG1] [RG6] after a loss that ARI alone told, the phone that comes is the only one, and its going is a loss', async () => {
    crew.ami.drop((event) => isPhoneEvent(event) && event.includes('1001'));
    await crew.leave('1001');
    await crew.isOffline('1001');
    crew.mend();
    await crew.comeBack('1001');
    await crew.isOnline('1001');
    const { told, shown, rows } = await contactsEverywhere('1001');
    expect([told.length, told, told]).toEqual([1, shown, rows]);
    crew.ari.drop(isPhoneEvent);
    await crew.leave('1001');
    await crew.isOffline('1001');
  });

  it('[RG1] [RG2] [RG6] neither says anything: a sweep finds the loss, and the return', async () => {
    const from = crew.boss.frames.length;
    crew.ami.drop(isPhoneEvent);
    crew.ari.drop(isPhoneEvent);
    await crew.leave('1001');
    await pass(SECOND_AFTER_MS + 2 * GRACE_MS);
    await crew.expectNothingHappened(from);
    const found = { extension: '1001', from: 'registered', to: 'unregistered', by: 'contact-statuses' };
    expect((await sweepNow(crew.boss)).changes).toEqual([found]);
    await crew.isOffline('1001');

    await crew.comeBack('1001');
    const restored = { ...found, from: 'unregistered', to: 'registered' };
    expect((await sweepNow(crew.boss)).changes).toEqual([restored]);
    await crew.isOnline('1001');
    expect(stepsSince(crew.boss, from)).toEqual([
      '1001 ONLINE reconnecting unregistered',
      '1001 OFFLINE unregistered',
      '1001 ONLINE registered',
    ]);
    const { told, shown, rows } = await contactsEverywhere('1001');
    expect([told.length, told, told]).toEqual([1, shown, rows]);
  });
});

describe('what comes while a sweep reads', () => {
  /** A sweep whose contact statuses are read and under way until the proxy is mended. */
  async function readOnly() {
    crew.ami.breakDown(CONTACTS, { type: 'hold' });
    const answer = askToSweep(crew.boss);
    await until('the contact statuses are read', () => crew.ami.held() === 1);
    return async () => {
      crew.mend();
      return (await reportAfter(crew.boss, await answer)).sweep;
    };
  }

  it('[RG3] a phone that registers meanwhile stays registered', async () => {
    await crew.leave('1001');
    await crew.isOffline('1001');
    const from = crew.boss.frames.length;
    const merge = await readOnly();
    await crew.comeBack('1001');
    await crew.isOnline('1001');
    const report = await merge();
    expect([report?.changes, report?.disagreements]).toEqual([[], []]);
    expect(stepsSince(crew.boss, from)).toEqual(['1001 ONLINE registered']);
    const { told, shown } = await contactsEverywhere('1001');
    expect([told.length, told]).toEqual([1, shown]);
    await crew.isOnline('1001');
  });

  it('[RG3] a phone that goes meanwhile stays gone', async () => {
    const from = crew.boss.frames.length;
    const merge = await readOnly();
    await crew.leave('1001');
    await crew.isOffline('1001');
    const report = await merge();
    expect([report?.changes, report?.disagreements]).toEqual([[], []]);
    await crew.isOffline('1001');
    expect(stepsSince(crew.boss, from)).toEqual([
      '1001 ONLINE reconnecting unregistered',
      '1001 OFFLINE unregistered',
    ]);
    expect(await contactsEverywhere('1001')).toEqual({ told: [], shown: [], rows: [] });
  });
});

describe('on demand', () => {
  it('[RG2] two asked for at once are one', async () => {
    const before = crew.ami.asked('DeviceStateList');
    const answers = await Promise.all([askToSweep(crew.boss), askToSweep(crew.boss)]);
    expect(answers.map(({ type }) => type)).toEqual(['ack', 'ack']);
    expect(crew.ami.asked('DeviceStateList')).toBe(before + 1);
  });

  it('[RG2] an agent is refused', async () => {
    const desk = crew.desks.get('1001');
    expect(desk && (await askToSweep(desk))).toMatchObject({ type: 'nack', code: 'forbidden' });
  });
});

describe('Asterisk out of sight', () => {
  it('[RG4] AMI is cut: everybody is as they were, marked, and nobody is paused; then as it is', async () => {
    const from = crew.boss.frames.length;
    crew.wire.cut();
    await seen(crew.boss, '1001', 'ONLINE as-of unknown');
    await seen(crew.boss, '1002', 'ONLINE as-of unknown');
    expect(await askToSweep(crew.boss)).toMatchObject({ type: 'nack', code: 'asterisk-unavailable' });
    // ARI still tells of it, and alone it is not believed.
    await crew.leave('1002');
    await pass(SECOND_AFTER_MS + 2 * GRACE_MS);
    expect(everybody(crew.boss)).toMatchObject({
      1001: 'ONLINE as-of unknown',
      1002: 'ONLINE as-of unknown',
    });
    expect(await crew.truth.pauses()).toEqual({ 1001: '', 1002: '' });

    crew.wire.clear();
    await crew.isOnline('1001');
    await crew.isOffline('1002');
    expect(stepsSince(crew.boss, from).filter((step) => step.startsWith('100'))).toEqual([
      '1001 ONLINE as-of unknown',
      '1002 ONLINE as-of unknown',
      '1001 ONLINE registered',
      '1002 ONLINE reconnecting unregistered',
      '1002 OFFLINE unregistered',
    ]);
  });
});
