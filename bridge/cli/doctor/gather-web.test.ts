import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { createFakeClock } from '../../testing/fake-clock.ts';
import { createSystemClock } from '../../adapters/clock.ts';
import { readAri, readSip } from './gather-web.ts';

const clock = createSystemClock();
const who = { extension: '1001', domain: 'localhost' };
const CHALLENGE = 'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="desk", nonce="1"\r\n\r\n';
const steps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of steps.splice(0)) await step();
});

async function listen(server: http.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  steps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface FakeSip {
  readonly server?: http.Server;
  readonly answer: string | null;
  readonly speaksSip?: boolean;
}

/** What it was asked, and where it is. */
async function fakeSip({ server = http.createServer(), answer, speaksSip = true }: FakeSip) {
  const asked: string[] = [];
  const sockets = new WebSocketServer({ server, handleProtocols: () => (speaksSip ? 'sip' : false) });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      asked.push(data.toString());
      if (answer !== null) socket.send(answer);
    });
  });
  steps.push(() => sockets.clients.forEach((socket) => socket.terminate()));
  return { asked, port: await listen(server) };
}

describe('SIP over WebSocket', () => {
  it('[SE1] [AP10] asks for contacts without adding one, and learns the realm', async () => {
    const { asked, port } = await fakeSip({ answer: CHALLENGE });
    expect(await readSip(`ws://127.0.0.1:${port}/ws`, who, clock)).toEqual({
      ...{ problem: null, realm: 'desk', openDoor: false, extension: '1001', certificate: null },
    });
    const [head = '', ...lines] = asked.join().split('\r\n');
    expect(head).toBe('REGISTER sip:localhost SIP/2.0');
    expect(lines.filter((line) => /^(Contact|Expires|Authorization)/i.test(line))).toEqual([]);
  });

  it.each([
    ['an open door', { answer: 'SIP/2.0 200 OK\r\n\r\n' }, { problem: null, openDoor: true }],
    ['something else', { answer: 'hello' }, { problem: 'the answer is not SIP', openDoor: false }],
    [
      'no subprotocol',
      { answer: null, speaksSip: false },
      { problem: 'Server sent no subprotocol', openDoor: false },
    ],
  ])('[AP10] tells %s', async (_what, options, told) => {
    const { port } = await fakeSip(options);
    expect(await readSip(`ws://127.0.0.1:${port}/ws`, who, clock)).toEqual({
      ...{ realm: null, extension: '1001', certificate: null },
      ...told,
    });
  });

  it('[AP10] does not wait for ever', async () => {
    const fake = createFakeClock(0);
    const { asked, port } = await fakeSip({ answer: null });
    const reading = readSip(`ws://127.0.0.1:${port}/ws`, who, fake);
    await vi.waitUntil(() => asked.length > 0);
    fake.advance(5_000);
    expect((await reading)?.problem).toBe('SIP: no answer in 5000 ms');
  });

  it('[AP10] tells that nobody is there, and that there is no address', async () => {
    const port = await listen(http.createServer((_request, response) => response.writeHead(404).end()));
    expect((await readSip(`ws://127.0.0.1:${port}/ws`, who, clock))?.problem).toBe(
      'Unexpected server response: 404',
    );
    expect(await readSip(null, who, clock)).toBeNull();
  });
});

function selfSigned(): { key: string; cert: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-tls-'));
  // Made for this run: no private key belongs in a repository.
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    execFileSync('openssl', [...kind, ...files, '-subj', '/CN=pbx.test', '-days', '10'], { stdio: 'ignore' });
    return {
      key: readFileSync(join(folder, 'key.pem'), 'utf8'),
      cert: readFileSync(join(folder, 'cert.pem'), 'utf8'),
    };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const pair = selfSigned();

describe.skipIf(pair === null)('a certificate', () => {
  it('[AP10] that browsers refuse is told, and the rest is looked at all the same', async () => {
    const { port } = await fakeSip({ server: https.createServer({ ...pair }), answer: CHALLENGE });
    const told = await readSip(`wss://127.0.0.1:${port}/ws`, who, clock);
    expect(told).toEqual({
      ...{ problem: null, realm: 'desk', openDoor: false, extension: '1001' },
      certificate: { problem: 'it is signed by itself', daysLeft: expect.closeTo(10, 0) as number },
    });
  });
});

describe('ARI', () => {
  const address = (port: number) => ({
    url: `http://127.0.0.1:${port}/ari`,
    user: 'desk',
    password: 'sesame',
  });
  /** Answers GET with the first status, anything else with the second. */
  const fakeAri = (get: number, other: number): Promise<number> =>
    listen(
      http.createServer((request, response) => {
        response
          .writeHead(request.method === 'GET' ? get : other, { 'content-type': 'application/json' })
          .end('[]');
      }),
    );

  it.each([
    [200, 403, { kind: 'answers', write: 'refused' }],
    [200, 404, { kind: 'answers', write: 'allowed' }],
    [200, 204, { kind: 'answers', write: 'allowed' }],
    [200, 500, { kind: 'answers', write: 'unknown' }],
    [401, 401, { kind: 'failed', words: 'Asterisk refuses the ARI user desk or its password' }],
    [404, 404, { kind: 'failed', words: 'GET /endpoints: Asterisk answered 404' }],
  ])('[OP7] GET %i, DELETE %i: %j', async (get, other, told) => {
    const facts = await readAri(address(await fakeAri(get, other)), clock);
    expect(facts).toEqual(told);
    expect(JSON.stringify(facts)).not.toContain('sesame');
  });

  it('[RG1] that is not configured is not asked', async () => {
    expect(await readAri(null, clock)).toEqual({ kind: 'not-configured' });
  });
});
