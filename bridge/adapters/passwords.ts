// SE1: argon2id with the parameters OWASP names first for it (19 MiB, 2 passes, 1 lane).
import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import type { Passwords } from '../sessions/sessions.ts';

// The package's const enum `Algorithm.Argon2id`; its value, as types are stripped, not compiled.
const ARGON2ID = 2;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** SE1: at least this many characters; nothing else is asked of a password (NIST SP 800-63B §5.1.1.2). */
export const MIN_PASSWORD_LENGTH = 8;

export const hashPassword = (password: string): Promise<string> => hash(password, OPTIONS);

export async function createPasswords(): Promise<Passwords> {
  return {
    decoy: await hashPassword(randomBytes(16).toString('base64url')),
    async verify(known, password) {
      try {
        return await verify(known, password);
      } catch {
        return false;
      }
    },
  };
}
