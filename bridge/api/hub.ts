// WR5: who is shown what. An agent's own changes go at once; everybody else's are gathered for at most 25 ms,
// encoded once for all who see the same, and held back from a client that does not read.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { isOverseer, oversees } from '../../domain/access/rules.ts';
import { CLOSE, type CloseReason } from '../../domain/protocol/close-codes.ts';
import { isSame } from '../../domain/equal.ts';
import { encodeServerBody, encodeViews } from '../../domain/protocol/codec.ts';
import { changeToWire, tailToWire } from '../../domain/protocol/log-entries.ts';
import type { QueueDrift, ServerMessage } from '../../domain/protocol/server.ts';
import type { AgentView } from '../../domain/protocol/views.ts';
import type { AgentRecord, Person } from '../../domain/roster/record.ts';
import { colleagueView, fullView } from '../../domain/roster/view.ts';
import type { Change } from '../../domain/status/log.ts';
import type { Roster } from '../roster/roster.ts';

/** ms. */
export const COALESCE_MS = 25;
/** Bytes waiting in a socket from which on it gets no more deltas. */
export const BACKLOG_BYTES = 262_144;
/** ms without draining after which a socket is closed. */
export const BACKLOG_MS = 30_000;

/** One connection as the hub sees it. */
export interface Peer {
  readonly person: Person;
  readonly session: string;
  /** An encoded body; the peer puts its frame number before it. */
  send(body: string): void;
  /** Bytes not yet taken by the network. */
  backlog(): number;
  close(reason: CloseReason): void;
}

interface Membership {
  readonly peer: Peer;
  readonly scope: string;
  /** Up to which change the peer has been shown everybody: what it may name in `resume`. */
  shownTo: number;
  /** ms since when the peer is not reading; null while it is. */
  laggingSince: number | null;
  /** Bytes of a snapshot that may still be under way. */
  allowance: number;
}

const COLLEAGUES = 'colleagues';

/** WR6: agents see colleagues alike; a supervisor's view depends on the teams. Part of `resume`. */
const scopeOf = (person: Person): string =>
  person.role === 'agent' || person.role === 'wall'
    ? COLLEAGUES
    : `${person.role}:${[...person.teams].sort().join(',')}`;

/** Records never change: each view of one is encoded once, for whoever sees it. */
function encodedOnce(view: (record: AgentRecord) => AgentView): (record: AgentRecord) => string {
  const known = new WeakMap<AgentRecord, string>();
  return (record) => {
    const text = known.get(record) ?? JSON.stringify(view(record));
    known.set(record, text);
    return text;
  };
}

export class Hub {
  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #members = new Map<Peer, Membership>();
  /** Whom the next flush tells of, and whether colleagues see any of it: they hear of little, and there are many. */
  readonly #dirty = new Map<string, { forColleagues: boolean }>();
  readonly #presence = new Set<(session: string) => void>();
  readonly #full = encodedOnce(fullView);
  readonly #forColleague = encodedOnce(colleagueView);
  readonly #unsubscribe: readonly (() => void)[];
  #flushing: Cancel | null = null;

