// RG6: one picture three times: what Asterisk holds in memory, what its table says, what a supervisor is shown.
import { createHash } from 'node:crypto';
import type { Centre } from '../../tools/centre.ts';
import { query } from './asterisk-truth.ts';
import type { DeskClient } from './desk-client.ts';
import { until } from './wait.ts';

/** Of every (contact, reachable) pair: `1001 7de46e859c Reachable`. A contact's short hash is all that the CLI shows whole. */
export type Picture = readonly string[];

interface Shown {
  readonly extension: string;
  readonly detail?: { readonly contacts: readonly { readonly uri: string; readonly reachable: boolean }[] };
}

const pair = (extension: string, hash: string, word: string): string =>
  `${extension} ${hash.slice(0, 10)} ${word}`;

const WORDS: Readonly<Record<string, string>> = { Avail: 'Reachable', Unavail: 'Unreachable' };

/** Asterisk's memory, by `pjsip show contacts`: `Contact:  1001/sip:s-e1b1…@127.0.0.1:5429 7de46e859c Avail  0.963`. */
export async function inMemory({ asterisk }: Centre): Promise<Picture> {
  const shown = await asterisk.cli('pjsip show contacts');
  return [...shown.matchAll(/Contact:\s+(\w+)\/\S+\s+([0-9a-f]{10})\s+(\S+)/g)]
    .map(([, extension = '', hash = '', word = '']) => pair(extension, hash, WORDS[word] ?? word))
    .sort();
}

/** `ps_contacts`: the id is `1001^3B@` and the MD5 of the URI. */
export const inTable = (centre: Centre): Picture =>
  query(centre, 'SELECT endpoint, id, status FROM pbx.ps_contacts')
    .map((row) => pair(String(row['endpoint']), String(row['id']).split('@')[1] ?? '', String(row['status'])))
    .sort();

/** The last a supervisor was told of everybody. */
export function onBoard({ frames }: Pick<DeskClient, 'frames'>): Picture {
  const last = new Map<string, Shown>();
  for (const frame of frames) {
    for (const agent of (frame['agents'] ?? []) as readonly Shown[]) last.set(agent.extension, agent);
  }
  return [...last.values()]
    .flatMap(({ extension, detail }) =>
      (detail?.contacts ?? []).map(({ uri, reachable }) => {
        const hash = createHash('md5').update(uri).digest('hex');
        return pair(extension, hash, reachable ? 'Reachable' : 'Unreachable');
      }),
    )
    .sort();
}

/**
 * Waits until all three say the same, and what `expected` names: the extension and the word of each contact, in order.
 * Returns the picture; fails with the three as they were last.
 */
export async function samePicture(
  centre: Centre,
  supervisor: Pick<DeskClient, 'frames'>,
  expected: readonly string[],
  timeoutMs = 15_000,
): Promise<Picture> {
  let last: unknown;
  const look = async (): Promise<Picture | null> => {
    const [memory, table, board] = [await inMemory(centre), inTable(centre), onBoard(supervisor)];
    last = { memory, table, board };
    const words = memory.map((one) => one.replace(/ [0-9a-f]{10} /, ' '));
    const alike = [table, board, memory].every((one) => one.join() === memory.join());
    return alike && words.join() === expected.join() ? memory : null;
  };
  try {
    return await until('one picture', look, timeoutMs);
  } catch {
    throw new Error(`not one picture of ${expected.join(', ') || 'nobody'}: ${JSON.stringify(last)}`);
  }
}
