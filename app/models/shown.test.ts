import { describe, expect, it } from 'vitest';
import type { PendingChange } from './changes.ts';
import { shownStatus, type ShownStatus } from './shown.ts';
import { agent } from './testing.ts';

const pending = (change: Partial<PendingChange>): PendingChange => ({
  key: 1,
  sequence: 1,
  status: 'BREAK',
  reason: 'lunch',
  made: 5_000,
  offset: 0,
  seen: null,
  ...change,
});

const plain: ShownStatus = {
  status: 'ONLINE',
  reason: null,
  auto: null,
  mark: null,
  since: 1,
  next: null,
  saving: false,
  waitingForCentre: false,
};

describe('what the status button shows', () => {
  it('[ST3] the bridge’s word when nothing is on its way', () => {
    expect(shownStatus(agent(), null, null, 100)).toEqual(plain);
    expect(shownStatus(null, null, null, 100)).toMatchObject({ status: null, since: null });
  });

  it('[AP2] the own choice at once, as saving', () => {
    const saving = { ...plain, status: 'BREAK', reason: 'lunch', since: 5_100, saving: true };
    expect(shownStatus(agent(), pending({}), null, 100)).toEqual(saving);
  });

  it('[PS6] an unconfirmed ONLINE waits for the centre', () => {
    const shown = shownStatus(
      agent({ status: 'BREAK' }),
      pending({ status: 'ONLINE', reason: null }),
      null,
      0,
    );
    expect(shown).toMatchObject({ status: 'ONLINE', saving: true, waitingForCentre: true });
  });

  it('[ST3] a choice made in a call is what comes after it, OFFLINE excepted', () => {
    const own = agent({ status: 'ON_CALL', since: 50, next: { status: 'ONLINE', reason: null } });
    expect(shownStatus(own, pending({}), null, 0)).toMatchObject({
      status: 'ON_CALL',
      since: 50,
      next: { status: 'BREAK', reason: 'lunch' },
      saving: true,
    });
    expect(shownStatus(own, pending({ status: 'OFFLINE', reason: null }), null, 0).status).toBe('OFFLINE');
  });

  it('[AP7] a call answered here shows at once, before Asterisk has said so', () => {
    expect(shownStatus(agent(), null, 70, 10)).toMatchObject({
      status: 'ON_CALL',
      since: 80,
      next: { status: 'ONLINE' },
    });
  });

  it('[ST4] an unreachable phone shows what comes back with it', () => {
    const own = agent(
      { status: 'OFFLINE', auto: 'sip-not-registered' },
      { intent: { ...agent().detail!.intent, status: 'BREAK', reason: 'lunch' } },
    );
    expect(shownStatus(own, null, null, 0).next).toEqual({ status: 'BREAK', reason: 'lunch' });
  });
});
