// Two browsers and a SIP desk phone on one extension: who rings, who is listed, who goes and who stays.
import type { Locator } from '@playwright/test';
import type { Centre } from '../tools/centre.ts';
import { callQueue } from './pages/caller.ts';
import type { DeskPage } from './pages/desk-page.ts';
import { contactsOf, query } from './testkit/asterisk-truth.ts';
import { DESK_PHONE, deskPhone, type DeskPhone } from './testkit/desk-phone.ts';
import { expect, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';

const AGENT = '1001';

interface Devices {
  readonly centre: Centre;
  readonly browsers: readonly DeskPage[];
  readonly phone: DeskPhone;
}

const contacts = (centre: Centre, count: number) =>
  until(`${count} contacts`, async () => (await contactsOf(centre, AGENT)).length === count, 15_000);

/** The agent's channels that Asterisk has in that state; one is there for each device it sent an INVITE. */
async function channels({ asterisk }: Centre, state: 'Ringing' | 'Up'): Promise<number> {
  const shown = await asterisk.cli('core show channels concise');
  return shown.split('\n').filter((line) => line.startsWith(`PJSIP/${AGENT}-`) && line.includes(`!${state}!`))
    .length;
}

const card = async (desk: DeskPage, state: string): Promise<void> => {
  await expect(desk.at('call-card')).toHaveAttribute('data-state', state, { timeout: 20_000 });
};

/** Ringing is Asterisk's word for a device that answered 180. */
async function allRing({ centre, browsers, phone }: Devices, phoneRings: boolean): Promise<void> {
  for (const desk of browsers) await card(desk, 'ringing');
  const devices = browsers.length + (phoneRings ? 1 : 0);
  await until(`${devices} devices ring`, async () => (await channels(centre, 'Ringing')) === devices);
  if (!phoneRings) return;
  const rings = phone.rings();
  expect(rings.at(-1)).toMatchObject({ queue: 'support', ringing: true });
  expect(rings.filter(({ ringing }) => ringing)).toHaveLength(1);
}

/** The first browser has the call; every other device was told to stop. */
async function firstAnswers({ centre, browsers, phone }: Devices): Promise<void> {
  const [first] = browsers;
  await first?.at('call-answer').click();
  for (const desk of browsers) await card(desk, desk === first ? 'in-call' : 'idle');
  await until('the desk phone stops', () => phone.rings().every(({ ringing }) => !ringing));
  await until('nothing rings', async () => (await channels(centre, 'Ringing')) === 0);
  expect(await channels(centre, 'Up')).toBe(1);
  for (const { statusButton } of browsers)
    await expect(statusButton).toHaveAttribute('data-status', 'ON_CALL');
}

/** A call to the queue that rings all devices, is answered by the first browser and ended there. */
async function oneCall(devices: Devices, { phoneRings }: { phoneRings: boolean }): Promise<void> {
  const [first] = devices.browsers;
  const before = devices.phone.rings().length;
  const hangUp = callQueue(devices.centre, 'support');
  try {
    await allRing(devices, phoneRings);
    await firstAnswers(devices);
    await first?.at('call-end').click();
    for (const desk of devices.browsers) await card(desk, 'idle');
    await first?.expectStatus('ONLINE');
  } finally {
    hangUp();
  }
  expect(devices.phone.rings().length - before).toBe(phoneRings ? 1 : 0);
}

/** Host and port of every contact, as Asterisk's own table has them. */
const addresses = (centre: Centre): readonly string[] =>
  query(centre, `SELECT uri FROM pbx.ps_contacts WHERE endpoint = '${AGENT}'`).map(
    ({ uri }) => /@([\d.]+:\d+)/.exec(String(uri))?.[1] ?? '',
  );

const rowsOf = (desk: DeskPage): Record<'all' | 'own' | 'other' | 'phone', Locator> => {
  const all = desk.at('device');
  const { page } = desk;
  return {
    all,
    own: all.and(page.locator('[data-own=true]')),
    other: all.and(page.locator('[data-own=false][data-device^="s-"]')),
    phone: all.and(page.locator(`[data-device^="sip:${DESK_PHONE}@"]`)),
  };
};

/** Each of the three rings, is called what it calls itself, and has the address that Asterisk has. */
async function allListed({ centre }: Devices, desk: DeskPage): Promise<void> {
  const { all, own, other, phone } = rowsOf(desk);
  await expect(all).toHaveCount(3);
  for (const row of [own, other, phone]) {
    await expect(row).toHaveAttribute('data-phone', 'reachable');
    await expect(row.getByTestId('device-phone')).toHaveText('rings');
    await expect(row).toContainText(/\d+ ms/);
  }
  for (const row of [own, other]) await expect(row).toContainText(/Chrom.*desk open/);
  await expect(phone).toContainText(/test phone.*Desk phone/);
  const held = addresses(centre);
  expect(new Set(held).size).toBe(3);
  for (const address of held) await expect(all.filter({ hasText: address })).toHaveCount(1);
}

async function signOutRow(desk: DeskPage, row: Locator): Promise<void> {
  await row.getByTestId('device-sign-out').click();
  await desk.at('device-confirm').click();
  await expect(row).toHaveCount(0);
}

/** From the list of one browser the other is signed out; the desk phone stays, in the list and in Asterisk. */
async function otherLeaves({ centre, phone }: Devices, desk: DeskPage, other: DeskPage): Promise<void> {
  await signOutRow(desk, rowsOf(desk).other);
  await expect(other.at('sign-in-notice')).toHaveAttribute('data-notice', 'signed-out');
  await contacts(centre, 2);
  // Its own secret has not gone with the session's.
  expect(await phone.register()).toBe(200);
  await expect(rowsOf(desk).all).toHaveCount(2);
  await expect(rowsOf(desk).phone).toHaveAttribute('data-phone', 'reachable');
  await desk.openPage('desk');
  await desk.expectReachable();
  await desk.expectStatus('ONLINE');
}

async function phoneLeaves({ centre }: Devices, desk: DeskPage): Promise<void> {
  await desk.openPage('devices');
  await signOutRow(desk, rowsOf(desk).phone);
  await contacts(centre, 1);
  const [left = ''] = await contactsOf(centre, AGENT);
  expect(left).not.toContain(DESK_PHONE);
  await expect(rowsOf(desk).all).toHaveCount(1);
  await desk.openPage('desk');
  await desk.expectReachable();
}

/** One call and one sign-out after the other; each call finds fewer devices. */
async function threeCalls(all: Devices, one: DeskPage, other: DeskPage): Promise<void> {
  const left = { ...all, browsers: [one] };
  await contacts(all.centre, 3);
  await test.step('all three ring, one has it', () => oneCall(all, { phoneRings: true }));
  await one.openPage('devices');
  await test.step('all three are listed', () => allListed(all, one));
  await test.step('one signs the other out', () => otherLeaves(all, one, other));
  await test.step('the two left ring', () => oneCall(left, { phoneRings: true }));
  await test.step('the desk phone is signed out', () => phoneLeaves(left, one));
  await test.step('the browser rings alone', () => oneCall(left, { phoneRings: false }));
}

test('[RG9] two browsers and a SIP desk phone on one extension ring together, are listed, one is signed out while the others stay', async ({
  centre,
  openDesk,
}) => {
  test.setTimeout(240_000);
  const [one, other] = [await openDesk(AGENT), await openDesk(AGENT)];
  for (const desk of [one, other]) await desk.expectReachable();
  const phone = await deskPhone(centre, AGENT);
  try {
    await threeCalls({ centre, phone, browsers: [one, other] }, one, other);
  } finally {
    phone.remove();
  }
});
