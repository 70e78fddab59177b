// What Asterisk says of queue members of every kind: static, realtime and dynamic, each as Local/… and as plain PJSIP/….
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ami, AmiMessage } from './private/ami.ts';
import { memberInterface, memberLine, memberRow, queueAddFields } from './private/members.ts';
import { until } from './private/wait.ts';
import { startTestPbx, type TestPbx } from './testing/test-pbx.ts';

const queue = 'support';
const realtime = [{ extension: '1003' }, { extension: '1004', plain: true }];
const dynamic = [{ extension: '1005' }, { extension: '1006', plain: true }];
const kinds = [
  ['Local/1001@agents-all', 'static', '1001'],
  ['PJSIP/1002', 'static', '1002'],
  ['Local/1003@agents-all', 'realtime', '1003'],
  ['PJSIP/1004', 'realtime', '1004'],
  ['Local/1005@agents-all', 'dynamic', '1005'],
  ['PJSIP/1006', 'dynamic', '1006'],
] as const;
const everyone = kinds.map(([iface]) => iface);

let test: TestPbx;
let watch: Ami;
beforeAll(async () => {
  test = await startTestPbx([{ name: queue, members: ['1001'], plain: ['1002'], realtime }]);
  watch = await test.login('watch');
});
afterAll(() => test.end());

/** Asking whether the queue exists makes Asterisk read its rows: no channel, 0.2 ms, class `reporting`. */
const load = (): Promise<AmiMessage> =>
  watch.action({ Action: 'Getvar', Variable: `QUEUE_EXISTS(${queue})` });

const pause = (iface: string, reason: string): Promise<AmiMessage> =>
  watch.action({
    ...{ Action: 'QueuePause', Queue: queue, Interface: iface },
    ...(reason === '' ? { Paused: '0' } : { Paused: '1', Reason: reason }),
  });

const pauseAll = (reason: string): Promise<unknown> =>
  Promise.all(everyone.map((iface) => pause(iface, reason)));

/** Interface → paused, with the reason if there is one. */
async function shown(): Promise<Record<string, string>> {
  const list = await watch.list({ Action: 'QueueStatus', Queue: queue });
  const members = list.filter((entry) => entry['Event'] === 'QueueMember');
  const states = members.map((one): [string, string] => [
    one['Location'] ?? '',
    `${one['Paused'] ?? ''} ${one['PausedReason'] ?? ''}`.trim(),
  ]);
  return Object.fromEntries(states);
}

const all = (state: string): Record<string, string> =>
  Object.fromEntries(everyone.map((iface) => [iface, state]));

/** What `act` made Asterisk say about this member and about reloads, until that has been said. */
async function said(iface: string, last: string, act: () => Promise<unknown>): Promise<string[]> {
  const from = watch.events.length;
  await act();
  return until(`${last} of ${iface}`, 5000, () => {
    const words = watch.events.slice(from).flatMap((event) => wordsOf(event, iface));
    return words.includes(last) ? words : undefined;
  });
}

function wordsOf(event: AmiMessage, iface: string): string[] {
  const name = event['Event'] ?? '';
  if (name === 'Reload') return [`Reload ${event['Module'] ?? ''}`];
  if (event['Device'] === `Queue:${queue}_pause_${iface}`) return [`${name} ${event['State'] ?? ''}`];
  if (event['Interface'] !== iface || !/^QueueMember(Added|Removed|Pause)$/.test(name)) return [];
  return [`${name} ${event['Paused'] ?? ''} ${event['PausedReason'] ?? ''}`.trim()];
}

async function restart(): Promise<void> {
  await test.pbx.kill();
  watch.close();
  await test.pbx.start();
  watch = await test.login('watch');
}

/** Waits until Asterisk's own database says of every dynamic member that it is unpaused: up to 1 s later. */
async function unpausedOnDisk(): Promise<void> {
  const file = join(test.pbx.runDir, 'var/astdb.sqlite3');
  const db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  const stored = db.prepare("SELECT value FROM astdb WHERE key = '/Queue/PersistentMembers/support'");
  await until('the unpause on disk', 5000, () => {
    const members = String(stored.get()?.['value']).split('|');
    return members.every((member) => member.split(';')[2] === '0') ? true : undefined;
  });
  db.close();
}

