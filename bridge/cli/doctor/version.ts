// What an Asterisk version has. Pure.

export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** `22.10.1+dfsg…`, `certified/20.7-cert1`; null when it is no release (`GIT-master-…`). */
export function versionOf(text: string): Version | null {
  const [, major, minor] = /^\D*(\d+)\.(\d+)/.exec(text.replace(/^GIT-/, 'x')) ?? [];
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) };
}

/**
 * The seventh field of a static member (PS9). Read in the samples of 20.15 and 22.10; not in those of 18.26, 20.9
 * and 22.0. Null: between these nobody has looked.
 */
export function hasPausedField({ major, minor }: Version): boolean | null {
  if (major < 20) return false;
  if (major === 20) return minor >= 15 ? true : minor <= 9 ? false : null;
  if (major === 22) return minor >= 10 ? true : minor === 0 ? false : null;
  return major > 22 ? true : null;
}

/** 20.12 and 22.2 write this column of ps_contacts, and fail without it (their upgrade notes). */
export const writesQualify2xxOnly = ({ major, minor }: Version): boolean =>
  major > 22 || (major === 22 && minor >= 2) || (major === 21 && minor >= 7) || (major === 20 && minor >= 12);
