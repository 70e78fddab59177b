// Findings as text for a person, and as JSON for a program. Pure.
import type { Facts } from './facts.ts';
import type { Finding, FindingState } from './finding.ts';

const ORDER: readonly FindingState[] = ['wrong', 'warn', 'unknown', 'ok'];
const LABELS: Readonly<Record<FindingState, string>> = {
  wrong: 'WRONG',
  warn: 'warn',
  unknown: '?',
  ok: 'ok',
};
const MOST_NAMED = 6;
const RELOAD =
  "Changed files are read with: asterisk -rx 'core reload'. asterisk.conf and modules.conf need a restart.";
const INDENT = ' '.repeat(7);

/** Names come from somebody's configuration: nothing in them may steer the terminal. */
const plain = (text: string): string => text.replace(/\p{Cc}/gu, '?');

function named(about: readonly string[]): string {
  if (about.length === 0) return '';
  const more = about.length > MOST_NAMED ? ` and ${about.length - MOST_NAMED} more` : '';
  return `  [${about.slice(0, MOST_NAMED).join(', ')}${more}]`;
}

/** A second section of one name would be a second queue or user: lines go where the old ones are. */
function whereTo(file: string): string {
  if (file.endsWith('.conf')) return `In ${file}, in place of what is there:`;
  return file === 'SQL' ? 'On Asterisk’s tables:' : `In ${file}:`;
}

function paragraph({ state, id, says, about, why, fix }: Finding, idWidth: number): readonly string[] {
  const head = `${LABELS[state].padEnd(6)} ${id.padEnd(idWidth)}  ${says}${named(about)}`;
  if (state === 'ok') return [head];
  const paste = fix
    ? [`${INDENT}${whereTo(fix.file)}`, ...fix.lines.map((line) => `${INDENT}    ${line}`)]
    : [];
  return [head, `${INDENT}Why: ${why}`, ...paste, ''];
}

export const countOf = (findings: readonly Finding[], state: FindingState): number =>
  findings.filter((finding) => finding.state === state).length;

/** What is wrong first, each with its reason and what to paste; then what is well, a line each. */
export function asText(facts: Facts, findings: readonly Finding[]): string {
  const { bridge, core } = facts;
  const width = Math.max(...findings.map(({ id }) => id.length));
  const sorted = ORDER.flatMap((state) => findings.filter((finding) => finding.state === state));
  const counts = ORDER.map((state) => countOf(findings, state));
  const [wrongs = 0, warnings = 0, unknowns = 0, good = 0] = counts;
  const files = findings.some(({ fix }) => fix?.file.endsWith('.conf'));
  return [
    `Asterisk ${core.version ?? '(version not known)'} at ${bridge.amiHost}`,
    '',
    ...sorted.flatMap((finding) => paragraph(finding, width)),
    '',
    ...(files ? [RELOAD, ''] : []),
    `${wrongs} wrong, ${warnings} to consider, ${unknowns} not known, ${good} right.`,
  ]
    .map(plain)
    .join('\n');
}

export const asJson = ({ bridge, core }: Facts, findings: readonly Finding[]): string =>
  JSON.stringify({ host: bridge.amiHost, version: core.version, findings }, null, 2);

/** 0: nothing is wrong. 1: something is. 2: nobody could sign in, so most is not known. */
export function exitCodeOf({ core }: Facts, findings: readonly Finding[]): 0 | 1 | 2 {
  if (core.loginProblem !== null) return 2;
  return countOf(findings, 'wrong') > 0 ? 1 : 0;
}
