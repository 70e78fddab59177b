// Looks at everything until it agrees and stays so.
import { deviceTime, pass } from '../testkit/wait.ts';
import { disagreements } from './judge.ts';
import { readLog } from './log-reader.ts';
import type { Actor } from './act.ts';
import type { LogRow } from './oracle.ts';
import type { Scene } from './scene.ts';

/** It must stay agreed this long, in ms: a foreign change is judged 100 ms after the last (PS4). */
const STAYS_MS = 250;
const LOOK_MS = 10;

export interface Settled {
  /** ms from the call to the beginning of the agreement that lasted; null: none came in time. */
  readonly agreeMs: number | null;
  /** What was wrong at the last look at which something was. */
  readonly found: readonly string[];
  readonly rows: readonly LogRow[];
}

/** The log as far as it was read, with what came since. */
export function extendLog(scene: Scene, rows: readonly LogRow[]): readonly LogRow[] {
  return [...rows, ...readLog(scene.centre.files.bridge, rows.at(-1)?.rev ?? 0)];
}

export function pictures(actor: Actor, scene: Scene, extension: string, supervisor = scene.supervisor) {
  // A device that was not here yet has no picture.
  const own = actor.devices.filter((device) => device.extension === extension && device.online);
  return [supervisor, ...own].map((device) => {
    return { whose: device.label, view: device.views.get(extension) };
  });
}

/** Resolves as soon as all has agreed for a while, or after `limitMs`. */
export async function settle(
  scene: Scene,
  actor: Actor,
  before: readonly LogRow[],
  limitMs: number,
): Promise<Settled> {
  const began = deviceTime();
  let rows = before;
  let found: readonly string[] = [];
  let good: number | null = null;
  for (;;) {
    const asked = deviceTime();
    const members = await scene.eyes.members();
    // After the members: what was adopted from Asterisk is in the log before it is agreed.
    rows = extendLog(scene, rows);
    const now = actor.agents.flatMap((agent) =>
      disagreements(agent, rows, members, pictures(actor, scene, agent.extension)),
    );
    if (now.length > 0) {
      found = now;
      good = null;
    } else good ??= asked;
    if (good !== null && deviceTime() - good >= STAYS_MS) return { agreeMs: good - began, found: [], rows };
    if (good === null && deviceTime() - began > limitMs) return { agreeMs: null, found, rows };
    await pass(LOOK_MS);
  }
}