  constructor({ roster, clock }: { readonly roster: Roster; readonly clock: Clock }) {
    this.#roster = roster;
    this.#clock = clock;
    this.#unsubscribe = [
      roster.onChange((now, before) => this.#handleChange(now, before)),
      roster.onLogged((change, late) => this.#handleLogged(change, late)),
    ];
  }

  scopeOf(person: Person): string {
    return scopeOf(person);
  }

  /** `since`: the rev a resumed client has seen (WR1); it gets what changed after it, else everything. */
  join(peer: Peer, since: number | null): void {
    const { rev } = this.#roster;
    const { person } = peer;
    const scope = scopeOf(person);
    this.#members.set(peer, { peer, scope, shownTo: rev, laggingSince: null, allowance: 0 });
    if (since === null) {
      this.#sendSnapshot(this.#members.get(peer));
    } else {
      const views = this.#viewsFor(person, this.#roster.changedSince(since));
      peer.send(encodeViews('agent:status', rev, views));
    }
    peer.send(this.#logTail(person.extension));
    this.#tellPresence(peer);
  }

  leave(peer: Peer): void {
    if (this.#members.delete(peer)) this.#tellPresence(peer);
  }

  broadcast(message: ServerMessage): void {
    const body = encodeServerBody(message);
    for (const { peer } of this.#members.values()) peer.send(body);
  }

  /** PS2, PS4: to those who oversee the agents, each of what concerns them. */
  tellDrift(drifts: readonly QueueDrift[]): void {
    for (const { peer } of this.#members.values()) {
      const theirs = drifts.filter(({ agent }) => {
        const record = this.#roster.get(agent);
        return record && oversees(peer.person, record.person);
      });
      if (theirs.length > 0) peer.send(encodeServerBody({ type: 'queue:drift', drifts: theirs }));
    }
  }

  /** To every page of that session; the number of pages told. */
  tellSession(session: string, message: ServerMessage): number {
    const peers = [...this.#members.keys()].filter((peer) => peer.session === session);
    const body = encodeServerBody(message);
    for (const peer of peers) peer.send(body);
    return peers.length;
  }

  /** To everybody who oversees others; walls and agents hear nothing. */
  tellOverseers(message: ServerMessage): void {
    const body = encodeServerBody(message);
    for (const { peer } of this.#members.values()) if (isOverseer(peer.person.role)) peer.send(body);
  }

  /** To the pages of that session, if its person oversees others. */
  tellOverseer(session: string, message: ServerMessage): void {
    for (const { peer } of this.#members.values()) {
      if (peer.session === session && isOverseer(peer.person.role)) peer.send(encodeServerBody(message));
    }
  }

  /** The sessions that have a page connected now. */
  sessions(): ReadonlySet<string> {
    return new Set([...this.#members.keys()].map((peer) => peer.session));
  }

  /** Hears of every page that came or went, after the fact. */
  onPresence(listener: (session: string) => void): void {
    this.#presence.add(listener);
  }

  #tellPresence({ session }: Peer): void {
    for (const listener of this.#presence) listener(session);
  }

  endSession(session: string): void {
    for (const { peer } of [...this.#members.values()]) {
      if (peer.session === session) peer.close(CLOSE.sessionEnded);
    }
  }

  stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#flushing?.();
    for (const { peer } of [...this.#members.values()]) peer.close(CLOSE.goingAway);
  }

  #viewsFor(viewer: Person, records: Iterable<AgentRecord>): readonly string[] {
    return Array.from(records, (record) =>
      viewer.extension === record.person.extension || oversees(viewer, record.person)
        ? this.#full(record)
        : this.#forColleague(record),
    );
  }

  /** Its own size is no backlog: with thousands of agents it is larger than what one may have waiting. */
  #sendSnapshot(member: Membership | undefined): void {
    if (!member) return;
    const { rev } = this.#roster;
    const body = encodeViews('agents:snapshot', rev, this.#viewsFor(member.peer.person, this.#roster.all()));
    member.shownTo = rev;
    member.allowance = Buffer.byteLength(body);
    member.peer.send(body);
  }

  #logTail(extension: string): string {
    const tail = this.#roster.logOf(extension).tail();
    const entries = tail.entries.map(changeToWire);
    return encodeServerBody({ type: 'self:log', tail: tailToWire(tail), entries });
  }

  /** PS5: a late entry may change what others did, so the desk gets the end of the log anew. */
  #handleLogged(change: Change, late: boolean): void {
    const own = [...this.#members.values()].filter(({ peer }) => peer.person.extension === change.agent);
    if (own.length === 0) return;
    const body = late
      ? this.#logTail(change.agent)
      : encodeServerBody({ type: 'self:log', tail: null, entries: [changeToWire(change)] });
    for (const { peer } of own) peer.send(body);
  }

  /** The agent's own sockets at once, all others with the next flush. */
  #handleChange(now: AgentRecord, before: AgentRecord): void {
    const { extension } = now.person;
    const othersWait = [...this.#dirty.keys()].some((one) => one !== extension);
    for (const member of [...this.#members.values()]) {
      const { peer, laggingSince } = member;
      if (peer.person.extension !== extension) continue;
      // While others' changes wait for the flush, what the peer was shown of everybody does not move.
      if (!othersWait && laggingSince === null) member.shownTo = this.#roster.rev;
      peer.send(encodeViews('agent:status', member.shownTo, [this.#full(now)]));
      // WR3: what is shown depends on role and teams.
      if (now.person !== before.person) peer.close(CLOSE.scopeChanged);
    }
    if (this.#members.size === 0) return;
    const waiting = this.#dirty.get(extension);
    const forColleagues =
      waiting?.forColleagues === true || !isSame(colleagueView(now), colleagueView(before));
    this.#dirty.set(extension, { forColleagues });
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#flushing ??= this.#clock.after(COALESCE_MS, () => this.#flush());
  }

  #flush(): void {
    this.#flushing = null;
    const told = [...this.#dirty].flatMap(([extension, { forColleagues }]) => {
      const record = this.#roster.get(extension);
      return record ? [{ record, forColleagues }] : [];
    });
    this.#dirty.clear();
    const all = told.map(({ record }) => record);
    const forColleagues = told.filter((one) => one.forColleagues).map(({ record }) => record);
    const bodies = new Map<string, string>();
    for (const member of [...this.#members.values()]) {
      const records = member.scope === COLLEAGUES ? forColleagues : all;
      if (this.#mayHaveDelta(member)) this.#sendOthers(member, records, bodies);
    }
    if ([...this.#members.values()].some((member) => member.laggingSince !== null)) this.#scheduleFlush();
  }

  /** Its own change went to the agent already, whole and at once. Encoded once for all who see the same. */
  #sendOthers(member: Membership, records: readonly AgentRecord[], bodies: Map<string, string>): void {
    const { peer, scope } = member;
    const { person } = peer;
    const { rev } = this.#roster;
    const others = records.filter((record) => record.person.extension !== person.extension);
    member.shownTo = rev;
    if (others.length === 0) return;
    const key = others.length === records.length ? scope : `${scope} without ${person.extension}`;
    const body = bodies.get(key) ?? encodeViews('agent:status', rev, this.#viewsFor(person, others));
    bodies.set(key, body);
    peer.send(body);
  }

  /** A peer that does not read gets nothing until it drained, then a snapshot; after 30 s it is closed. */
  #mayHaveDelta(member: Membership): boolean {
    const { peer } = member;
    const backlog = peer.backlog();
    if (backlog === 0) member.allowance = 0;
    if (member.laggingSince === null) {
      if (backlog < BACKLOG_BYTES + member.allowance) return true;
      member.laggingSince = this.#clock.now();
    } else if (backlog === 0) {
      member.laggingSince = null;
      this.#sendSnapshot(member);
    } else if (this.#clock.now() - member.laggingSince > BACKLOG_MS) {
      peer.close(CLOSE.tooSlow);
    }
    return false;
  }
}
