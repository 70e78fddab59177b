import { describe, expect, it } from 'vitest';
import { makePerson, makeStep, T0 } from '../../domain/testing/build.ts';
import type { ChoosableStatus } from '../../domain/status/status.ts';
import { createDeadlines } from '../deadlines/deadlines.ts';
import { createLogClock } from '../roster/log-clock.ts';
import { createOwnEntries } from '../roster/own-entries.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLog } from '../testing/fake-log.ts';
import { pbxContact } from '../testing/fake-pbx.ts';
import { createMemoryDeadlineStore, createMemoryLogStore } from '../testing/memory-stores.ts';
import { settle } from '../testing/settle.ts';
import { AGAIN_MS, ClosedDesks, STORED_AFTER_MS } from './desk-closed.ts';

const AGENT = '1001';
const MINUTE = 60_000;
const LIMIT = 15 * MINUTE;
const PAGE = pbxContact(AGENT, { uri: 'sip:s-a@h1' });
const DESK_PHONE = pbxContact(AGENT, { uri: 'sip:4711@10.0.0.7' });

async function bench(deskClosedMs = LIMIT) {
  const clock = createFakeClock(T0);
  const log = createFakeLog();
  const deadlineStore = createMemoryDeadlineStore();
  const logStore = createMemoryLogStore();
  const roster = createRoster([makePerson()], [], 0);
  const changes = createOwnEntries({
    ...{ roster, store: logStore, logClock: createLogClock(clock, 0), lastOwnSequence: 100 },
  });
  const start = async (lastAliveMs: number) => {
    let pages: ReadonlySet<string> = new Set();
    let hear: (extension: string) => void = () => undefined;
    const deadlines = await createDeadlines({ store: deadlineStore, clock, log });
    const desks = new ClosedDesks({
      ...{ roster, clock, log, changes, deadlines, deskClosedMs, lastAliveMs },
      presence: {
        pagesOf: () => pages,
        onChange: (listener) => void (hear = (extension) => listener(extension, 's-a', pages.size > 0)),
      },
    });
    return {
      page(is: boolean) {
        pages = new Set(is ? ['s-a'] : []);
        hear(AGENT);
      },
      end() {
        desks.stop();
        deadlines.stop();
      },
    };
  };
  let sequence = 0;
  const given = {
    ...{ clock, log, roster, deadlineStore, start },
    choose(status: ChoosableStatus) {
      sequence += 1;
      const follows = roster.logOf(AGENT).folded.intent.entry;
      roster.record(makeStep({ sequence, status, follows, made: clock.now() }), sequence);
    },
    contact: (one: typeof PAGE) => roster.apply(AGENT, { type: 'contact', contact: one, at: clock.now() }),
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= MINUTE) {
        clock.advance(Math.min(left, MINUTE));
        await settle();
      }
    },
    intent() {
      const { status, reason, cause } = roster.logOf(AGENT).folded.intent;
      return [status, reason, cause];
    },
  };
  const desk = await start(T0);
  return { ...given, desk };
}

/** ONLINE with a page and its phone. */
async function atWork(deskClosedMs = LIMIT) {
  const given = await bench(deskClosedMs);
  given.choose('ONLINE');
  given.contact(PAGE);
  given.desk.page(true);
  return given;
}

const CLOSED = ['PAUSE', 'desk closed', 'session'];

