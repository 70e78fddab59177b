// PS4: which of Asterisk's reports answer commands of ours. Every accepted QueuePause is reported once per member, in the
// order of the commands, also when it repeated what was there (measured, shared/facts); so a report that matches a
// command is ours however late it comes, and no report of ours is ever taken for somebody else's change.
import type { MemberKey, PauseCommand } from '../../domain/status/plan.ts';

type Reported = Pick<PauseCommand, 'paused' | 'reason'>;

/** Commands kept per member: a queue of this length means that Asterisk says nothing at all. */
const MOST = 32;

const sameReport = (a: Reported, b: Reported): boolean =>
  a.paused === b.paused && (!a.paused || a.reason === b.reason);

export const memberKey = ({ queue, interface: iface }: MemberKey): string => `${queue}\n${iface}`;

export class Echoes {
  readonly #expected = new Map<string, PauseCommand[]>();

  expect(command: PauseCommand): void {
    const key = memberKey(command);
    this.#expected.set(key, [...(this.#expected.get(key) ?? []), command].slice(-MOST));
  }

  /** Asterisk refused it: nothing will be reported. */
  forget(command: PauseCommand): void {
    const key = memberKey(command);
    this.#expected.set(
      key,
      (this.#expected.get(key) ?? []).filter((one) => one !== command),
    );
  }

  /** True when the report answers one of our commands; those sent before it are answered with it. */
  take(report: MemberKey & Reported): boolean {
    const key = memberKey(report);
    const expected = this.#expected.get(key) ?? [];
    const at = expected.findIndex((command) => sameReport(command, report));
    if (at < 0) return false;
    this.#expected.set(key, expected.slice(at + 1));
    return true;
  }

  /** The connection is gone: what was on its way is never reported. */
  clear(): void {
    this.#expected.clear();
  }
}
