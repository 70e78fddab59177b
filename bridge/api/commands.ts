// WR4: the named commands of the socket that are no status change. Each room does its own; here is what they have in common.
import type { Refusal } from '../../domain/protocol/errors.ts';
import type { Person } from '../../domain/roster/record.ts';

export type CommandResult = { readonly ok: true } | { readonly ok: false; readonly code: Refusal };

export const DONE: CommandResult = { ok: true };

/** Each judges by itself whether `actor` may (role and scope). Rejects with StoreError when it could not be stored. */
export interface Commands {
  /** RG12: the page of `session` saw Asterisk's question; a nonce that is not asked any more is ignored. */
  probeSeen(session: string, nonce: string): void;
  /** RG12: asks the devices of `target` (an extension) now; resolves when the question is on its way. */
  probe(actor: Person, target: string): Promise<CommandResult>;
  /** SE4: one device; own, or of somebody overseen. */
  signOutDevice(
    actor: Person,
    request: { readonly agent: string; readonly device: string; readonly hangUp: boolean },
  ): Promise<CommandResult>;
  /** SE4: all devices of somebody overseen. */
  signOutAgent(
    actor: Person,
    request: { readonly agent: string; readonly hangUp: boolean },
  ): Promise<CommandResult>;
  /** RG2: resolves when the sweep is over. */
  sweep(actor: Person): Promise<CommandResult>;
}
