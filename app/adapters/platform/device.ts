// What this device calls itself in the list of devices: browser and system, nothing that identifies a person; and its id.

const BROWSERS = [
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\//],
  ['Chrome', /Chrom(e|ium)\//],
  ['Safari', /Safari\//],
] as const;

const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux|X11/],
] as const;

const find = (list: readonly (readonly [string, RegExp])[], text: string): string =>
  list.find(([, pattern]) => pattern.test(text))?.[0] ?? '?';

export const deviceName = (userAgent: string): string =>
  `${find(BROWSERS, userAgent)}, ${find(SYSTEMS, userAgent)}`;

const ID_BYTES = 12;

/** PS5: names the outbox of this device; drawn once and kept with it. */
export function newDeviceId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return `d-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
