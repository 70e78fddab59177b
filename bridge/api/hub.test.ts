import { describe, expect, it } from 'vitest';
import { CLOSE, type CloseReason } from '../../domain/protocol/close-codes.ts';
import { decodeServer, numbered } from '../../domain/protocol/codec.ts';
import type { QueueDrift, ServerMessage } from '../../domain/protocol/server.ts';
import type { Person } from '../../domain/roster/record.ts';
import { colleagueView, fullView } from '../../domain/roster/view.ts';
import { EMPTY_FOLD } from '../../domain/status/fold.ts';
import { makeChoice, makeIntent, makePerson } from '../../domain/testing/build.ts';
import { createRoster } from '../roster/roster.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { BACKLOG_BYTES, BACKLOG_MS, COALESCE_MS, Hub, type Peer } from './hub.ts';

const ada = makePerson();
const boris = makePerson({ extension: '1002', name: 'Boris' });
const clara = makePerson({ extension: '1003', name: 'Clara', teams: ['sales'] });
const grace = makePerson({ extension: '1100', name: 'Grace', role: 'supervisor' });
const PEOPLE = [ada, boris, clara, grace];

interface FakePeer extends Peer {
  readonly bodies: string[];
  /** The agent's own log, which goes its own way. */
  readonly logs: string[];
  readonly closed: CloseReason[];
  waiting: number;
}

const isOwnLog = (body: string): boolean => body.includes('"type":"self:log"');

function bench() {
  const clock = createFakeClock(1_700_000_000_000);
  const roster = createRoster(PEOPLE, [], 0);
  const hub = new Hub({ roster, clock });
  let changes = 0;
  return {
    ...{ clock, roster, hub },
    join(person: Person, since: number | null = null): FakePeer {
      const peer: FakePeer = {
        ...{ person, session: `s-${person.extension}`, bodies: [], logs: [], closed: [], waiting: 0 },
        send: (body) => void (isOwnLog(body) ? peer.logs : peer.bodies).push(body),
        backlog: () => peer.waiting,
        close(reason) {
          peer.closed.push(reason);
          hub.leave(peer);
        },
      };
      hub.join(peer, since);
      return peer;
    },
    /** Something changes that everybody sees: since when the status holds. */
    change({ extension }: Person) {
      changes += 1;
      const intent = makeIntent({ status: 'BREAK', since: clock.now() + changes });
      roster.apply(extension, { type: 'folded', folded: { ...EMPTY_FOLD, intent }, lastReceived: null });
    },
    /** Something changes that only those see who oversee the agent. */
    changeInside({ extension }: Person) {
      changes += 1;
      const up = { uniqueId: `1.${changes}`, at: clock.now() };
      roster.apply(extension, { type: 'channel.up', ...up });
    },
    view: ({ extension }: Person) => roster.get(extension)!,
  };
}

const read = (body: string | undefined): ServerMessage => {
  const decoded = decodeServer(numbered(1, body ?? ''));
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.message.body;
};
/** What a peer was sent, in short: kind, rev and of whom. */
const told = (peer: FakePeer) =>
  peer.bodies.map((body) => {
    const message = read(body);
    if (message.type !== 'agents:snapshot' && message.type !== 'agent:status') return message.type;
    const kind = message.type === 'agents:snapshot' ? 'all' : 'some';
    return [kind, message.rev, ...message.agents.map(({ extension }) => extension)].join(' ');
  });

describe('joining', () => {
  it('[WR1] [WR6] everybody in a snapshot: whole views of oneself and of those one steers', () => {
    const { join, view } = bench();
    expect(read(join(ada).bodies[0])).toEqual({
      ...{ type: 'agents:snapshot', rev: 0 },
      agents: [fullView(view(ada)), ...[boris, clara, grace].map((one) => colleagueView(view(one)))],
    });
    expect(read(join(grace).bodies[0])).toEqual({
      ...{ type: 'agents:snapshot', rev: 0 },
      agents: [view(ada), view(boris)]
        .map(fullView)
        .concat(colleagueView(view(clara)), fullView(view(grace))),
    });
  });

  it('[WR1] resumed: only what changed since', () => {
    const { join, change, view } = bench();
    change(boris);
    change(ada);
    expect(told(join(clara, 1))).toEqual(['some 2 1001']);
    expect(told(join(clara, 2))).toEqual(['some 2']);
    expect(read(join(clara, 0).bodies[0])).toEqual({
      ...{ type: 'agent:status', rev: 2, agents: [view(ada), view(boris)].map(colleagueView) },
    });
  });

  it('[WR1] the scope says what is shown: alike for agents, by role and teams for others', () => {
    const { hub } = bench();
    const admin = makePerson({ role: 'admin', teams: [] });
    const both = makePerson({ role: 'supervisor', teams: ['support', 'sales'] });
    expect(
      [ada, clara, grace, both, { ...both, teams: ['sales', 'support'] }, admin].map((one) =>
        hub.scopeOf(one),
      ),
    ).toEqual([
      'colleagues',
      'colleagues',
      'supervisor:support',
      'supervisor:sales,support',
      'supervisor:sales,support',
      'admin:',
    ]);
  });
});

