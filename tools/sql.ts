// npm run sql -- "SELECT …": both of the centre's databases as one, for reading (OP4, OP5).
import { DatabaseSync } from 'node:sqlite';
import { storeFiles } from '../bridge/cli/store-files.ts';

const { file, pbxFile } = storeFiles();
const [statement] = process.argv.slice(2);
if (statement === undefined) {
  console.error('Usage: npm run sql -- "SELECT endpoint, status FROM ps_contacts"');
  process.exit(2);
}
try {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
  database.prepare('ATTACH DATABASE ? AS pbx').run(`file:${pbxFile}?mode=ro`);
  console.table(database.prepare(statement).all());
  database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
