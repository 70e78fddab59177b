// People and what they need in Asterisk, added beside a running bridge or before it starts.
import { randomBytes } from 'node:crypto';
import { endpointRows } from '../../asterisk/reference/endpoint.ts';
import type { Role } from '../../domain/roster/record.ts';
import { hashPassword, MIN_PASSWORD_LENGTH } from '../adapters/passwords.ts';
import type { Store } from '../adapters/store/open.ts';

export interface NewPerson {
  readonly extension: string;
  readonly name: string;
  readonly role: Role;
  readonly teams: readonly string[];
}

/** A refusal in words for the person at the terminal. */
export class PeopleError extends Error {
  readonly code = 'refused';
}

const ROLES: readonly Role[] = ['agent', 'supervisor', 'admin', 'wall'];

export function asRole(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (!role) throw new PeopleError(`the role must be one of ${ROLES.join(', ')}`);
  return role;
}

/** 96 random bits in 16 characters that can be read out. */
export const newPassword = (): string => randomBytes(12).toString('base64url');

function checkPassword(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH) {
    throw new PeopleError(`the password must have at least ${MIN_PASSWORD_LENGTH} characters`);
  }
}

function checkPerson({ extension, name }: NewPerson): void {
  if (!/^[0-9]{2,10}$/.test(extension)) throw new PeopleError('the extension must be 2 to 10 digits');
  if (name.trim() === '' || name.length > 100)
    throw new PeopleError('the name must have 1 to 100 characters');
}

export interface PeopleDesk {
  /** Throws PeopleError when the extension is taken or something does not fit; nothing is changed then. */
  add(person: NewPerson, password: string, qualifyFrequencyS?: number): Promise<void>;
  setPassword(extension: string, password: string): Promise<void>;
  setRole(extension: string, role: Role): Promise<void>;
}

export function createPeopleDesk(store: Store, now: () => number): PeopleDesk {
  const unknown = (extension: string): never => {
    throw new PeopleError(`there is no ${extension}`);
  };
  return {
    async add(person, password, qualifyFrequencyS) {
      checkPerson(person);
      checkPassword(password);
      if (await store.accounts.find(person.extension)) throw new PeopleError(`${person.extension} is taken`);
      const neverTold = randomBytes(16).toString('hex');
      await store.pbx.provision(endpointRows(person.extension, person.name, neverTold, qualifyFrequencyS));
      await store.accounts.add({ ...person, passwordHash: await hashPassword(password) }, now());
    },
    async setPassword(extension, password) {
      checkPassword(password);
      const found = await store.accounts.setPassword(extension, await hashPassword(password));
      if (!found) unknown(extension);
    },
    async setRole(extension, role) {
      const account = (await store.accounts.find(extension)) ?? unknown(extension);
      const lastAdmin = account.person.role === 'admin' && (await store.accounts.countAdmins()) === 1;
      // WR6: the last admin stays.
      if (lastAdmin && role !== 'admin') throw new PeopleError(`${extension} is the last admin`);
      await store.accounts.setRole(extension, role);
    },
  };
}
