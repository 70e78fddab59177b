import { describe, expect, it } from 'vitest';
import { makeIntent } from '../../domain/testing/build.ts';
import { shownStatus, type ShownInput, type ShownStatus } from './shown.ts';
import { agent } from './testing.ts';

const shown = (input: Partial<ShownInput>): ShownStatus =>
  shownStatus({
    ...{ own: agent(), ownAsOf: null, intent: null, intentIsOwn: false, saving: false, callSince: null },
    ...input,
  });

const plain: ShownStatus = {
  ...{ status: 'ONLINE', reason: null, auto: null, mark: null, asOf: 1, since: 1, next: null },
  ...{ saving: false, unconfirmed: false, waitingForCentre: false },
};
const lunch = makeIntent({ status: 'BREAK', reason: 'lunch', since: 5_100 });
const unregistered = {
  state: 'unregistered',
  since: 40,
  lastKnown: 'unregistered',
  graceFrom: null,
  asOf: 50,
} as const;

describe('what the status button shows', () => {
  it('[ST3] the bridge’s word when nothing is on its way', () => {
    expect(shown({})).toEqual(plain);
    expect(shown({ own: null })).toMatchObject({ status: null, since: null });
  });

  it('[AP2] the own choice at once, as saving, then as chosen but not confirmed', () => {
    const chosen = { ...plain, status: 'BREAK', reason: 'lunch', since: 5_100, unconfirmed: true };
    const given = { intent: lunch, intentIsOwn: true };
    expect(shown({ ...given, saving: true })).toEqual({ ...chosen, saving: true });
    expect(shown(given)).toEqual(chosen);
    expect(shown({ ...given, own: null })).toMatchObject({ status: 'BREAK', unconfirmed: true });
  });

  it('[PS6] an unconfirmed ONLINE waits for the centre', () => {
    const given = { own: agent({ status: 'BREAK' }), intent: makeIntent({ since: 60 }) };
    expect(shown({ ...given, intentIsOwn: true })).toMatchObject({
      status: 'ONLINE',
      waitingForCentre: true,
    });
    expect(shown({ ...given, intentIsOwn: false }).waitingForCentre).toBe(false);
  });

  it('[ST3] a choice made in a call is what comes after it, OFFLINE excepted', () => {
    const own = agent({ status: 'ON_CALL', since: 50, next: { status: 'ONLINE', reason: null } });
    expect(shown({ own, intent: lunch })).toMatchObject({
      ...{ status: 'ON_CALL', since: 50, unconfirmed: true },
      next: { status: 'BREAK', reason: 'lunch' },
    });
    expect(shown({ own, intent: makeIntent({ status: 'OFFLINE' }) }).status).toBe('OFFLINE');
  });

  it('[ST3] a choice made while the phone cannot be reached is what comes back with it', () => {
    const own = agent({ status: 'OFFLINE', auto: 'sip-not-registered' }, { registration: unregistered });
    expect(shown({ own, intent: lunch })).toMatchObject({
      ...{ status: 'OFFLINE', auto: 'sip-not-registered', next: { status: 'BREAK', reason: 'lunch' } },
    });
  });

  it('[AP7] a call answered here shows at once, before Asterisk has said so', () => {
    const call = { status: 'ON_CALL', since: 80, next: { status: 'ONLINE' } };
    expect(shown({ callSince: 80 })).toMatchObject(call);
    expect(shown({ callSince: 80, intent: lunch })).toMatchObject({ ...call, next: { status: 'BREAK' } });
  });

  it('[ST4] an unreachable phone shows what comes back with it', () => {
    const own = agent({ status: 'OFFLINE', auto: 'sip-not-registered' }, { intent: lunch });
    expect(shown({ own }).next).toEqual({ status: 'BREAK', reason: 'lunch' });
  });

  it('[AP2] a word kept from an earlier page is marked with its time, what was chosen since is not', () => {
    expect(shown({ ownAsOf: 70 })).toEqual({ ...plain, mark: 'as-of', asOf: 70 });
    expect(shown({ ownAsOf: 70, own: null }).mark).toBeNull();
    expect(shown({ ownAsOf: 70, intent: lunch, intentIsOwn: true }).mark).toBeNull();
  });
});
