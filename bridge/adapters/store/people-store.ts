// People, their roles and teams.
import type { Kysely } from 'kysely';
import type { Person } from '../../../domain/roster/record.ts';
import type { PeopleStore } from '../../roster/ports.ts';
import type { AccountStore } from '../../sessions/ports.ts';
import { guarded } from './log-store.ts';
import type { Schema } from './schema.ts';

async function teamsOf(db: Kysely<Schema>, extension: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('user_teams').select('team').where('extension', '=', extension).execute();
  return rows.map((row) => row.team).sort();
}

export function createPeopleStore(db: Kysely<Schema>): PeopleStore {
  const setAllRegistered = (registered: ReadonlyMap<string, boolean>): Promise<void> =>
    guarded(() =>
      db.transaction().execute(async (trx) => {
        for (const flag of [true, false]) {
          const extensions = [...registered].filter(([, is]) => is === flag).map(([extension]) => extension);
          if (extensions.length === 0) continue;
          await trx
            .updateTable('users')
            .set({ sipregistered: flag ? 1 : 0 })
            .where('extension', 'in', extensions)
            .execute();
        }
      }),
    );
  return {
    all: () =>
      guarded(async () => {
        const users = await db
          .selectFrom('users')
          .select(['extension', 'name', 'role'])
          .orderBy('extension')
          .execute();
        const teams = await db.selectFrom('user_teams').selectAll().orderBy('team').execute();
        const byExtension = new Map<string, string[]>();
        for (const { extension, team } of teams) {
          byExtension.set(extension, [...(byExtension.get(extension) ?? []), team]);
        }
        return users.map((user): Person => ({ ...user, teams: byExtension.get(user.extension) ?? [] }));
      }),
    setRegistered: (extension, registered) => setAllRegistered(new Map([[extension, registered]])),
    setAllRegistered,
  };
}

export function createAccountStore(db: Kysely<Schema>): AccountStore {
  return {
    find: (extension) =>
      guarded(async () => {
        const row = await db
          .selectFrom('users')
          .selectAll()
          .where('extension', '=', extension)
          .executeTakeFirst();
        if (!row) return null;
        const { name, role, password_hash: passwordHash } = row;
        return { person: { extension, name, role, teams: await teamsOf(db, extension) }, passwordHash };
      }),
    add: ({ extension, name, role, teams, passwordHash }, at) =>
      guarded(() =>
        db.transaction().execute(async (trx) => {
          await trx
            .insertInto('users')
            .values({
              ...{ extension, username: extension, name, role, password_hash: passwordHash },
              ...{ online: 0, sipregistered: 0, created_at: at },
            })
            .execute();
          if (teams.length > 0) {
            await trx
              .insertInto('user_teams')
              .values(teams.map((team) => ({ extension, team })))
              .execute();
          }
        }),
      ),
    setPassword: (extension, passwordHash) =>
      guarded(async () => {
        const done = await db
          .updateTable('users')
          .set({ password_hash: passwordHash })
          .where('extension', '=', extension)
          .executeTakeFirst();
        return done.numUpdatedRows > 0n;
      }),
    setRole: (extension, role) =>
      guarded(async () => {
        const done = await db
          .updateTable('users')
          .set({ role })
          .where('extension', '=', extension)
          .executeTakeFirst();
        return done.numUpdatedRows > 0n;
      }),
    countAdmins: () =>
      guarded(async () => {
        const rows = await db.selectFrom('users').select('extension').where('role', '=', 'admin').execute();
        return rows.length;
      }),
  };
}
