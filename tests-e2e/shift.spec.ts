// The main job, end to end on the real parts: a status chosen in a browser pauses a real Asterisk.
import { contactsOf, membersOf, query } from './testkit/asterisk-truth.ts';
import { expect, FORGETTERS, test } from './testkit/fixtures.ts';
import { until } from './testkit/wait.ts';
import type { Centre } from '../tools/centre.ts';

const paused = (reason: string) => ({ queue: 'support', paused: true, reason });
const unpaused = { queue: 'support', paused: false, reason: '' };

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Asterisk's own word for 1001, who is in `support` only. */
async function asteriskSays(centre: Centre, expected: typeof unpaused): Promise<void> {
  await until(
    `queue show: ${JSON.stringify(expected)}`,
    async () => {
      const members = await membersOf(centre, '1001');
      return JSON.stringify(members) === JSON.stringify([expected]);
    },
    10_000,
  ).catch(async (error: unknown) => {
    // Whole-object comparison for the report.
    expect(await membersOf(centre, '1001'), String(error)).toEqual([expected]);
  });
}

const chosen = ['PAUSE', 'BREAK', 'TRAINING', 'MEETING', 'WRAP_UP', 'DO_NOT_DISTURB', 'OFFLINE'] as const;

test.describe('a shift of one agent', () => {
  for (const forgetting of [null, ...FORGETTERS]) {
    test.describe(
      forgetting === null ? 'undisturbed' : `${forgetting} forgets everything between the steps`,
      () => {
        test.use({ forgetting });

        test('[SE3] [PS2] [ST5] sign in, every status, a typed reason, sign out @everywhere', async ({
          centre,
          openDesk,
          step,
        }) => {
          test.setTimeout(240_000);
          const desk = await openDesk('1001');
          await step('signed in: registered, ONLINE, unpaused', async () => {
            await desk.expectReachable();
            await desk.expectStatus('ONLINE');
            await asteriskSays(centre, unpaused);
          });
          for (const status of chosen) {
            await step(`${status}: paused with its name`, async () => {
              await desk.choose(status);
              await desk.expectStatus(status);
              await asteriskSays(centre, paused(status));
            });
          }
          await step('a reason from the catalogue', async () => {
            await desk.chooseReason('BREAK', 'lunch');
            await desk.expectStatus('BREAK', 'lunch');
            await asteriskSays(centre, paused('lunch'));
          });
          await step('[ST8] a typed reason, Cyrillic and an emoji', async () => {
            await desk.chooseTyped('PAUSE', 'жду курьера 📦');
            await desk.expectStatus('PAUSE', 'жду курьера 📦');
            await asteriskSays(centre, paused('жду курьера 📦'));
          });
          await step('ONLINE again: unpaused', async () => {
            await desk.choose('ONLINE');
            await desk.expectStatus('ONLINE');
            await desk.expectReachable();
            await asteriskSays(centre, unpaused);
          });
          await step('[SE4] signed out: paused offline, no contact, no secret', async () => {
            await expect(desk.at('desk')).toBeVisible();
            await desk.signOut();
            await asteriskSays(centre, paused('offline'));
            await until(
              'no contact in Asterisk',
              async () => (await contactsOf(centre, '1001')).length === 0,
            );
            expect(query(centre, "SELECT * FROM pbx.ps_contacts WHERE endpoint = '1001'")).toEqual([]);
            expect(query(centre, "SELECT id FROM pbx.ps_auths WHERE id LIKE '1001-s-%'")).toEqual([]);
          });
        });
      },
    );
  }
});

test('[OP5] both queries answer as they stand', async ({ centre, openDesk, step }) => {
  const desk = await openDesk('1001');
  const ofContacts = "SELECT endpoint, status, expiration_time FROM ps_contacts WHERE endpoint = '1001'";
  const ofUsers = "SELECT username, extension, online, sipRegistered FROM users WHERE extension = '1001'";
  await step('signed in', async () => {
    await desk.expectReachable();
    const contacts = await until('the one contact is marked reachable', () => {
      const rows = query(centre, ofContacts);
      return rows.length === 1 && rows[0]?.['status'] === 'Reachable' ? rows : null;
    });
    expect(contacts).toEqual([
      { endpoint: '1001', status: 'Reachable', expiration_time: expect.any(Number) },
    ]);
    const signedIn = [{ username: '1001', extension: '1001', online: 1, sipregistered: 1 }];
    await until('signed in and registered in the table', () => same(query(centre, ofUsers), signedIn));
  });
  await step('signed out', async () => {
    await expect(desk.at('desk')).toBeVisible();
    await desk.signOut();
    const out = [{ username: '1001', extension: '1001', online: 0, sipregistered: 0 }];
    await until('signed out in the table', () => same(query(centre, ofUsers), out));
    // A closed socket makes the contact unreachable first; Asterisk removes it some ms later.
    await until('no contact in the table', () => query(centre, ofContacts).length === 0);
  });
});

test('[PS3] an agent of two queues is paused in both, and only in those', async ({
  centre,
  openDesk,
  step,
}) => {
  const desk = await openDesk('1002');
  await step('signed in', () => desk.expectReachable());
  await step('a meeting', async () => {
    await desk.chooseTyped('MEETING', 'stand-up');
    await desk.expectStatus('MEETING', 'stand-up');
    expect(await membersOf(centre, '1002')).toEqual([
      { queue: 'sales', paused: true, reason: 'stand-up' },
      { queue: 'support', paused: true, reason: 'stand-up' },
    ]);
  });
});

test('[SE7] [ST4] closing the browser is no choice: BREAK is BREAK when the agent is back', async ({
  centre,
  openDesk,
  openBrowser,
  passwordOf,
  step,
}) => {
  const desk = await openDesk('1001');
  await step('a break', async () => {
    await desk.expectReachable();
    await desk.chooseReason('BREAK', 'coffee');
    await desk.expectStatus('BREAK', 'coffee');
  });
  await step('the browser closes', async () => {
    await desk.page.close();
    await until('the contact is gone', async () => (await contactsOf(centre, '1001')).length === 0);
    await asteriskSays(centre, paused('coffee'));
  });
  await step('back in another', async () => {
    const again = await openBrowser();
    await again.signIn('1001', passwordOf('1001'));
    await again.expectStatus('BREAK', 'coffee');
  });
});
