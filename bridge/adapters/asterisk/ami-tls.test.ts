import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, useAmiBench } from './ami-test-bench.ts';

const bench = useAmiBench();
const folder = mkdtempSync(join(tmpdir(), 'ami-tls-'));
let key = '';
let cert = '';

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  beforeAll(() => {
    // Made for this run: no private key belongs in a repository.
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=pbx.test', '-addext', 'subjectAltName=DNS:pbx.test', '-days', '1'];
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execFileSync('openssl', [...kind, ...files, ...subject], { stdio: 'ignore' });
    key = readFileSync(join(folder, 'key.pem'), 'utf8');
    cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ami #9 talks over a verified connection', async () => {
    const server = await bench.serve({ tls: { key, cert } });
    const connection = await bench.connect(server, {}, { tls: { ca: cert, serverName: 'pbx.test' } });
    const answer = connection.action('CoreStatus');
    const { action, peer } = await server.next('CoreStatus');
    peer.reply(action);
    expect((await answer)['response']).toBe('Success');
  });

  it.each([
    ['an unknown authority', (): object => ({ serverName: 'pbx.test' })],
    ['another name', (): object => ({ ca: cert, serverName: 'other.test' })],
    ['an address it does not name', (): object => ({ ca: cert })],
  ])('ami #9 a certificate with %s is refused before the secret is sent', async (_what, options) => {
    const server = await bench.serve({ tls: { key, cert } });
    expect(await failure(bench.connect(server, {}, { tls: options() }))).toEqual({
      code: 'connect',
      retryable: true,
    });
    expect(server.wire()).toBe('');
    expect(bench.clock.pending()).toBe(0);
  });
});
