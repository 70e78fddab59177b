// WR6, ST2: who may change whose status.
import type { Person, Role } from '../roster/record.ts';
import type { Refusal } from '../protocol/errors.ts';
import type { ChoosableStatus } from '../status/status.ts';

export interface StatusChangeQuestion {
  readonly actor: Person;
  readonly target: Person;
  readonly status: ChoosableStatus;
  /** Whether the target has an open session. */
  readonly signedIn: boolean;
  readonly reachable: boolean;
}

const sharesTeam = (a: Person, b: Person): boolean => a.teams.some((team) => b.teams.includes(team));

/** ST2: agents of their teams, not one another. */
const leads = (supervisor: Person, target: Person): boolean =>
  target.role === 'agent' && sharesTeam(supervisor, target);

const OVERSEES: Readonly<Record<Role, (actor: Person, target: Person) => boolean>> = {
  agent: () => false,
  supervisor: leads,
  admin: () => true,
  wall: () => false,
};

/** Whether the actor may see and steer all of the target. */
export const oversees = (actor: Person, target: Person): boolean => OVERSEES[actor.role](actor, target);

/** WR6: whether that role is for steering others at all; whom, `oversees` says. */
export const isOverseer = (role: Role): boolean => role === 'supervisor' || role === 'admin';

/** Null when allowed, else why not. */
export function refuseStatusChange(question: StatusChangeQuestion): Refusal | null {
  const { actor, target, status, signedIn, reachable } = question;
  const self = actor.extension === target.extension;
  if (actor.role === 'wall' || (!self && !oversees(actor, target))) return 'forbidden';
  if (!signedIn) return 'not-signed-in';
  return !self && status === 'ONLINE' && !reachable ? 'not-reachable' : null;
}