describe('queue members of every kind', () => {
  it('[PS9] rows are no members until a caller or a question makes Asterisk load them; then they are paused', async () => {
    const before = { 'Local/1001@agents-all': '1', 'PJSIP/1002': '1' };
    expect(await shown()).toEqual(before);
    await expect(pause('PJSIP/1004', 'lunch')).rejects.toThrow('Interface not found');
    expect(await shown()).toEqual(before);
    expect(await said('PJSIP/1004', 'DeviceStateChange INUSE', load)).toHaveLength(1); // no QueueMemberAdded
    expect(await shown()).toEqual({ ...before, 'Local/1003@agents-all': '1', 'PJSIP/1004': '1' });
  });

  it('[PS9] QueueAdd with Paused starts paused and says so', async () => {
    for (const member of dynamic) {
      const add = (): Promise<unknown> =>
        watch.action({ Action: 'QueueAdd', ...queueAddFields(queue, member, 'Signed off') });
      expect(await said(memberInterface(member), 'QueueMemberAdded 1 Signed off', add)).toEqual([
        'DeviceStateChange INUSE',
        'QueueMemberAdded 1 Signed off',
      ]);
    }
  });

  it.each(kinds)('[PS3] [PS4] %s (%s) says each change of pause twice', async (iface, kind, extension) => {
    const step = (reason: string, last: string): Promise<string[]> =>
      said(iface, last, () => pause(iface, reason));
    expect(await step('', 'QueueMemberPause 0')).toEqual([
      'DeviceStateChange NOT_INUSE',
      'QueueMemberPause 0',
    ]);
    expect(await step('lunch', 'QueueMemberPause 1 lunch')).toEqual([
      'DeviceStateChange INUSE',
      'QueueMemberPause 1 lunch',
    ]);
    // A new reason is no new state.
    expect(await step('tea', 'QueueMemberPause 1 tea')).toEqual(['QueueMemberPause 1 tea']);
    expect(watch.events.findLast((event) => event['Interface'] === iface)).toMatchObject({
      Membership: kind,
      MemberName: extension,
      StateInterface: `PJSIP/${extension}`,
    });
  });

  it('[PS4] a pause is in the row before Asterisk answers, with its reason', async () => {
    await pause('Local/1003@agents-all', 'lunch');
    expect(
      test.rows.all("SELECT paused, reason_paused FROM queue_members WHERE membername = '1003'"),
    ).toEqual([{ paused: 1, reason_paused: 'lunch' }]);
  });

  it('[PS4] a row changed by SQL counts from the next load on, and only its device state says so', async () => {
    const iface = 'Local/1003@agents-all';
    const set = "UPDATE queue_members SET paused = ?, reason_paused = ? WHERE membername = '1003'";
    test.rows.run(set, 0, '');
    expect((await shown())[iface]).toBe('1 lunch');
    expect(await said(iface, 'DeviceStateChange NOT_INUSE', load)).toHaveLength(1);
    expect((await shown())[iface]).toBe('0');
    test.rows.run(set, 1, 'by hand');
    expect(await said(iface, 'DeviceStateChange INUSE', load)).toHaveLength(1);
    expect((await shown())[iface]).toBe('1 by hand');
  });

  it('[PS2] a row that goes takes its member along, without QueueMemberRemoved', async () => {
    const iface = 'PJSIP/1004';
    test.rows.run("DELETE FROM queue_members WHERE membername = '1004'");
    expect(await said(iface, 'DeviceStateChange NOT_INUSE', load)).toHaveLength(1);
    expect(await shown()).not.toHaveProperty(iface);
    test.rows.put('queue_members', memberRow(queue, { extension: '1004', plain: true }));
    await said(iface, 'DeviceStateChange INUSE', load);
  });

  it('[PS9] kill -9 right after a pause gives nobody back unpaused', async () => {
    await pauseAll('');
    await unpausedOnDisk(); // the next write is up to 1 s away: a dynamic member's pause would be lost
    await pauseAll('break');
    await restart();
    expect(Object.values(await shown()).filter((state) => !state.startsWith('1'))).toEqual([]);
    await load();
    const after = await shown();
    expect(Object.keys(after).sort()).toEqual([...everyone].sort());
    expect(Object.values(after).filter((state) => !state.startsWith('1'))).toEqual([]);
    expect([after['Local/1003@agents-all'], after['PJSIP/1004']]).toEqual(['1 break', '1 break']);
  });

  it('[PS9] who was unpaused at kill -9 is paused after it; a row says what it said', async () => {
    await pauseAll('');
    await unpausedOnDisk();
    await restart();
    await load();
    expect(await shown()).toEqual({ ...all('1'), 'Local/1003@agents-all': '0', 'PJSIP/1004': '0' });
  });

  it('[PS2] `queue reload` takes the reasons of static members away and says nothing', async () => {
    await pauseAll('break');
    appendFileSync(join(test.pbx.runDir, 'conf/queues.conf'), '\n; changed\n');
    await test.pbx.cli('queue reload all');
    expect(await shown()).toEqual({ ...all('1 break'), 'Local/1001@agents-all': '1', 'PJSIP/1002': '1' });
    const next = said('PJSIP/1002', 'QueueMemberPause 1 lunch', () => pause('PJSIP/1002', 'lunch'));
    expect(await next).toEqual(['QueueMemberPause 1 lunch']);
  });

  it('[PS2] a module reload says Reload when the new members are there, paused', async () => {
    const file = join(test.pbx.runDir, 'conf/queues.conf');
    const line = memberLine({ extension: '1007' });
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^member =>/m, `${line}\n$&`));
    const reload = (): Promise<unknown> => watch.action({ Action: 'Reload', Module: 'app_queue.so' });
    const iface = memberInterface({ extension: '1007' });
    expect(await said(iface, 'Reload app_queue.so', reload)).toEqual([
      'DeviceStateChange INUSE', // no QueueMemberAdded
      'Reload app_queue.so',
    ]);
    expect((await shown())[iface]).toBe('1');
  });

  it('[PS9] the CLI adds members unpaused, and QueueMemberAdded says so', async () => {
    const add = (): Promise<unknown> => test.pbx.cli(`queue add member PJSIP/1008 to ${queue}`);
    expect(await said('PJSIP/1008', 'QueueMemberAdded 0', add)).toEqual([
      'DeviceStateChange NOT_INUSE',
      'QueueMemberAdded 0',
    ]);
    const remove = (): Promise<unknown> => test.pbx.cli(`queue remove member PJSIP/1008 from ${queue}`);
    expect(await said('PJSIP/1008', 'QueueMemberRemoved 0', remove)).toHaveLength(1);
    expect(test.pbx.errorLines()).toEqual([]);
  });
});
