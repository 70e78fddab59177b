// The demo caller's sound, made here so that it is there with any Asterisk and never silent.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const rate = 8000;
const notes = [440, 554, 659, 554]; // Hz, half a second each

/** Signed linear, 8 kHz: Asterisk's own format, so no codec is needed. The end meets the beginning. */
export function callerSound(): Buffer {
  const perNote = rate / 2;
  const samples = Buffer.alloc(notes.length * perNote * 2);
  notes.forEach((hz, note) => {
    for (let at = 0; at < perNote; at += 1) {
      const swell = 0.4 + 0.6 * Math.sin((Math.PI * at) / perNote); // never down to nothing
      const value = Math.round(8000 * swell * Math.sin((2 * Math.PI * hz * at) / rate));
      samples.writeInt16LE(value, (note * perNote + at) * 2);
    }
  });
  return samples;
}

export async function writeCallerSound(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'caller.sln'), callerSound());
}
