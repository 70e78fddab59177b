import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../models/ports.ts';
import { createProfileStore } from './settings.ts';

const profile = (session: string): Profile => ({
  self: { extension: '1001', name: 'Anna Petrova', role: 'agent' },
  ...{ session, receipt: `token of ${session}` },
  config: { centre: { name: 'Centre', timeZone: 'UTC', demo: false }, reasons: [], iceServers: [] },
});

describe('who used this browser last', () => {
  it('[AP2] the next page knows them, until they are forgotten', async () => {
    createProfileStore('profile-1').save(profile('s-1'));
    const store = createProfileStore('profile-1');
    expect(await store.load()).toEqual(profile('s-1'));
    store.forget('s-1');
    expect(await store.load()).toBeNull();
  });

  it('[SE8] the session that ends in one tab forgets nobody who came after it in another', async () => {
    const store = createProfileStore('profile-2');
    store.save(profile('s-2'));
    store.forget('s-1');
    expect(await store.load()).toEqual(profile('s-2'));
    store.forget(null);
    expect(await store.load()).toBeNull();
  });
});
