// The tables Asterisk reads, as its schema makes them.
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { endpointRows } from '../../../asterisk/reference/endpoint.ts';
import { T0 } from '../../../domain/testing/build.ts';
import { rows, useStoreFiles } from '../../testing/store-bench.ts';
import type { Store } from './open.ts';

const files = useStoreFiles();

describe('Asterisk’s tables', () => {
  const authOf = (extension: string) =>
    rows(files.pbxFile, `SELECT auth FROM ps_endpoints WHERE id = '${extension}'`)[0]?.['auth'];
  const authIds = () => rows(files.pbxFile, 'SELECT id FROM ps_auths ORDER BY id').map((row) => row['id']);
  const secret = (name: string) => ({ username: `1001-${name}`, ha1: name.padEnd(32, '0') });
  const addContact = (id: string, endpoint: string, uri: string): void => {
    const pbx = new DatabaseSync(files.pbxFile);
    pbx
      .prepare('INSERT INTO ps_contacts (id, endpoint, uri, expiration_time) VALUES (?, ?, ?, 2000000000)')
      .run(id, endpoint, uri);
    pbx.close();
  };
  const contacts = () =>
    rows(files.pbxFile, 'SELECT id, expiration_time AS expires, status FROM ps_contacts ORDER BY id');

  async function provisioned(): Promise<Store['pbx']> {
    const { pbx } = await files.open();
    for (const extension of ['1001', '10011'])
      await pbx.provision(endpointRows(extension, 'Ada', 'f'.repeat(32)));
    return pbx;
  }

  it('[PS9] pauses the rows of one agent’s members, however they are called, and no others', async () => {
    const store = await files.open();
    const members = () =>
      rows(
        files.pbxFile,
        "SELECT interface, paused, reason_paused AS reason FROM queue_members WHERE queue_name = 'support' ORDER BY interface",
      ).map(({ interface: iface, paused, reason }) => [iface, paused, reason]);
    const pbx = new DatabaseSync(files.pbxFile);
    const add = pbx.prepare(
      "INSERT INTO queue_members (queue_name, interface, state_interface, paused) VALUES ('support', ?, ?, 0)",
    );
    add.run('Local/1001@agents-all', 'PJSIP/1001');
    add.run('PJSIP/1001', null);
    add.run('PJSIP/1002', null);
    pbx.close();
    await store.pbx.pauseMembers('PJSIP/1001', 'tea');
    await store.pbx.pauseMembers('PJSIP/1001', 'later');
    expect(members()).toEqual([
      ['Local/1001@agents-all', 1, 'tea'],
      ['PJSIP/1001', 1, 'tea'],
      ['PJSIP/1002', 0, null],
    ]);
  });

  it('[SE1] an endpoint accepts the secrets that are there, and is never an open door', async () => {
    const pbx = await provisioned();
    expect(authOf('1001')).toBe('1001-none');
    await pbx.grant('1001', 's-a', secret('s-a'));
    expect(authOf('1001')).toBe('1001-s-a');
    await pbx.grant('1001', 's-b', secret('s-b'));
    expect(String(authOf('1001')).split(',').sort()).toEqual(['1001-s-a', '1001-s-b']);
    expect(await pbx.find('1001', 's-a')).toEqual(secret('s-a'));
    await pbx.revoke('1001', 's-a');
    expect([authOf('1001'), await pbx.find('1001', 's-a')]).toEqual(['1001-s-b', null]);
    await pbx.revoke('1001', 's-b');
    await pbx.revoke('1001', 's-b');
    expect([authOf('1001'), authOf('10011'), authIds()]).toEqual([
      ...['1001-none', '10011-none', ['1001-none', '10011-none']],
    ]);
  });

  it('[RG9] [SE1] a desk phone’s own row stays in the list through sign-ins and sign-outs', async () => {
    const pbx = await provisioned();
    const database = new DatabaseSync(files.pbxFile);
    database.exec(`INSERT INTO ps_auths (id, auth_type, username, md5_cred) VALUES ('desk-9', 'md5', 'x', 'y');
      UPDATE ps_endpoints SET auth = 'desk-9, gone-7' WHERE id = '1001'`);
    database.close();
    const listed = () => String(authOf('1001')).split(',').sort();
    await pbx.grant('1001', 's-a', secret('s-a'));
    expect(listed()).toEqual(['1001-s-a', 'desk-9']);
    await pbx.revoke('1001', 's-a');
    expect([listed(), authOf('10011')]).toEqual([['desk-9'], '10011-none']);
  });

  it('[SE1] an extension that begins like another has its own', async () => {
    const pbx = await provisioned();
    await pbx.grant('10011', 's-x', { username: '10011-s-x', ha1: 'a'.repeat(32) });
    expect([authOf('1001'), authOf('10011')]).toEqual(['1001-none', '10011-s-x']);
  });

  it('[SE1] only the HA1 is there, never a password', async () => {
    const pbx = await provisioned();
    await pbx.grant('1001', 's-a', secret('s-a'));
    expect(rows(files.pbxFile, "SELECT * FROM ps_auths WHERE id = '1001-s-a'")).toEqual([
      {
        ...{ id: '1001-s-a', auth_type: 'md5', username: '1001-s-a', password: null, realm: null },
        md5_cred: secret('s-a').ha1,
      },
    ]);
  });

  it('[SE1] provisioned anew an extension keeps the secrets of its open sessions', async () => {
    const pbx = await provisioned();
    await pbx.grant('1001', 's-a', secret('s-a'));
    await pbx.provision(endpointRows('1001', 'Ada Berg', 'e'.repeat(32), 30));
    expect([authOf('1001'), await pbx.find('1001', 's-a')]).toEqual(['1001-s-a', secret('s-a')]);
    expect(rows(files.pbxFile, "SELECT callerid FROM ps_endpoints WHERE id = '1001'")).toEqual([
      { callerid: '"Ada Berg" <1001>' },
    ]);
  });

  it('[SE1] secrets of sessions that are not open are removed at the start, others stay', async () => {
    const pbx = await provisioned();
    await pbx.grant('1001', 's-a', secret('s-a'));
    await pbx.grant('1001', 's-b', secret('s-b'));
    await pbx.grant('10011', 's-c', secret('s-c'));
    await pbx.retain([{ id: 's-b', extension: '1001', deviceLabel: '', openedAt: T0 }]);
    expect([authOf('1001'), authOf('10011'), authIds()]).toEqual([
      ...['1001-s-b', '10011-none', ['1001-none', '1001-s-b', '10011-none']],
    ]);
  });

  it('[RG8] a session’s contacts expire, those of others and of desk phones do not', async () => {
    const pbx = await provisioned();
    // As Asterisk's ODBC writer stores them.
    addContact('1001^3B@a', '1001', 'sip:s-a@host.invalid^3Btransport=ws');
    addContact('1001^3B@b', '1001', 'sip:s-ab@host.invalid^3Btransport=ws');
    addContact('1001^3B@c', '1001', 'sip:1001@192.0.2.9:5060');
    addContact('1002^3B@d', '1002', 'sip:s-a@host.invalid');
    await pbx.expireContacts('1001', 's-a');
    expect(contacts()).toEqual([
      { id: '1001^3B@a', expires: 1, status: 'Expired' },
      { id: '1001^3B@b', expires: 2_000_000_000, status: null },
      { id: '1001^3B@c', expires: 2_000_000_000, status: null },
      { id: '1002^3B@d', expires: 2_000_000_000, status: null },
    ]);
    // OP5: the query as it stands.
    expect(
      rows(
        files.pbxFile,
        "SELECT endpoint, status, expiration_time FROM ps_contacts WHERE endpoint = '1001';",
      ).length,
    ).toBe(3);
  });

  it('[RG6] a contact is found by its URI as Asterisk stores it: `;` as `^3B`', async () => {
    const pbx = await provisioned();
    addContact('a', '1001', 'sip:s-a@host.invalid^3Btransport=ws^3Bob');
    addContact('b', '1001', 'sip:s-b@host.invalid');
    await pbx.markContact('1001', 'sip:s-a@host.invalid;transport=ws;ob', 'Reachable');
    await pbx.markContact('1001', 'sip:s-b@host.invalid', 'Unreachable');
    await pbx.markContact('1001', 'sip:nobody@host.invalid', 'Reachable');
    expect(contacts().map(({ status }) => status)).toEqual(['Reachable', 'Unreachable']);
  });

  it('[RG2] every contact, in Asterisk’s own words and not as it stores them', async () => {
    const pbx = await provisioned();
    expect(await pbx.contactRows()).toEqual([]);
    addContact('1001^3B@a', '1001', 'sip:s-a@host.invalid^3Btransport=ws^3Bx=^5E3B');
    addContact('1002^3B@b', '1002', 'sip:1002@192.0.2.9:5060');
    await pbx.markContact('1002', 'sip:1002@192.0.2.9:5060', 'Unreachable');
    const file = new DatabaseSync(files.pbxFile);
    file.exec("INSERT INTO ps_contacts (id, uri) VALUES ('c', 'sip:nobody@host'), ('d', NULL)");
    file.close();
    expect(await pbx.contactRows()).toEqual([
      {
        ...{ endpoint: '1001', uri: 'sip:s-a@host.invalid;transport=ws;x=^3B' },
        ...{ expirationTime: 2_000_000_000, status: null },
      },
      {
        ...{ endpoint: '1002', uri: 'sip:1002@192.0.2.9:5060' },
        ...{ expirationTime: 2_000_000_000, status: 'Unreachable' },
      },
    ]);
  });
});
