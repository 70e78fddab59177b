// AP2: the log of a page that can keep nothing. The same numbers and answers, gone with the page.
import type { Chosen, KeptLog, LogStore, PendingChange } from './log-store.ts';

/** `kept`: what was known when the storage was lost. */
export function createMemoryLog(kept: KeptLog): LogStore {
  let pending = kept.pending;
  let keys = Math.max(0, ...pending.map(({ key }) => key));
  let highest = Math.max(kept.lastSequence, ...pending.map(({ sequence }) => sequence));

  const next = (): number => {
    highest += 1;
    return highest;
  };

  return {
    load: () => Promise.resolve({ ...kept, pending, lastSequence: highest }),
    add(chosen: Chosen) {
      keys += 1;
      const change: PendingChange = { ...chosen, key: keys, sequence: next() };
      pending = [...pending, change];
      return Promise.resolve(change);
    },
    pending: () => Promise.resolve(pending),
    settle(settled) {
      pending = pending.filter(({ key }) => !settled.some((one) => one.key === key));
      return Promise.resolve();
    },
    countFrom(last) {
      highest = Math.max(highest, last);
      return Promise.resolve();
    },
    renumber(key, last) {
      highest = Math.max(highest, last);
      const from = pending.find((change) => change.key === key)?.sequence ?? Infinity;
      pending = pending.map((change) => (change.sequence < from ? change : { ...change, sequence: next() }));
      return Promise.resolve();
    },
    keepHeard: () => Promise.resolve(),
    keepLast: () => Promise.resolve(),
    watch: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
