// One socket at the bridge, everything behind it real but for the stores, the clock and the network. For tests.
import { makePerson } from '../../domain/testing/build.ts';
import type { AccessTokens } from '../api/access-tokens.ts';
import type { CommandResult, Commands } from '../api/commands.ts';
import { Connection } from '../api/connection.ts';
import { Hub } from '../api/hub.ts';
import { createRateLimit } from '../api/rate-limit.ts';
import { createWorld, sessionBench } from './session-bench.ts';
import { settle } from './settle.ts';

export const NOW = 1_700_000_000_000;
const ada = makePerson();
const boris = makePerson({ extension: '1002', name: 'Boris' });

/** A frame of the bridge. */
export interface Said {
  readonly n: number;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One agent signed in, and sockets that a test opens and speaks on. */
export async function connectionBench() {
  const bench = await sessionBench(createWorld([ada, boris]));
  const { clock, log, roster, changes, sessions } = bench;
  const store = bench.world.entries;
  // Tests count what the sockets leave behind; sessions have tests of their own.
  bench.stop();
  const refuse = (): Promise<CommandResult> => Promise.resolve({ ok: false, code: 'not-found' });
  const commands: Commands = {
    probeSeen: () => undefined,
    ...{ probe: refuse, signOutDevice: refuse, signOutAgent: refuse, sweep: refuse },
  };
  const tokens: AccessTokens = {
    issue: (session) => Promise.resolve(`token of ${session}`),
    verify: (token) => Promise.resolve(/^token of (.+)$/.exec(token)?.[1] ?? null),
  };
  const hub = new Hub({ roster, clock });
  sessions.onEnded(({ id }) => hub.endSession(id));
  async function signIn(extension: string) {
    const result = await sessions.signIn({ extension, password: 'right', device: 'test' });
    if (!result.ok) throw new Error(result.code);
    const session = result.grant.session.id;
    return { session, token: await tokens.issue(session) };
  }
  const mine = await signIn('1001');
  function open() {
    const frames: Said[] = [];
    /** Every frame; `frames` leaves the agent's own log out, which has tests of its own. */
    const all: Said[] = [];
    const closed: [number, string][] = [];
    const connection = new Connection(
      {
        send(text) {
          const said = JSON.parse(text) as Said;
          all.push(said);
          if (said.type !== 'self:log') frames.push(said);
        },
        close: (code, reason) => void closed.push([code, reason]),
        backlog: () => 0,
      },
      {
        ...{ clock, log, roster, changes, commands, sessions, tokens, hub, epoch: 'e1' },
        frames: createRateLimit(clock, { burst: 20, refillMs: 100 }),
        health: () => ({ asterisk: { state: 'ready', since: NOW }, store: { state: 'ready', since: NOW } }),
        lastSequence: (device) => store.lastSequence(device),
      },
    );
    const say = async (message: object | string): Promise<void> => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      connection.handleFrame(text, Buffer.byteLength(text));
      await settle();
      await settle();
    };
    return { connection, frames, all, closed, say };
  }
  async function greeted(token = mine.token) {
    const socket = open();
    await socket.say({ type: 'hello', protocol: 1, token });
    return { ...socket, greeting: socket.frames.splice(0) };
  }
  return { clock, log, store, roster, sessions, tokens, hub, mine, signIn, open, greeted };
}

/** A change as a device sends it. */
export const deviceChange = (sequence: number, given: object = {}): object => ({
  ...{ sequence, status: 'BREAK', reason: 'lunch', made: NOW, seen: null },
  ...given,
});

/** What the wire is closed with. */
export const closedWith = ({ code, text }: { code: number; text: string }): [number, string] => [code, text];
