// The operating system's side of one browser: its network may stand still, or all of it be gone at once. A browser that this
// is done to is the test's own: others share neither process.
import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';
import { until } from './wait.ts';

export interface BrowserProcesses {
  /** No packet is read or sent any more; every socket stays open, and the kernel goes on acknowledging. */
  freezeNetwork(): Promise<void>;
  thawNetwork(): Promise<void>;
  /** SIGKILL to the browser: resolves when it and its network process are gone. */
  kill(): Promise<void>;
}

/** R, S, D: it runs or waits. T: stopped. null, Z: gone. */
function stateOf(pid: number): string | null {
  try {
    // The name before it is in brackets and may hold anything.
    return /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

const isGone = (pid: number): boolean => [null, 'Z', 'X'].includes(stateOf(pid));

/** Chromium only. Its network lives in a process of its own, which never begins anew while it only stands still. */
export async function processesOf(browser: Browser): Promise<BrowserProcesses> {
  const chromium = await browser.newBrowserCDPSession();
  const { processInfo } = await chromium.send('SystemInfo.getProcessInfo');
  const pidOf = (type: string): number => {
    const found = processInfo.find((one) => one.type === type);
    if (!found) throw new Error(`no process ${type}: ${processInfo.map((one) => one.type).join(', ')}`);
    return found.id;
  };
  const [main, network] = [pidOf('browser'), pidOf('network.mojom.NetworkService')];
  return {
    async freezeNetwork() {
      process.kill(network, 'SIGSTOP');
      await until('the network process stands still', () => stateOf(network) === 'T');
    },
    async thawNetwork() {
      process.kill(network, 'SIGCONT');
      await until('the network process goes on', () => stateOf(network) !== 'T');
    },
    async kill() {
      process.kill(main, 'SIGKILL');
      await until('the browser is gone', () => isGone(main) && isGone(network));
    },
  };
}
