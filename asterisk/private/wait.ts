// The one file of this room where real time and chance enter (lint rule): waiting, deadlines, random names.
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** Runs `attempt` until it returns something but `undefined`; throws `what` after `withinMs`. */
export async function until<T>(
  what: string,
  withinMs: number,
  attempt: () => T | undefined | Promise<T | undefined>,
  everyMs = 20,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await attempt();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs);
  }
}

/** Settles as `promise` does, or rejects with `what` after `withinMs`. */
export async function within<T>(what: string, withinMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${withinMs} ms: ${what}`));
    }, withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after `ms`, or at once (false) when `signal` is aborted. */
export async function elapsed(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}

export const randomName = (bytes = 6): string => randomBytes(bytes).toString('hex');
export const randomSecret = (): string => randomBytes(24).toString('base64url');
export const randomBetween = (from: number, below: number): number => randomInt(from, below);
