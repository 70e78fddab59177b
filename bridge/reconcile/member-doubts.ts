// PS4: of realtime members Asterisk often tells no more than that one is paused now, or is not. Where that is news and no
// other event explains it, the queue is asked.
import type { Cancel, Clock } from '../../domain/clock.ts';
import { errorFields, type Log } from '../log.ts';
import type { PbxMember } from './ports.ts';

/** ms; Asterisk tells the state first and the event that explains it right after (1,200 of 1,200 measured). */
export const EXPLAINED_WITHIN_MS = 100;

export interface MemberState {
  readonly queue: string;
  readonly interface: string;
  readonly paused: boolean;
}

export interface MemberDoubtsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the picture holds just this. */
  readonly isKnown: (state: MemberState) => boolean;
  readonly ask: (queue: string) => Promise<readonly PbxMember[]>;
  /** `askedAt` in ms: what was told of a member after that is newer. */
  readonly onAnswer: (queue: string, members: readonly PbxMember[], askedAt: number) => void;
}

export class MemberDoubts {
  readonly #deps: MemberDoubtsDeps;
  readonly #doubted = new Map<
    string,
    { readonly states: Map<string, MemberState>; readonly cancel: Cancel }
  >();

  constructor(deps: MemberDoubtsDeps) {
    this.#deps = deps;
  }

  handleState(state: MemberState): void {
    const { queue } = state;
    const known = this.#doubted.get(queue);
    if (known) {
      known.states.set(state.interface, state);
      return;
    }
    if (this.#deps.isKnown(state)) return;
    const cancel = this.#deps.clock.after(EXPLAINED_WITHIN_MS, () => void this.#look(queue));
    this.#doubted.set(queue, { states: new Map([[state.interface, state]]), cancel });
  }

  drop(): void {
    for (const { cancel } of this.#doubted.values()) cancel();
    this.#doubted.clear();
  }

  async #look(queue: string): Promise<void> {
    const { isKnown, ask, onAnswer, clock, log } = this.#deps;
    const states = [...(this.#doubted.get(queue)?.states.values() ?? [])];
    this.#doubted.delete(queue);
    if (states.every(isKnown)) return;
    const askedAt = clock.now();
    try {
      onAnswer(queue, await ask(queue), askedAt);
    } catch (error) {
      log.warn({ queue, ...errorFields(error) }, 'failed to sync pause state');
    }
  }
}
