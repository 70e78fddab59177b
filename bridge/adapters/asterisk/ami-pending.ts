// Who waits for which answer. Every entry has a deadline and exactly one end: answer, refusal, deadline or close.
import type { Cancel, Clock } from '../../../domain/clock.ts';
import { AmiError, type AmiErrorCode } from './ami-error.ts';
import { first, type AmiMessage } from './ami-message.ts';

/** Called once: with the answer (a list's items), or with the error. */
export type AmiOutcome = (error: AmiError | null, answer: AmiMessage, items: readonly AmiMessage[]) => void;

interface Entry {
  readonly name: string;
  /** Null for a plain action. */
  readonly items: AmiMessage[] | null;
  readonly maxItems: number;
  readonly done: AmiOutcome;
  readonly stopTimer: Cancel;
}

/** What a message was: an event for everybody, an item or acknowledgement kept here, or the end of an entry. */
export type AmiMessageKind = 'event' | 'kept' | 'settled' | 'stray';

export interface AmiPending {
  add(
    id: string,
    name: string,
    limits: { timeoutMs: number; maxItems: number | null },
    done: AmiOutcome,
  ): void;
  /** Sorts one message in arrival order. A stray one answers nobody (any more). */
  handle(message: AmiMessage): AmiMessageKind;
  failAll(error: AmiError): void;
  size(): number;
}

const nothing: AmiMessage = Object.freeze(Object.create(null) as Record<string, string>);

/** Lists given up before their end whose late items must not pass for events; bounded, the oldest goes first. */
const MOST_ABANDONED = 256;

/** Asterisk's words for an Error, where they decide something (manager.c). Everything else is 'refused'. */
const codeOfWords: readonly (readonly [string, AmiErrorCode])[] = [
  // Nobody registered that action: a module is missing, or not loaded yet (app_queue comes 200 ms after the first login).
  ['Invalid/unknown command', 'unsupported'],
  // Said to every action, even a login with the right secret, until the process is gone.
  ['Asterisk is shutting down', 'closed'],
];

function refusal(name: string, message: AmiMessage): AmiError {
  const words = first(message, 'message') ?? 'no reason given';
  const code = codeOfWords.find(([start]) => words.startsWith(start))?.[1] ?? 'refused';
  return new AmiError(code, `${name}: ${words}`);
}

/** `onForget` is told each id that has ended, whatever the end. */
export function createAmiPending(clock: Clock, onForget: (id: string) => void): AmiPending {
  const entries = new Map<string, Entry>();
  const abandoned = new Set<string>();

  function end(id: string, entry: Entry, error: AmiError | null, answer: AmiMessage): void {
    entries.delete(id);
    entry.stopTimer();
    onForget(id);
    entry.done(error, answer, entry.items ?? []);
  }

  function ignoreItems(id: string): void {
    abandoned.add(id);
    for (const oldest of abandoned) {
      if (abandoned.size <= MOST_ABANDONED) break;
      abandoned.delete(oldest);
    }
  }

  function abandon(id: string, entry: Entry, error: AmiError): void {
    if (entry.items !== null) ignoreItems(id);
    end(id, entry, error, nothing);
  }

  function handleResponse(id: string, entry: Entry, message: AmiMessage): AmiMessageKind {
    const failed = first(message, 'response')?.toLowerCase() !== 'success';
    if (entry.items !== null && !failed) return 'kept'; // the acknowledgement of a list: its items follow
    // Asked as a plain action although it is a list: its items are still nobody's events.
    if (first(message, 'eventlist')?.toLowerCase() === 'start') ignoreItems(id);
    end(id, entry, failed ? refusal(entry.name, message) : null, message);
    return 'settled';
  }

  function handleItem(id: string, items: AmiMessage[], entry: Entry, message: AmiMessage): AmiMessageKind {
    const mark = first(message, 'eventlist')?.toLowerCase();
    if (mark === 'complete' || mark === 'cancelled') {
      const error = mark === 'complete' ? null : new AmiError('refused', `${entry.name}: list cancelled`);
      end(id, entry, error, message);
      return 'settled';
    }
    if (items.length < entry.maxItems) {
      items.push(message);
      return 'kept';
    }
    abandon(id, entry, new AmiError('overflow', `${entry.name}: more than ${entry.maxItems} items`));
    return 'settled';
  }

  function handleAbandoned(id: string, message: AmiMessage): AmiMessageKind {
    if (message['eventlist'] !== undefined) abandoned.delete(id); // its end
    return 'stray';
  }

  return {
    size: () => entries.size,
    add(id, name, { timeoutMs, maxItems }, done) {
      const stopTimer = clock.after(timeoutMs, () => {
        const entry = entries.get(id);
        if (entry) abandon(id, entry, new AmiError('timeout', `${name}: no answer in ${timeoutMs} ms`));
      });
      entries.set(id, {
        name,
        items: maxItems === null ? null : [],
        maxItems: maxItems ?? 0,
        done,
        stopTimer,
      });
    },
    handle(message) {
      const id = first(message, 'actionid') ?? '';
      const entry = entries.get(id);
      // An event first: OriginateResponse is an event that also has Response and ActionID (defect 22).
      if (message['event'] !== undefined) {
        if (entry && entry.items !== null) return handleItem(id, entry.items, entry, message);
        return abandoned.has(id) ? handleAbandoned(id, message) : 'event';
      }
      if (entry && message['response'] !== undefined) return handleResponse(id, entry, message);
      return 'stray';
    },
    failAll(error) {
      for (const [id, entry] of [...entries]) end(id, entry, error, nothing);
    },
  };
}
