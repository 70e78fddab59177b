import { describe, expect, it } from 'vitest';
import { makePerson } from '../../domain/testing/build.ts';
import { createWorld, sessionBench } from '../testing/session-bench.ts';
import { settle } from '../testing/settle.ts';

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
