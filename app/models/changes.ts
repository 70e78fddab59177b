// PS5, PS6: own changes between the click and the bridge's word. Pure: what goes out next, what an answer means, how they fold.
//
//   draft --durable--> pending --ack--> stored
//                      pending --nack--> refused · renumbered · sent again
import { MAX_FLUSH, type DeviceChange } from '../../domain/protocol/client.ts';
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { BridgeEvent } from './link.ts';
import type { LogTail } from '../../domain/status/agent-log.ts';
import { foldIntent, NO_BASE, type FoldState } from '../../domain/status/fold.ts';
import { entryId, placeInTime, type Change, type Choice } from '../../domain/status/log.ts';
import type { Chosen, PendingChange, Settled } from './log-store.ts';
import type { Answer } from './requests.ts';

/** So many with the longest reasons still fit into one frame. */
export const FLUSH_AT_MOST = Math.min(50, MAX_FLUSH);

export const toWire = ({ sequence, status, reason, made, offset, seen }: PendingChange): DeviceChange => ({
  ...{ sequence, status, reason, made, offset, seen },
});

export interface Verdict {
  readonly settled: readonly Settled[];
  /** PS5: `key` has to get another number, above this one. */
  readonly renumber: { readonly key: number; readonly above: number } | null;
  /** `on`: the rest may follow at once · `single`: one of them is refused, sent singly it will be known which · `later`. */
  readonly next: 'on' | 'single' | 'later';
}

/** The bridge could not, but will: the change waits. */
const WAITS: readonly (Refusal | 'connection-lost')[] = [
  'connection-lost',
  'store-unavailable',
  'too-fast',
  'unauthorised',
  'session-ended',
];

const stored = ({ key }: PendingChange): Settled => ({ key, refused: null });

/** What an answer to an `outbox.flush` of `sent` (in order) means. */
export function judgeAnswer(sent: readonly PendingChange[], answer: Answer): Verdict {
  if (answer.ok) return { settled: sent.map(stored), renumber: null, next: 'on' };
  const { code, lastSequence, sequence } = answer;
  const at = sent.length === 1 ? 0 : sent.findIndex((change) => change.sequence === sequence);
  const refused = sent[at];
  const settled = sent.slice(0, Math.max(0, at)).map(stored);
  if (code === 'connection-lost' || WAITS.includes(code)) return { settled, renumber: null, next: 'later' };
  if (!refused) return { settled, renumber: null, next: 'single' };
  if (code === 'sequence-taken' && lastSequence !== null)
    return { settled, renumber: { key: refused.key, above: lastSequence }, next: 'on' };
  return { settled: [...settled, { key: refused.key, refused: code }], renumber: null, next: 'on' };
}

export const NOTHING_HEARD: LogTail = { base: NO_BASE, entries: [] };

/** `self:log`: the whole tail anew, or what follows it. */
export function withHeard(heard: LogTail, event: Extract<BridgeEvent, { type: 'self:log' }>): LogTail {
  const { tail, entries } = event;
  if (tail) return { base: { state: tail.state, heard: new Map(tail.heard) }, entries };
  const known = new Set(heard.entries.map(({ id }) => id));
  return { ...heard, entries: [...heard.entries, ...entries.filter(({ id }) => !known.has(id))] };
}

export interface OwnFoldInput {
  readonly extension: string;
  /** As the bridge names it in its entries. */
  readonly device: string;
  readonly heard: LogTail;
  /** In the order made: pending ones, then those without a number yet. */
  readonly unconfirmed: readonly (Chosen & { readonly sequence: number | null })[];
  /** ms on the bridge's clock: the bridge will place nothing after the time it hears of it. */
  readonly bridgeNow: number;
}

/** Where each unconfirmed change will stand, by the very rule the bridge has. */
function entriesOf({ extension, device, heard, unconfirmed, bridgeNow }: OwnFoldInput): readonly Choice[] {
  const own = heard.entries.filter((entry) => entry.device === device);
  const before = (sequence: number): Change | undefined =>
    own.filter((entry) => entry.sequence < sequence).sort((a, b) => b.sequence - a.sequence)[0];
  const entries: Choice[] = [];
  let last = Math.max(0, ...own.map(({ sequence }) => sequence));
  for (const { status, reason, made: claimedMs, offset: offsetMs, seen, sequence: given } of unconfirmed) {
    const sequence = given ?? last + 1;
    last = Math.max(last, sequence);
    const previousMadeMs = (entries.at(-1) ?? before(sequence))?.made ?? null;
    const placed = placeInTime({
      claimedMs,
      offsetMs,
      previousMadeMs,
      nextMadeMs: null,
      receivedMs: bridgeNow,
    });
    entries.push({
      ...{
        kind: 'choice',
        id: entryId(device, sequence),
        agent: extension,
        cause: 'agent',
        actor: extension,
      },
      ...{ device, sequence, received: null, status, reason, seen, ...placed },
    });
  }
  return entries;
}

/** ST10: what the log will fold to once the bridge has the unconfirmed changes, as far as this desk can know. */
export function foldOwn(input: OwnFoldInput): FoldState & { readonly unconfirmed: ReadonlySet<string> } {
  const entries = entriesOf(input);
  // Of equal ids the first counts: what the bridge told stands over what was sent.
  const { folded } = foldIntent([...input.heard.entries, ...entries], input.heard.base);
  return { ...folded, unconfirmed: new Set(entries.map(({ id }) => id)) };
}
