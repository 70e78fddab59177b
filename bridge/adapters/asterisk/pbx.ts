// The Pbx port over AMI (user `watch`, OP7).
import type { Clock } from '../../../domain/clock.ts';
import type { Log } from '../../log.ts';
import {
  wasRefused,
  type Pbx,
  type PbxContact,
  type PbxFact,
  type PbxMember,
  type PbxSnapshot,
  type PbxState,
} from '../../reconcile/ports.ts';
import type { AmiConnection } from './ami-connection.ts';
import { AmiError } from './ami-error.ts';
import type { AmiLink } from './ami-link.ts';
import { connectionOf, contactsOf, listOf, roundTripsOf } from './ami-lists.ts';
import { first, type AmiMessage } from './ami-message.ts';
import { channelOf, factOf, memberOf } from './pbx-facts.ts';

const listedMember = (message: AmiMessage): PbxMember | null =>
  message['event'] === 'QueueMember' ? memberOf(message) : null;

/**
 * Realtime members are in Asterisk's memory only once their queue was used; asking whether it exists is use enough
 * (measured: 1-2 ms, no channel needed). Without them in memory a caller would be the first to bring them in.
 */
async function bringIn(connection: AmiConnection, queues: readonly string[]): Promise<void> {
  await Promise.all(
    queues.map(async (queue) => {
      try {
        await connection.action('Getvar', { Variable: `QUEUE_EXISTS(${queue})` });
      } catch (error) {
        // A PBX without the function has its members in memory or nowhere.
        if (!wasRefused(error)) throw error;
      }
    }),
  );
}

/** RG3: a list that is empty or was not given says nothing of anybody: a PBX that lost its table has none either. */
async function contactsIfAny(connection: AmiConnection): Promise<readonly PbxContact[] | null> {
  try {
    const contacts = await contactsOf(connection);
    return contacts.length > 0 ? contacts : null;
  } catch (error) {
    if (error instanceof AmiError && ['refused', 'unsupported', 'timeout'].includes(error.code)) return null;
    throw error;
  }
}

/** The names of the channels with these ids, whatever their state. */
async function channelNames(connection: AmiConnection, uniqueIds: readonly string[]) {
  return listOf(connection, 'CoreShowChannels', (message) =>
    uniqueIds.includes(first(message, 'uniqueid') ?? '') ? (first(message, 'channel') ?? null) : null,
  );
}

async function hangUpChannel(connection: AmiConnection, name: string): Promise<void> {
  try {
    await connection.action('Hangup', { Channel: name });
  } catch (error) {
    // "No such channel": it ended meanwhile by itself.
    if (!wasRefused(error)) throw error;
  }
}

export function createPbx(deps: { readonly link: AmiLink; readonly clock: Clock; readonly log: Log }): Pbx {
  const { link, clock, log } = deps;
  const factListeners = new Set<(fact: PbxFact) => void>();
  const stateListeners = new Set<(state: PbxState) => void>();
  let state: PbxState = 'down';
  let since = clock.now();

  const connection = (): AmiConnection => connectionOf(link);

  link.onEvent((message) => {
    const fact = factOf(message);
    if (!fact) return;
    for (const listener of factListeners) listener(fact);
  });

  link.onState((linkState, reason) => {
    const next: PbxState = linkState === 'ready' || linkState === 'down' ? linkState : 'connecting';
    if (next === state) return;
    const was = state;
    state = next;
    since = clock.now();
    if (next === 'ready') log.info({}, 'Asterisk is ready');
    else if (was === 'ready') log.warn({ reason }, 'Asterisk is out of reach');
    for (const listener of stateListeners) listener(next);
  });

  /** What is told while the lists come is newer: the caller puts it on top (reconcile/meanwhile.ts). */
  async function snapshot(): Promise<PbxSnapshot> {
    const ami = connection();
    await bringIn(ami, await listOf(ami, 'QueueSummary', (message) => first(message, 'queue') ?? null));
    const [members, contacts, channels] = await Promise.all([
      listOf(ami, 'QueueStatus', listedMember),
      contactsIfAny(ami),
      listOf(ami, 'CoreShowChannels', channelOf),
    ]);
    return { members, contacts, channels };
  }

  return {
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onFact(listener) {
      factListeners.add(listener);
      return () => factListeners.delete(listener);
    },
    snapshot,
    async queueMembers(queue) {
      const ami = connection();
      await bringIn(ami, [queue]);
      return listOf(ami, 'QueueStatus', listedMember, { Queue: queue });
    },
    async pause({ queue, interface: iface, paused, reason }) {
      const fields = { Queue: queue, Interface: iface, Paused: paused };
      await connection().action('QueuePause', paused ? { ...fields, Reason: reason } : fields);
    },
    async reloadEndpoints() {
      await connection().action('Reload', { Module: 'res_pjsip.so' });
    },
    async pruneContacts(extension) {
      // Asking for the AOR's contacts makes Asterisk look at their expiry (measured: 1.6 ms).
      await connection().action('Getvar', { Variable: `PJSIP_AOR(${extension},contact)` });
    },
    async qualify(extension) {
      await connection().action('PJSIPQualify', { Endpoint: extension });
    },
    roundTrips: async () => roundTripsOf(connection()),
    async hangUp(uniqueIds) {
      if (uniqueIds.length === 0) return;
      const ami = connection();
      const names = await channelNames(ami, uniqueIds);
      await Promise.all(names.map((name) => hangUpChannel(ami, name)));
    },
  };
}
