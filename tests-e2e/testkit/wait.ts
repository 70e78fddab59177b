// The one place of the tests where time passes: waiting for a fact, never for a while.

/** Probes until the answer is neither null, undefined nor false; then returns it. Fails naming what never came. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 5_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Wall time in ms, as a device's own clock would stamp a change. */
export const deviceTime = (): number => Date.now();

/** Lets time pass that is itself part of what is tried: how long a fault lasts, when the next step comes. */
export const pass = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
