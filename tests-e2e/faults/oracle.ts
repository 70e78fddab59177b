// What must be, computed from the bridge's log by the rules in docs/rules.md alone. Shares no code with the product: where
// this and the product differ, one of them has the rules wrong.

/** A row of the bridge's table `log`, read by SQL. */
export interface LogRow {
  readonly rev: number;
  readonly id: string;
  readonly agent: string;
  readonly kind: string;
  readonly cause: string;
  readonly actor: string;
  readonly device: string;
  readonly sequence: number;
  readonly made: number;
  readonly received: number;
  readonly status: string | null;
  readonly reason: string | null;
  readonly seen: string | null;
  readonly follows: string | null;
  readonly state: string | null;
  /** Of a hold: its queue. */
  readonly subject: string | null;
  /** PS5: 1 when the device's word on the time was far off. */
  readonly uncertain: number | null;
}

export interface Intent {
  /** The entry in force; null before the first. */
  readonly force: LogRow | null;
  readonly status: string;
  readonly reason: string | null;
  /** PS6: ONLINE that came too late. */
  readonly declined: ReadonlySet<string>;
  /** PS5: choices of the agent that a supervisor's choice outlived. */
  readonly overruled: ReadonlySet<string>;
}

/** PS6: an ONLINE that arrives later than this, in ms, is declined. */
const LATE_ONLINE_MS = 60_000;

/** ST10: by made time, ties by id. */
export const inOrder = (rows: readonly LogRow[]): readonly LogRow[] =>
  [...rows].sort((a, b) => a.made - b.made || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** PS5: whoever made `row` knew `other`: named it, or something the bridge received no sooner. */
function knew(row: LogRow, other: LogRow, byId: ReadonlyMap<string, LogRow>): boolean {
  if (row.seen === null) return false;
  if (row.seen === other.id) return true;
  const seen = byId.get(row.seen);
  return seen !== undefined && seen.received >= other.received;
}

/** ST10 over one agent's rows, in whatever order they are given. */
export function intentOf(rows: readonly LogRow[]): Intent {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const declined = new Set<string>();
  const overruled = new Set<string>();
  let force: LogRow | null = null;
  for (const row of inOrder(rows)) {
    if (row.kind === 'step') {
      if (row.follows === (force?.id ?? null)) force = row;
    } else if (row.kind === 'choice') {
      const guarded =
        force !== null &&
        force.kind === 'choice' &&
        force.cause === 'supervisor' &&
        row.cause === 'agent' &&
        row.status !== 'OFFLINE' &&
        !knew(row, force, byId);
      if (row.status === 'ONLINE' && row.received - row.made > LATE_ONLINE_MS) declined.add(row.id);
      else if (guarded) overruled.add(row.id);
      else force = row;
    }
  }
  return { force, status: force?.status ?? 'OFFLINE', reason: force?.reason ?? null, declined, overruled };
}

/** PS8: the reason of each queue's hold; of several words about one queue the last stands. */
export function holdsOf(rows: readonly LogRow[]): ReadonlyMap<string, string> {
  const holds = new Map<string, string>();
  for (const { kind, subject, reason } of inOrder(rows)) {
    if (kind !== 'hold' || subject === null) continue;
    if (reason === null) holds.delete(subject);
    else holds.set(subject, reason);
  }
  return holds;
}

/**
 * ST5: Asterisk keeps 79 bytes; no character is cut in two. AMI drops spaces at the end of a value, and `,` `;` `|` part
 * what app_queue writes into astdb (asterisk/README.md): a space stands for them.
 */
export function forAsterisk(reason: string): string {
  const parts = reason.split(/[,;|]/).map((part) => part.trim());
  let bytes = 0;
  let kept = '';
  for (const character of parts.filter((part) => part !== '').join(' ')) {
    bytes += Buffer.byteLength(character);
    if (bytes > 79) break;
    kept += character;
  }
  return kept.trimEnd();
}

/** The pause a queue must hold. Where the rules leave a reason open, any of `reasons` will do. */
export type Wanted =
  { readonly paused: false } | { readonly paused: true; readonly reasons: readonly string[] };

/** ST5 for a signed-in agent whose phone is registered. */
export function wantedOf({ status, reason }: Intent, hold: string | undefined): Wanted {
  const reasons: string[] = [];
  if (status !== 'ONLINE') {
    reasons.push(reason ?? status);
    // "offline" on sign-out, which a chosen OFFLINE without a reason may be taken for.
    if (status === 'OFFLINE' && reason === null) reasons.push('offline');
  }
  // Which of the two reasons shows while both pause is not said.
  if (hold !== undefined) reasons.push(hold);
  return reasons.length === 0 ? { paused: false } : { paused: true, reasons: reasons.map(forAsterisk) };
}

/** What an agent's devices did, in ms. */
export interface Phones {
  /** When a page told that it heard Asterisk's question. */
  readonly answered: readonly number[];
  /** When the phone lost its network. */
  readonly lost: readonly number[];
  /** When any page was connected. */
  readonly pages: readonly { readonly from: number; readonly to: number }[];
}

/** ms; a page is gone for the bridge, and Asterisk's measurement is taken in, that much later. */
const PAGE_GONE_MS = 1_000;

/** When ONLINE was in force, in ms and in the order in which the bridge heard of it. */
function onlineTimes(rows: readonly LogRow[]): readonly { readonly from: number; readonly to: number }[] {
  const heard = [...rows].sort((a, b) => a.rev - b.rev);
  const times: { from: number; to: number }[] = [];
  heard.forEach(({ received }, index) => {
    const is = intentOf(heard.slice(0, index + 1)).status === 'ONLINE';
    const last = times.at(-1);
    if (is && last?.to !== Infinity) times.push({ from: received, to: Infinity });
    if (!is && last?.to === Infinity) last.to = received;
  });
  return times;
}

/**
 * RG12: whether Asterisk may report at `at` (ms) that somebody was unpaused: a page answered since ONLINE came into
 * force, and since the phone was lost (RG1). While no page was there Asterisk's word is enough. `flightMs`: how long a
 * command may have been on its way.
 */
export function mayUnpause(rows: readonly LogRow[], phones: Phones, at: number, flightMs: number): boolean {
  const { answered, lost, pages } = phones;
  const left = pages.some(({ to }) => to <= at && to > at - PAGE_GONE_MS);
  const here = pages.some(({ from, to }) => from <= at - PAGE_GONE_MS && to > at);
  const lostAt = Math.max(...lost.filter((one) => one <= at - flightMs));
  return onlineTimes(rows)
    .filter(({ from, to }) => from <= at && to > at - flightMs)
    .some(({ from }) => {
      const since = Math.max(from, lostAt);
      return left || !here || answered.some((answer) => answer >= since && answer <= at);
    });
}

/**
 * PS5: the made time an entry gets, from what the device said (its clock with its own measured offset): not before the
 * entry its device made before it, not after the next one (where that came sooner), not after it was received.
 */
export function madeOf(row: LogRow, said: number, ofDevice: readonly LogRow[]): number {
  const there = ofDevice.filter(({ rev }) => rev < row.rev);
  const before = there.filter(({ sequence }) => sequence < row.sequence);
  const after = there.filter(({ sequence }) => sequence > row.sequence);
  const last = before.reduce<LogRow | null>((a, b) => (a && a.sequence > b.sequence ? a : b), null);
  const next = after.reduce<LogRow | null>((a, b) => (a && a.sequence < b.sequence ? a : b), null);
  const earliest = last?.made ?? -Infinity;
  const latest = Math.min(next?.made ?? Infinity, row.received);
  return Math.max(earliest, Math.min(said, latest));
}
