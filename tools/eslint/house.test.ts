import { Linter } from 'eslint';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../centre.ts';
import { house } from './house.js';

const linter = new Linter({ cwd: root });

/** Messages of the house's rules for one line of code, as if it stood in that file. */
function lint(file: string, code: string): readonly string[] {
  const rules = { 'house/direction': 'error', 'house/no-cycle': 'error' } as const;
  const config = { files: ['**/*.ts'], plugins: { house }, rules } satisfies Linter.Config;
  return linter.verify(code, config, { filename: join(root, file) }).map(({ message }) => message);
}

describe('import directions', () => {
  it.each([
    ['domain/status/x.ts', "import 'node:fs';", 'node:fs'],
    ['domain/status/x.ts', "import '../../bridge/log.ts';", 'bridge/log.ts'],
    ['app/models/x.ts', "import '../../bridge/log.ts';", 'bridge/log.ts'],
    ['app/models/x.ts', "import '../adapters/sip/line.ts';", 'app/adapters/sip/line.ts'],
    ['app/ui/x.ts', "import '../models/ports.ts';", 'app/models/ports.ts'],
    ['bridge/roster/x.ts', "import '../../app/main.ts';", 'app/main.ts'],
    ['bridge/roster/x.ts', "import '../adapters/store/open.ts';", 'bridge/adapters/store/open.ts'],
    ['bridge/roster/x.ts', "export * from 'kysely';", 'kysely'],
    ['bridge/api/x.ts', "import '../adapters/clock.ts';", 'bridge/adapters/clock.ts'],
    ['asterisk/x.ts', "import '../bridge/log.ts';", 'bridge/log.ts'],
    ['tests-e2e/faults/x.ts', "import '../../domain/status/fold.ts';", 'domain/status/fold.ts'],
  ])('%s may not %s', (file, code, named) => {
    expect(lint(file, code)).toEqual([`${file} must not import ${named}: wrong way (docs/architecture.md).`]);
  });

  it.each([
    ['domain/status/x.ts', "import './fold.ts';"],
    ['app/features/desk/x.ts', "import '../../models/ports.ts';"],
    ['bridge/roster/x.ts', "import '../../domain/status/fold.ts';"],
    ['bridge/adapters/store/x.ts', "import 'kysely';"],
  ])('%s may %s', (file, code) => {
    expect(lint(file, code)).toEqual([]);
  });
});

describe('import cycles', () => {
  it('a file that imports its importer is told the way round', () => {
    const messages = lint(
      'domain/registration/evidence.ts',
      "import '../status/reason.ts'; import '../roster/record.ts';",
    );
    expect(messages).toEqual([
      'Import cycle: domain/registration/evidence.ts → domain/roster/record.ts → domain/registration/evidence.ts.',
    ]);
  });
});