describe('changes', () => {
  it('[WR5] one’s own at once, everybody else’s gathered for 25 ms into one frame', () => {
    const { join, change, clock } = bench();
    const [own, other, boss] = [join(ada), join(clara), join(grace)];
    change(ada);
    expect([told(own), told(other).length, told(boss).length]).toEqual([
      ['all 0 1001 1002 1003 1100', 'some 1 1001'],
      1,
      1,
    ]);
    clock.advance(COALESCE_MS - 1);
    change(boris);
    change(ada);
    expect(told(other).length).toBe(1);
    clock.advance(1);
    expect(told(other).slice(1)).toEqual(['some 3 1001 1002']);
    expect(told(boss).slice(1)).toEqual(['some 3 1001 1002']);
    expect(told(own).slice(1)).toEqual(['some 1 1001', 'some 1 1001', 'some 3 1002']);
    expect([COALESCE_MS, clock.pending()]).toEqual([25, 0]);
  });

  it('[WR5] [WR6] what colleagues do not see is not sent to them', () => {
    const { join, change, changeInside, clock } = bench();
    const [other, boss] = [join(clara), join(grace)];
    changeInside(ada);
    clock.advance(COALESCE_MS);
    expect([told(other).slice(1), told(boss).slice(1)]).toEqual([[], ['some 1 1001']]);
    changeInside(ada);
    change(boris);
    changeInside(boris);
    clock.advance(COALESCE_MS);
    expect(told(other).slice(1)).toEqual(['some 4 1002']);
    expect(told(boss).slice(2)).toEqual(['some 4 1001 1002']);
  });

  it('[WR5] encoded once for all who see the same', () => {
    const { join, change, clock } = bench();
    const peers = [
      join(clara),
      join(makePerson({ ...boris, name: 'B' })),
      join(makePerson({ ...boris, name: 'C' })),
    ];
    change(ada);
    clock.advance(COALESCE_MS);
    expect(new Set(peers.map((peer) => peer.bodies[1])).size).toBe(1);
  });

  it('[WR6] nobody is sent the details of somebody they do not steer', () => {
    const { join, change, clock } = bench();
    const [own, other, boss] = [join(ada), join(clara), join(grace)];
    change(ada);
    change(clara);
    clock.advance(COALESCE_MS);
    const detailed = (peer: FakePeer): string[] =>
      peer.bodies
        .map(read)
        .flatMap((message) =>
          message.type === 'agent:status'
            ? message.agents.filter(({ detail }) => detail).map((one) => one.extension)
            : [],
        );
    expect([own, other, boss].map(detailed)).toEqual([['1001'], ['1003'], ['1001']]);
  });

  it('[WR1] one’s own change alone brings one to its rev: the desk need not wait for another', () => {
    const { join, change, roster } = bench();
    const own = join(ada);
    change(ada);
    expect(told(own).at(-1)).toBe(`some ${roster.rev} 1001`);
  });

  it('[WR1] a rev is only told when all up to it was shown: resuming from it misses nothing', () => {
    const { join, change, clock } = bench();
    const own = join(ada);
    change(boris);
    change(ada);
    // Boris waits for the flush, so this is no place to resume from.
    expect(told(own).at(-1)).toBe('some 0 1001');
    expect(told(join(ada, 0))).toEqual(['some 2 1001 1002']);
    clock.advance(COALESCE_MS);
    expect(told(own).at(-1)).toBe('some 2 1002');
  });

  it('[WR3] a changed role or team ends the sockets of that person, for them to come back in another scope', () => {
    const { join, roster } = bench();
    const [boss, other] = [join(grace), join(ada)];
    roster.enrol({ ...grace, role: 'agent' });
    expect([boss.closed, other.closed]).toEqual([[CLOSE.scopeChanged], []]);
  });

  it('[WR3] a session’s end closes its sockets and no others', () => {
    const { join, hub } = bench();
    const [one, two] = [join(ada), join(boris)];
    hub.endSession('s-1001');
    expect([one.closed, two.closed]).toEqual([[CLOSE.sessionEnded], []]);
  });

  it('[OP3] stopped, all are told to come back, and nothing is sent any more', () => {
    const { join, hub, change, clock } = bench();
    const [one, two] = [join(ada), join(boris)];
    change(ada);
    hub.stop();
    change(boris);
    clock.advance(60_000);
    expect([one.closed, two.closed, told(two).length]).toEqual([[CLOSE.goingAway], [CLOSE.goingAway], 1]);
    expect(clock.pending()).toBe(0);
  });
});

