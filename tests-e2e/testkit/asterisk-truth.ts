// What Asterisk itself says, by its CLI and its database: the tests' own reading, no code of the product.
import { DatabaseSync } from 'node:sqlite';
import type { Centre } from '../../tools/centre.ts';

export interface MemberTruth {
  readonly queue: string;
  readonly paused: boolean;
  readonly reason: string;
}

/** `queue show`, one line per member, e.g. `1001 (Local/1001@… from PJSIP/1001) … (paused:lunch was 3 secs ago) …`, `1004 (PJSIP/1004) …`. */
export async function membersOf(centre: Centre, extension: string): Promise<readonly MemberTruth[]> {
  const shown = await centre.asterisk.cli('queue show');
  const found: MemberTruth[] = [];
  let queue = '';
  for (const line of shown.split('\n')) {
    const head = /^(\S+) has \d+ calls/.exec(line);
    if (head?.[1] !== undefined) queue = head[1];
    if (![`from PJSIP/${extension})`, `(PJSIP/${extension})`].some((state) => line.includes(state))) continue;
    const paused = /\(paused(?::(.*?))? was \d+ secs? ago\)/.exec(line);
    found.push({ queue, paused: paused !== null, reason: paused?.[1] ?? '' });
  }
  return found.sort((a, b) => a.queue.localeCompare(b.queue));
}

/** Contact URIs in Asterisk's memory. */
export async function contactsOf(centre: Centre, extension: string): Promise<readonly string[]> {
  const shown = await centre.asterisk.cli('pjsip show contacts');
  return [...shown.matchAll(/Contact:\s+(\d+)\/(\S+)/g)]
    .filter(([, aor]) => aor === extension)
    .map(([, , uri]) => uri ?? '');
}

/** One statement on Asterisk's file, or on ours with it attached as `pbx`. */
export function query(centre: Centre, statement: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(centre.files.bridge, { readOnly: true, timeout: 2_000 });
  try {
    database.prepare('ATTACH DATABASE ? AS pbx').run(centre.files.pbx);
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}
