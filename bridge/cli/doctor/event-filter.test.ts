import { describe, expect, it } from 'vitest';
import { confWith } from './doctor-test-bench.ts';
import { parseConf, sectionsNamed, type ConfSection } from './conf-file.ts';
import { FORBIDDEN_EVENTS, hearingOf, NEEDED_EVENTS } from './event-filter.ts';

const OTHERS = [...Object.keys(FORBIDDEN_EVENTS), 'QueueMemberPaused', 'HangupRequest', 'UserEvent'];

function heardOf(section: ConfSection): readonly string[] {
  return [...NEEDED_EVENTS, ...OTHERS].filter((name) => hearingOf(section).hears(name));
}

const account = (...lines: readonly string[]): ConfSection => {
  const [section] = parseConf(['[watch]', ...lines].join('\n'));
  return section!;
};

describe('the event filter', () => {
  it('[OP7] of the reference passes exactly the events that are needed', async () => {
    const file = (await confWith([]))['manager.conf'] ?? [];
    expect(heardOf(sectionsNamed(file, 'watch')[0]!)).toEqual(NEEDED_EVENTS);
  });

  it.each([
    ['none: everything', [], [...NEEDED_EVENTS, ...OTHERS]],
    ['of one name', ['eventfilter = ^Event: Hold[[:space:]]'], ['Hold']],
    [
      'of the newer kind',
      ['eventfilter(name(Hold)) =', 'eventfilter(action(include),name(Unhold)) ='],
      ['Hold', 'Unhold'],
    ],
    ['that takes away', ['eventfilter = Hold', 'eventfilter = !Event: Unhold'], ['Hold']],
    [
      'that only takes away',
      ['eventfilter(action(exclude),name(Hold)) ='],
      [...NEEDED_EVENTS, ...OTHERS].filter((name) => name !== 'Hold'),
    ],
    ['not pinned', ['eventfilter = Event: Hangup'], ['Hangup', 'HangupRequest']],
  ])('[OP7] %s', (_what, lines, heard) => {
    expect(heardOf(account(...lines))).toEqual(heard);
  });

  it.each([
    ['a broken expression', 'eventfilter = (', true],
    ['by header', 'eventfilter(name(Hold),header(Channel),method(starts_with)) = PJSIP/', true],
    ['by name', 'eventfilter(name(Hold)) =', false],
  ])('[OP7] %s: not understood %s', (_what, line, unclear) => {
    expect(hearingOf(account(line)).unclear).toBe(unclear);
  });
});