describe('an agent without a desk', () => {
  it('[RG13] is paused after 15 min, not before; the step follows the ONLINE in force', async () => {
    const { desk, pass, intent } = await atWork();
    await pass(60 * MINUTE);
    desk.page(false);
    await pass(LIMIT - 1);
    expect(intent()[0]).toBe('ONLINE');
    await pass(1);
    expect(intent()).toEqual(CLOSED);
  });

  it('[RG13] whose page comes back in time goes on; the next closing begins anew, and nothing is left', async () => {
    const { desk, pass, intent, clock, deadlineStore } = await atWork();
    desk.page(false);
    await pass(14 * MINUTE);
    desk.page(true);
    await pass(14 * MINUTE);
    desk.page(false);
    await pass(14 * MINUTE);
    desk.page(true);
    await pass(MINUTE);
    expect([intent()[0], clock.pending(), await deadlineStore.all()]).toEqual(['ONLINE', 0, []]);
  });

  it.each<[string, (given: Awaited<ReturnType<typeof atWork>>) => void]>([
    ['who is on a break', ({ choose }) => choose('BREAK')],
    [
      'whose phone is gone for longer than the grace (SE5)',
      ({ contact, roster, clock }) => {
        contact({ ...PAGE, state: 'removed' });
        roster.apply(AGENT, { type: 'grace.over', from: clock.now() });
      },
    ],
    [
      'who has desk phones alone',
      ({ contact }) => {
        contact(DESK_PHONE);
        contact({ ...PAGE, state: 'removed' });
      },
    ],
  ])('[RG13] %s is left alone', async (_name, act) => {
    const given = await atWork();
    given.desk.page(false);
    act(given);
    const [status] = given.intent();
    await given.pass(2 * LIMIT);
    expect(given.intent()[0]).toBe(status);
  });

  it('[RG13] counts from ONLINE on, when that came later', async () => {
    const { choose, desk, pass, intent } = await atWork();
    choose('BREAK');
    desk.page(false);
    await pass(LIMIT);
    choose('ONLINE');
    await pass(LIMIT - 1);
    expect(intent()[0]).toBe('ONLINE');
    await pass(1);
    expect(intent()).toEqual(CLOSED);
  });

  it('[RG13] only the time in which the bridge runs counts: what was left when it ended is left when it starts', async () => {
    const given = await atWork();
    given.desk.page(false);
    await given.pass(10 * MINUTE);
    given.desk.end();
    const lastAliveMs = given.clock.now();
    await given.pass(120 * MINUTE);
    await given.start(lastAliveMs);
    await given.pass(5 * MINUTE - 1);
    expect(given.intent()[0]).toBe('ONLINE');
    await given.pass(1);
    expect(given.intent()).toEqual(CLOSED);
  });

  it('[RG13] with a limit of 0 is left alone', async () => {
    const { desk, pass, intent } = await atWork(0);
    desk.page(false);
    await pass(2 * LIMIT);
    expect(intent()[0]).toBe('ONLINE');
  });

  it('[RG13] a moment without a desk, as after every start, is not stored', async () => {
    const { desk, pass, deadlineStore } = await atWork();
    desk.page(false);
    await pass(STORED_AFTER_MS - 1);
    expect(await deadlineStore.all()).toEqual([]);
    await pass(1);
    expect((await deadlineStore.all()).length).toBe(1);
  });

  it('[RG13] [OP1] is paused at the same time though the store did not take the deadline at first', async () => {
    const { desk, pass, intent, deadlineStore } = await atWork();
    deadlineStore.failing = true;
    desk.page(false);
    await pass(5 * MINUTE);
    deadlineStore.failing = false;
    await pass(10 * MINUTE - 1);
    expect(intent()[0]).toBe('ONLINE');
    await pass(1);
    expect(intent()).toEqual(CLOSED);
  });

  it('[RG13] [OP1] and when the store takes it only after that time, then', async () => {
    const { desk, pass, intent, deadlineStore, log } = await atWork();
    deadlineStore.failing = true;
    desk.page(false);
    await pass(LIMIT + MINUTE);
    expect(intent()[0]).toBe('ONLINE');
    // Told once, not with every try.
    expect(log.said('warn')).toEqual(['the time of a closed desk could not be kept']);
    deadlineStore.failing = false;
    await pass(AGAIN_MS);
    await pass(1);
    expect(intent()).toEqual(CLOSED);
  });

  it.each<[string, (given: Awaited<ReturnType<typeof atWork>>) => void]>([
    ['whose page is back', ({ desk }) => desk.page(true)],
    ['of a bridge that ends', ({ desk }) => desk.end()],
  ])('[RG13] a deadline that failed, of an agent %s, is not tried again', async (_name, act) => {
    const given = await atWork();
    given.deadlineStore.failing = true;
    given.desk.page(false);
    await given.pass(STORED_AFTER_MS);
    given.deadlineStore.failing = false;
    act(given);
    await given.pass(2 * LIMIT);
    expect([await given.deadlineStore.all(), given.clock.pending()]).toEqual([[], 0]);
  });
});
