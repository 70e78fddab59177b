import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ami } from './private/ami.ts';
import { until } from './private/wait.ts';
import { challengeOf, ha1 } from './testing/sip-message.ts';
import { heard, startTestPbx, type TestPbx } from './testing/test-pbx.ts';

describe('registration over WebSocket', () => {
  let test: TestPbx;
  let watch: Ami;
  beforeAll(async () => {
    test = await startTestPbx();
    await test.provision('1001', '1002', '1003');
    watch = await test.login('watch');
  });
  afterAll(() => test.end());

  const contacts = (extension: string): Record<string, unknown>[] =>
    test.rows.all(
      'SELECT uri, endpoint, reg_server, qualify_frequency, status FROM ps_contacts WHERE endpoint = ?',
      extension,
    );

  it('[RG6] Asterisk writes the contact row and deletes it at un-REGISTER', async () => {
    const credential = test.rows.openSession('1001', 'one', test.pbx.sipRealm);
    const phone = await test.phone('1001', 'one', { credential });
    expect(await phone.register()).toBe(200);
    expect(contacts('1001')).toEqual([
      {
        uri: expect.stringMatching(/^sip:one@127\.0\.0\.1:\d+\^3Btransport=ws/) as unknown,
        endpoint: '1001',
        reg_server: 'desk-demo',
        qualify_frequency: 15,
        status: null,
      },
    ]);
    await heard(watch, 'ContactStatus', { ContactStatus: 'Reachable', AOR: '1001' });
    expect(await test.pbx.cli('pjsip show contacts')).toMatch(/1001\/sip:one@.* Avail/);

    expect(await phone.register(0)).toBe(200);
    await heard(watch, 'ContactStatus', { ContactStatus: 'Removed', AOR: '1001' });
    expect(contacts('1001')).toEqual([]);
    await phone.close();
  });

  it('[RG6] a closed page takes its row along, within a second', async () => {
    const credential = test.rows.openSession('1001', 'two', test.pbx.sipRealm);
    const phone = await test.phone('1001', 'two', { credential });
    await phone.register();
    expect(contacts('1001')).toHaveLength(1);
    // Not in the middle of an OPTIONS: Asterisk would log that it cannot be sent.
    await until('Reachable', 5000, () =>
      watch.events.find(
        (event) => event['ContactStatus'] === 'Reachable' && event['URI']?.startsWith('sip:two@'),
      ),
    );
    await phone.close();
    await until('the row to go', 1000, () => (contacts('1001').length === 0 ? true : undefined));
    expect(await test.pbx.cli('pjsip show contacts')).not.toContain('1001/');
  });

  it('[SE1] two sessions have a secret each, stored as HA1 only; a revoked one is refused, the other goes on', async () => {
    const [one, two] = ['a1', 'b2'].map((session) =>
      test.rows.openSession('1002', session, test.pbx.sipRealm),
    );
    const first = await test.phone('1002', 'a1', { credential: one ?? null });
    const second = await test.phone('1002', 'b2', { credential: two ?? null });
    expect([await first.register(), await second.register()]).toEqual([200, 200]);
    expect(contacts('1002')).toHaveLength(2);
    expect(test.rows.all('SELECT DISTINCT password FROM ps_auths')).toEqual([{ password: null }]);
    // One challenge for all of them: SIP.js answers the first it sees.
    expect(first.challenges.map((value) => challengeOf(value)['realm'])).toEqual([test.pbx.sipRealm]);

    test.rows.revoke('1002', 'a1');
    expect([await first.register(), await second.register()]).toEqual([401, 200]);
    await first.close();
    await second.close();
  });

  it('[SE1] an endpoint between sessions cannot be registered by anyone', async () => {
    const guesses = [
      null,
      { user: '1003-none', ha1: ha1('1003-none', test.pbx.sipRealm, '') },
      { user: '1003', ha1: ha1('1003', test.pbx.sipRealm, '1003') },
    ];
    for (const credential of guesses) {
      const phone = await test.phone('1003', 'guess', { credential });
      expect(await phone.register()).toBe(401);
      await phone.close();
    }
    const stranger = await test.phone('1999', 'guess');
    expect(await stranger.register()).toBe(401);
    await stranger.close();
    expect(contacts('1003')).toEqual([]);
  });

  it("[SE1] one extension's secret does not open another", async () => {
    const credential = test.rows.openSession('1001', 'mine', test.pbx.sipRealm);
    const phone = await test.phone('1003', 'mine', { credential });
    expect(await phone.register()).toBe(401);
    await phone.close();
  });

  it('[SE1] why the list is never empty and never names a missing row', async () => {
    test.rows.provision('1004');
    test.rows.run("UPDATE ps_endpoints SET auth = '' WHERE id = '1004'");
    const open = await test.phone('1004', 'open');
    expect(await open.register()).toBe(200); // an open door
    await open.close();
    const credential = test.rows.openSession('1004', 'good', test.pbx.sipRealm);
    test.rows.run("UPDATE ps_endpoints SET auth = '1004-gone,1004-good' WHERE id = '1004'");
    const locked = await test.phone('1004', 'good', { credential });
    expect(await locked.register()).toBe(500); // and a closed one, for a good secret too
    await locked.close();
  });

  it('[RG1] an endpoint made after the start is asked after by OPTIONS only once res_pjsip was reloaded', async () => {
    test.rows.provision('1005');
    const credential = test.rows.openSession('1005', 'new', test.pbx.sipRealm);
    const phone = await test.phone('1005', 'new', { credential });
    expect(await phone.register()).toBe(200);
    await heard(watch, 'ContactStatus', { ContactStatus: 'NonQualified', AOR: '1005' });
    expect(await test.pbx.cli('pjsip show contacts')).toMatch(/1005\/.* NonQual/); // and rings nowhere
    await phone.close();
    await watch.action({ Action: 'Reload', Module: 'res_pjsip.so' });
    await heard(watch, 'Reload', { Module: 'res_pjsip.so' });
    const after = await test.phone('1005', 'new', { credential });
    expect(await after.register()).toBe(200);
    await heard(watch, 'ContactStatus', { ContactStatus: 'Reachable', AOR: '1005' });
    await after.close();
  });

  it('[RG8] expiry by SQL and one question make Asterisk drop the contact', async () => {
    const credential = test.rows.openSession('1002', 'c3', test.pbx.sipRealm);
    const phone = await test.phone('1002', 'c3', { credential });
    await phone.register();
    test.rows.revoke('1002', 'c3');
    test.rows.run(
      "UPDATE ps_contacts SET status = 'Expired', expiration_time = 1 WHERE endpoint = '1002' AND uri LIKE 'sip:c3@%'",
    );
    await watch.action({ Action: 'Getvar', Variable: 'PJSIP_AOR(1002,contact)' });
    await until('Removed', 1000, () =>
      watch.events.find(
        (event) => event['ContactStatus'] === 'Removed' && event['URI']?.startsWith('sip:c3@'),
      ),
    );
    expect(contacts('1002')).toEqual([]);
    expect(await phone.register()).toBe(401);
    await phone.close();
  });

  it('logs no ERROR in all this', () => {
    expect(test.pbx.errorLines().filter((line) => line.includes('ERROR'))).toEqual([]);
  });
});