describe('a peer that does not read', () => {
  it('[WR5] gets no deltas from 256 KiB on, its own changes still; drained, a snapshot', () => {
    const { join, change, clock } = bench();
    const [slow, quick] = [join(clara), join(boris)];
    slow.waiting = BACKLOG_BYTES + (slow.bodies[0]?.length ?? 0);
    for (let count = 0; count < 5; count += 1) {
      change(ada);
      clock.advance(1_000);
    }
    change(clara);
    expect(told(slow)).toEqual(['all 0 1001 1002 1003 1100', 'some 0 1003']);
    expect(told(quick).length).toBe(6);
    // Half read is not read: it would fall behind again at once.
    slow.waiting = 1;
    change(ada);
    clock.advance(1_000);
    expect(told(slow).length).toBe(2);
    slow.waiting = 0;
    clock.advance(COALESCE_MS);
    expect(told(slow).slice(2)).toEqual(['all 7 1001 1002 1003 1100']);
    change(ada);
    clock.advance(COALESCE_MS);
    expect(told(slow).slice(3)).toEqual(['some 8 1001']);
    expect([BACKLOG_BYTES, clock.pending()]).toEqual([256 * 1024, 0]);
  });

  it('[WR5] is closed after 30 s without draining, without another change', () => {
    const { join, change, clock } = bench();
    const slow = join(clara);
    slow.waiting = BACKLOG_BYTES + (slow.bodies[0]?.length ?? 0);
    change(ada);
    clock.advance(COALESCE_MS + BACKLOG_MS);
    expect(slow.closed).toEqual([]);
    clock.advance(COALESCE_MS);
    expect([slow.closed, BACKLOG_MS]).toEqual([[CLOSE.tooSlow], 30_000]);
    clock.advance(COALESCE_MS);
    expect(clock.pending()).toBe(0);
  });
});

it('[WR2] a broadcast reaches all, at once', () => {
  const { join, hub } = bench();
  const peers = [join(ada), join(grace)];
  hub.broadcast({
    type: 'system:health',
    health: { asterisk: { state: 'down', since: 1 }, store: { state: 'ready', since: 1 } },
  });
  expect(peers.map((peer) => told(peer).at(-1))).toEqual(['system:health', 'system:health']);
});

describe('[PS5] the agent’s own log', () => {
  it('[PS5] comes with every welcome, and each new entry before what it does', () => {
    const { join, roster } = bench();
    const choice = makeChoice({ made: 5 });
    roster.record(choice, 1);
    const [own, other, boss] = [join(ada), join(boris), join(grace)];
    expect(own.logs.map(read)).toEqual([
      {
        type: 'self:log',
        tail: { state: EMPTY_FOLD, heard: [] },
        entries: [choice],
      },
    ]);
    own.bodies.splice(0);
    const next = makeChoice({ sequence: 2, made: 9, status: 'MEETING' });
    roster.record(next, 2);
    expect(read(own.logs[1])).toEqual({ type: 'self:log', tail: null, entries: [next] });
    expect([other.logs.length, boss.logs.length, own.bodies.length]).toEqual([1, 1, 1]);
  });

  it('[ST10] is sent anew when a late entry came in between', () => {
    const { join, roster } = bench();
    const own = join(ada);
    const [late, first] = [makeChoice({ sequence: 1, made: 5 }), makeChoice({ sequence: 2, made: 9 })];
    roster.record(first, 1);
    roster.record(late, 2);
    expect(own.logs.map(read).map((message) => message.type === 'self:log' && message.entries)).toEqual([
      [],
      [first],
      [late, first],
    ]);
  });
});

describe('[PS4] drift', () => {
  it('[PS4] [WR6] is told to those who oversee the agent', () => {
    const { join, hub } = bench();
    const peers = [join(ada), join(boris), join(grace)];
    const drift = (agent: string): QueueDrift => ({
      ...{ agent, queue: 'support', wanted: { paused: false }, contested: false },
      observed: { paused: true, reason: 'x', at: 1 },
    });
    for (const peer of peers) peer.bodies.splice(0);
    hub.tellDrift([drift('1001'), drift('1003'), drift('9999')]);
    expect(peers.map((peer) => peer.bodies.map(read))).toEqual([
      [],
      [],
      [{ type: 'queue:drift', drifts: [drift('1001')] }],
    ]);
  });
});
