// Loaded before the bridge (NODE_OPTIONS=--import=…): gives it one module with a bug in it. Nothing of it is in the product.
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPlantName, PLANTS, PLANT_VARIABLE } from './plants.ts';

const name = process.env[PLANT_VARIABLE] ?? '';
if (!isPlantName(name)) throw new Error(`${PLANT_VARIABLE} names no bug: "${name}"`);
const { file, find, replace } = PLANTS[name];
const target = pathToFileURL(resolve(import.meta.dirname, '../..', file)).href;

const textOf = (source: unknown): string =>
  typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString();

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== target) return loaded;
    const source = textOf(loaded.source);
    if (source.split(find).length !== 2)
      throw new Error(`the bug "${name}" cannot be planted: its place is not (once) in ${file}`);
    return { ...loaded, source: source.replace(find, () => replace) };
  },
});
