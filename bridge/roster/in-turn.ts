// Work that must not overlap: one thing after the other for each key, in the order of asking.

export type InTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** A rejection is its asker's alone: what waits behind it goes on. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key);
    const mine = before ? before.then(work, work) : work();
    last.set(key, mine);
    const over = (): void => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(over, over);
    return mine;
  };
}
