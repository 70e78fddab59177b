// What a run folder remembers between runs: ports, secrets, places. One file, readable by its owner alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Credentials {
  readonly user: string;
  readonly secret: string;
}

/** `<run>/asterisk.json`. */
export interface Settings {
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly ports: { readonly ami: number; readonly http: number; readonly sip: number };
  readonly rtp: { readonly start: number; readonly end: number };
  readonly ami: { readonly watch: Credentials; readonly act: Credentials };
  readonly ari: { readonly user: string; readonly password: string };
  readonly dbFile: string;
  readonly sipRealm: string;
  readonly qualifyFrequencyS: number;
  readonly queues: readonly string[];
}

const place = (runDir: string): string => join(runDir, 'asterisk.json');

/** Null when the folder was never prepared. */
export function readSettings(runDir: string): Settings | null {
  const file = place(runDir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Settings) : null;
}

export function writeSettings(runDir: string, settings: Settings): void {
  writeFileSync(place(runDir), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
}
