// Bugs that can be planted in the bridge when it is started for a fault run, to show that the harness finds such.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Plant {
  /** From the top of the project. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const PLANTS = {
  /** ST10: what comes late takes the last place instead of its own. */
  'late entries appended': {
    file: 'domain/status/agent-log.ts',
    find: 'const place = this.#recent.findLastIndex((one) => compareEntries(one, entry) < 0) + 1;',
    replace: 'const place = this.#recent.length;',
  },
  /** PS2: after a reconnect or a reload what was known of the members is believed again. */
  'no new look at the members': {
    file: 'bridge/reconcile/keep-in-step.ts',
    find: "roster.apply(extension, { type: 'members', members",
    replace: "if (!roster.get(extension)?.members.length) roster.apply(extension, { type: 'members', members",
  },
  /** PS1: told and acknowledged at once, stored a little later. */
  'acknowledged before stored': {
    file: 'bridge/roster/own-entries.ts',
    find: 'const stored = await store.append(entry);',
    replace:
      'setTimeout(() => void store.append(entry), 250); const stored = { rev: roster.rev, added: true };',
  },
  /** PS5: a supervisor's change gives way to whatever comes after it. */
  'unseen changes win': {
    file: 'domain/status/fold.ts',
    find: "const guarded = inForce?.cause === 'supervisor'",
    replace: "const guarded = inForce?.cause === 'call'",
  },
  /** RG12: who is registered counts as proven. */
  'nobody is asked': {
    file: 'domain/roster/reduce.ts',
    find: "return chosen || moved || seenAgain ? { ...next, probe: 'pending' } : next;",
    replace: "return chosen || moved || seenAgain ? { ...next, probe: 'proven' } : next;",
  },
} as const satisfies Readonly<Record<string, Plant>>;

export type PlantName = keyof typeof PLANTS;

export const isPlantName = (name: string): name is PlantName => name in PLANTS;

export const PLANT_VARIABLE = 'FAULTS_PLANT';

/** What the bridge's process needs to have that bug; nothing for none. */
export function plantEnvironment(name: PlantName | undefined): Readonly<Record<string, string>> {
  if (name === undefined) return {};
  const hook = pathToFileURL(join(import.meta.dirname, 'plant.ts')).href;
  return { [PLANT_VARIABLE]: name, NODE_OPTIONS: `--import=${hook}` };
}
