// Which centre a command at the terminal speaks of.
import type { StoreFiles } from '../adapters/store/open.ts';

/** DATABASE_FILE and PBX_DATABASE_FILE, else the demo centre of `npm start` in this folder. */
export const storeFiles = (): StoreFiles => ({
  file: process.env['DATABASE_FILE'] ?? 'run/centre/bridge.sqlite',
  pbxFile: process.env['PBX_DATABASE_FILE'] ?? 'run/centre/asterisk/asterisk.sqlite',
});
