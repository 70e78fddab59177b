import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import { StoreError } from '../roster/ports.ts';
import { createWorld, sessionBench } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';
import { RETRY_MS } from './endings.ts';
import type { SipSecret } from './ports.ts';

const grace = makePerson({ extension: '1100', name: 'Grace', role: 'supervisor' });

/** An agent whose only session was closed as an orphan. */
async function orphaned() {
  const life = await sessionBench(createWorld([makePerson(), grace]));
  const grant = await life.signIn();
  await life.pass(17);
  return { ...life, id: grant.session.id, token: grant.refreshToken };
}

/** Does something once, just before the device's new secret is written. */
function beforeGrant({ sip }: Awaited<ReturnType<typeof orphaned>>, act: () => Promise<unknown>): void {
  const { grant } = sip;
  sip.grant = async (...given) => {
    sip.grant = grant;
    await act();
    await grant(...given);
  };
}

describe('an orphan that is being opened again', () => {
  it('[SE5] [SE4] and is sealed meanwhile stays closed, and its new secret is gone', async () => {
    const life = await orphaned();
    beforeGrant(life, () => life.store.sealOrphans('1001', 'signed out by supervisor'));
    expect(await life.refresh(life.token)).toBe('session-ended');
    expect([life.sessions.isSignedIn('1001'), life.sip.secrets.size]).toEqual([false, 0]);
    expect(await life.store.find(life.id)).toMatchObject({ closedWhy: 'signed out by supervisor' });
  });

  it('[SE4] a forced sign-out of the agent’s other devices ends it too, though it was not sealed any more', async () => {
    const life = await orphaned();
    await life.signIn();
    const { sealOrphans } = life.store;
    life.store.sealOrphans = async (...given) => {
      await life.refresh(life.token);
      await sealOrphans(...given);
    };
    await life.rooms.commands.signOutAgent(grace, { agent: '1001', hangUp: false });
    await settle();
    expect([life.sessions.isSignedIn('1001'), life.sip.secrets.size]).toEqual([false, 0]);
  });
});

/** Its end is not complete: the store refuses to revoke until told otherwise. */
async function halfEnded() {
  const life = await sessionBench();
  const grant = await life.signIn();
  const { revoke } = life.sip;
  life.sip.revoke = () => Promise.reject(new StoreError(new Error('locked')));
  await life.pass(17);
  return {
    ...{ ...life, id: grant.session.id, token: grant.refreshToken },
    allow: () => void (life.sip.revoke = revoke),
    async later(ms: number) {
      life.clock.advance(ms);
      await settle();
      await settle();
    },
  };
}

describe('an orphan whose end is not complete', () => {
  it('[SE5] [SE1] is opened again: what was left of the end does not take its new secret', async () => {
    const { refresh, token, allow, later, sip, sessions, id } = await halfEnded();
    const next = await refresh(token);
    allow();
    await later(RETRY_MS);
    expect([sessions.open(id)?.id, sip.secrets.size, sip.expired.length > 0]).toEqual([id, 1, true]);
    expect(await refresh(next)).not.toBe('session-ended');
  });

  it('[SE5] [SE1] a device that comes back in the middle of another try waits for its end', async () => {
    const { refresh, token, later, sip, sessions, id } = await halfEnded();
    let go = (): void => undefined;
    sip.revoke = (extension, session) =>
      new Promise((resolve) => {
        go = () => (sip.secrets as Map<string, SipSecret>).delete(`${extension}-${session}`) && resolve();
      });
    await later(RETRY_MS);
    const coming = refresh(token);
    await settle();
    go();
    await settle();
    expect(await coming).not.toBe('session-ended');
    expect([sessions.open(id)?.id, sip.secrets.size]).toEqual([id, 1]);
  });

  it('[SE4] [SE5] is opened again and signed out: that is an end of its own', async () => {
    const { refresh, token, allow, later, sip, sessions, id, ended, clock } = await halfEnded();
    await refresh(token);
    allow();
    expect((await sessions.signOut(id, false)).ok).toBe(true);
    expect([sessions.isSignedIn('1001'), sip.secrets.size]).toEqual([false, 0]);
    await later(RETRY_MS);
    expect([ended, clock.pending()]).toEqual([[`${id} orphan`, `${id} signed out`], 1]);
  });

  it('[SE4] repeated by somebody and by itself at once is told once; nobody comes back', async () => {
    const { allow, later, sip, sessions, id, ended, refresh, token } = await halfEnded();
    allow();
    await Promise.all([sessions.signOut(id, false), sessions.signOut(id, false), later(RETRY_MS)]);
    expect([ended, sip.secrets.size]).toEqual([[`${id} orphan`], 0]);
    expect(await refresh(token)).toBe('session-ended');
  });
});
