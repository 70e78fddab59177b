// A process that opens a store as the bridge does and appends for ever, telling each entry it was promised is stored.
import { makeChoice } from '../../domain/testing/build.ts';
import { openStore } from '../adapters/store/open.ts';

const [file = '', pbxFile = ''] = process.argv.slice(2);
const store = await openStore({ file, pbxFile });
process.stdout.write('open\n');
for (let sequence = 1; ; sequence += 1) {
  const { rev } = await store.log.append(makeChoice({ sequence }));
  process.stdout.write(`${rev}\n`);
}
