// Ten thousand frames a second from one socket that does not stop when it is told to.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { now, quantile } from '../bench/stopwatch.ts';
import { frame, OPCODE, type Intruder } from '../testkit/intruder.ts';
import { deviceTime, until } from '../testkit/wait.ts';
import { openHostile, type HostileBench } from './hostile-bench.ts';

/** ms from a change to its ack on a machine that has others to serve; at rest it is half of that. */
const USUAL_ACK_MS = 10;
/** MB by which the bridge may grow in all the floods together. */
const GROWTH_MB = 64;
const FLOOD_MS = 2_000;
const TOO_FAST = '4005 too many frames a second';
const NOT_OURS = '4002 a frame that is not of the protocol';

let bench: HostileBench;
let token = '';
let before = 0;
beforeAll(async () => {
  bench = await openHostile();
  token = (await bench.signIn('1002')).accessToken;
  await bench.shown('1002', 'Auto: SIP not registered');
  before = memory();
}, 240_000);
afterAll(() => bench.end());

/** MB that the bridge has in memory. */
function memory(): number {
  const status = readFileSync(`/proc/${bench.centre.bridge.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

/** That many a millisecond, for `FLOOD_MS` or until the line is cut. */
async function flood(intruder: Intruder, one: Buffer, perMs: number): Promise<void> {
  const began = now();
  let sent = 0;
  await until(
    'the end of the flood',
    () => {
      const due = Math.floor((now() - began) * perMs);
      intruder.send(Buffer.concat(Array<Buffer>(due - sent).fill(one)));
      sent = due;
      return intruder.isGone() || now() - began > FLOOD_MS;
    },
    60_000,
  );
  expect(sent).toBeGreaterThan(intruder.isGone() ? 200 : FLOOD_MS * perMs * 0.9);
}

const change = { sequence: 1, status: 'BREAK', reason: 'x', made: deviceTime(), seen: null };

describe('a flood', () => {
  it.each<[string, string, string, number, Buffer]>([
    [
      ...(['changes of a colleague', 'ten thousand', TOO_FAST] as const),
      10,
      frame(JSON.stringify({ type: 'status.set', id: 'a', agent: '1003', change })),
    ],
    ['requests', 'ten thousand', TOO_FAST, 10, frame('{"type":"clock.ping","id":"a","sent":1}')],
    ['no JSON', 'ten thousand', NOT_OURS, 10, frame('x'.repeat(100))],
    // ws cuts the line itself when there are more than 60 to be answered at once.
    ['ping frames', 'three thousand', TOO_FAST, 3, frame('x'.repeat(100), { opcode: OPCODE.ping })],
  ])('[WR3] [WR4] of %s, %s a second, ends with %s; others go on', async (_name, _count, why, perMs, one) => {
    const intruder = await bench.intrude(token);
    const waits = await bench.unharmed(async () => {
      await flood(intruder, one, perMs);
      expect(await intruder.closed()).toBe(why);
      // It was told and did not listen.
      await until('the line is cut', () => intruder.isGone(), 10_000);
    });
    const acks = intruder.frames.filter(({ id }) => id === 'a').length;
    expect(quantile(waits, 0.5)).toBeLessThan(5 * USUAL_ACK_MS);
    expect(memory() - before).toBeLessThan(GROWTH_MB);
    // 200 at once, and 200 a second.
    expect(acks).toBeLessThan(400);
    (await bench.intrude(token)).destroy();
  });
});
