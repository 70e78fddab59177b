// E2E_BASE_URL: a centre that runs already. What a browser alone can show is tried there; nobody reaches into its Asterisk.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoRunDir } from '../../tools/demo-plan.ts';
import type { Centre, Login } from '../../tools/centre.ts';

/** `E2E_PASSWORDS=1001=…,1002=…`, else those that `npm start` made up in this folder. */
function passwords(): ReadonlyMap<string, string> {
  const given = process.env['E2E_PASSWORDS'];
  if (given !== undefined) {
    return new Map(given.split(',').map((pair) => pair.split('=', 2) as [string, string]));
  }
  const file = join(demoRunDir, 'secrets.json');
  if (!existsSync(file))
    throw new Error('E2E_BASE_URL needs E2E_PASSWORDS=1001=…,1002=… (no demo centre here)');
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as { readonly passwords: Record<string, string> };
  return new Map(Object.entries(secrets.passwords));
}

const outOfReach = (): never => {
  throw new Error(
    'only for a centre of the tests’ own: tag the test @remote only if it needs no more than a browser',
  );
};

export function remoteCentre(url: string): Centre {
  const logins = [...passwords()].map(([extension, password]): Login => {
    return { extension, password, name: extension, role: 'agent' };
  });
  return {
    url: url.replace(/\/$/, ''),
    logins,
    get asterisk() {
      return outOfReach();
    },
    get bridge() {
      return outOfReach();
    },
    get files() {
      return outOfReach();
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}
