// npm run user -- add 1007 --name "Ada Lovelace" [--role agent] [--team support] | password 1007 | role 1007 supervisor
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { createSystemClock } from '../adapters/clock.ts';
import { openShared } from '../adapters/store/open.ts';
import { asRole, createPeopleDesk, newPassword, PeopleError, type PeopleDesk } from './people.ts';
import { storeFiles } from './store-files.ts';

const USAGE = `Usage:
  npm run user -- add EXTENSION --name NAME [--role agent|supervisor|admin|wall] [--team TEAM]…
  npm run user -- password EXTENSION
  npm run user -- role EXTENSION ROLE
A password is asked for at the terminal, read from standard input with --password-stdin, or made up with --generate.
The centre: DATABASE_FILE and PBX_DATABASE_FILE, else the demo centre in run/centre.`;

interface Options {
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly team?: string[] | undefined;
  readonly generate?: boolean | undefined;
  readonly 'password-stdin'?: boolean | undefined;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

/** Never an argument: those are seen by every process of the machine. */
async function passwordFor(options: Options): Promise<string> {
  if (options['password-stdin']) return firstLine();
  if (!options.generate && process.stdin.isTTY) {
    const ask = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await ask.question('Password (empty: one is made up): ');
    ask.close();
    if (answer !== '') return answer;
  }
  const made = newPassword();
  console.log(`Password: ${made}`);
  return made;
}

async function run(desk: PeopleDesk, words: readonly string[], options: Options): Promise<string> {
  const [command, extension, value] = words;
  if (extension === undefined) throw new PeopleError(USAGE);
  switch (command) {
    case 'add': {
      if (options.name === undefined) throw new PeopleError('--name is missing');
      const person = {
        extension,
        name: options.name,
        role: asRole(options.role ?? 'agent'),
        teams: options.team ?? [],
      };
      await desk.add(person, await passwordFor(options));
      return `${extension} ${options.name} is added.`;
    }
    case 'password':
      await desk.setPassword(extension, await passwordFor(options));
      return `${extension} has a new password.`;
    case 'role':
      await desk.setRole(extension, asRole(value ?? ''));
      return `${extension} is ${value ?? ''} from the next sign-in on.`;
    default:
      throw new PeopleError(USAGE);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    role: { type: 'string' },
    team: { type: 'string', multiple: true },
    generate: { type: 'boolean' },
    'password-stdin': { type: 'boolean' },
  },
});
try {
  const store = await openShared(storeFiles());
  console.log(
    await run(
      createPeopleDesk(store, () => createSystemClock().now()),
      positionals,
      values,
    ),
  );
  store.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
