// A bridge that must not start, as a process: how it ends and what it says. No Asterisk is needed for that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShared, openStore } from '../../bridge/adapters/store/open.ts';
import { root } from '../../tools/centre.ts';

const SECRET = 'a-secret-of-this-test-that-is-long-enough';
let folder = '';
let right: Record<string, string> = {};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  right = {
    ...{ DATABASE_FILE: join(folder, 'bridge.sqlite'), PBX_DATABASE_FILE: join(folder, 'asterisk.sqlite') },
    ...{ HTTP_PORT: '0', AMI_PORT: '1', AMI_WATCH_SECRET: SECRET, BRIDGE_SECRET: SECRET },
    SIP_URL: 'ws://127.0.0.1:1/ws',
  };
  const pbx = new DatabaseSync(right['PBX_DATABASE_FILE'] ?? '');
  pbx.exec(readFileSync(join(root, 'asterisk/reference/schema.sqlite.sql'), 'utf8'));
  pbx.close();
  await marked('0');
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = () => ({ file: right['DATABASE_FILE'] ?? '', pbxFile: right['PBX_DATABASE_FILE'] ?? '' });

async function marked(demo: '0' | '1'): Promise<void> {
  const store = await openShared(files());
  await store.settings.setMeta('demo', demo);
  store.close();
}

/** Runs a bridge that ends by itself. */
async function ended(environment: Record<string, string | undefined>) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['bridge/main.ts'], {
    cwd: root,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

describe('a bad configuration', () => {
  it('[OP2] ends with 78, naming every missing variable at once', async () => {
    const { code, text } = await ended({});
    expect(code).toBe(78);
    for (const name of [
      'DATABASE_FILE',
      'PBX_DATABASE_FILE',
      'AMI_WATCH_SECRET',
      'SIP_URL',
      'BRIDGE_SECRET',
    ]) {
      expect(text).toContain(`${name} is missing`);
    }
  });

  it.each([
    [{ SIP_URL: 'ws://' }, 'SIP_URL must be a URL'],
    [{ SIP_URL: 'ws://calls.example/ws' }, 'SIP_URL must be wss:// beyond loopback'],
    [{ HTTP_PORT: 'eighty' }, 'HTTP_PORT must be a port number'],
    [{ BRIDGE_SECRET: 'hush' }, 'BRIDGE_SECRET must have at least 32 characters'],
  ])('[OP2] %j ends with 78, without the value of a secret', async (given, problem) => {
    const { code, text } = await ended({ ...right, ...given });
    expect([code, text.includes(problem)]).toEqual([78, true]);
    for (const secret of [SECRET, 'hush']) expect(text).not.toContain(secret);
  });
});

describe('the demo centre', () => {
  it.each([
    [
      'with NODE_ENV=production',
      { DEMO: '1', NODE_ENV: 'production' },
      'DEMO is refused with NODE_ENV=production',
    ],
    [
      'on a public address',
      { DEMO: '1', HTTP_HOST: '0.0.0.0' },
      'HTTP_HOST must be a loopback address with DEMO',
    ],
    [
      'for the public',
      { DEMO: '1', PUBLIC_URL: 'https://calls.example' },
      'PUBLIC_URL must be a loopback address',
    ],
    ['as a real one', { NODE_ENV: 'production' }, 'DATABASE_FILE is a demo centre'],
    ['as a real one, anywhere', {}, 'DATABASE_FILE is a demo centre'],
  ])('[OP6] is refused by name %s', async (_name, given, problem) => {
    await marked('1');
    const { code, text } = await ended({ ...right, ...given });
    expect([code, text.includes(problem), text]).toEqual([78, true, text]);
  });

  it('[OP6] a real centre is not run as a demo', async () => {
    const { code, text } = await ended({ ...right, DEMO: '1' });
    expect([code, text.includes('no demo centre')]).toEqual([78, true]);
  });
});

describe('a place that is taken', () => {
  it('[OP4] a second bridge on one store ends with 1 and says why', async () => {
    const first = await openStore(files());
    const { code, text } = await ended(right);
    expect([code, text.includes('another bridge runs on this store')]).toEqual([1, true]);
    first.close();
  });

  it('[OP3] so does one whose port is taken, and its store is free again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const HTTP_PORT = String((server.address() as AddressInfo).port);
    const { code, text } = await ended({ ...right, HTTP_PORT });
    server.close();
    expect([code, text.includes('EADDRINUSE')]).toEqual([1, true]);
    (await openStore(files())).close();
  });

  it('[OP3] a store of a newer program is refused', async () => {
    const database = new DatabaseSync(files().file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { code, text } = await ended(right);
    expect([code, text.includes('newer version')]).toEqual([1, true]);
  });
});
