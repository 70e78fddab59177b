// The bridge's rooms that a sweep goes through, in this process: link, sources, roster, store, sweep, hub, sockets.
// Without KeepInStep: it would hear of the changes that the sweep is to find.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { createAmiLink } from '../../bridge/adapters/asterisk/ami-link.ts';
import { createAriLink } from '../../bridge/adapters/asterisk/ari-link.ts';
import { createSweepSources } from '../../bridge/adapters/asterisk/sweep-sources.ts';
import { createSystemClock, createSystemRng } from '../../bridge/adapters/clock.ts';
import { openStore } from '../../bridge/adapters/store/open.ts';
import { Hub } from '../../bridge/api/hub.ts';
import { extensionFinder } from '../../bridge/reconcile/extension-of.ts';
import { createChanges } from '../../bridge/roster/changes.ts';
import { createLogClock } from '../../bridge/roster/log-clock.ts';
import { markContacts } from '../../bridge/roster/mark-contacts.ts';
import { narrateStatuses } from '../../bridge/roster/narrate.ts';
import { recordRegistrations } from '../../bridge/roster/registration-log.ts';
import { createRoster } from '../../bridge/roster/roster.ts';
import { Sweep } from '../../bridge/sweep/sweep.ts';
import { amiPolicy } from '../../domain/connection/reconnect.ts';
import { numbered } from '../../domain/protocol/codec.ts';
import type { Person } from '../../domain/roster/record.ts';
import type { Centre } from '../../tools/centre.ts';
import { until } from '../testkit/wait.ts';

export interface Rooms {
  readonly sweep: Sweep;
  /** Where the next of the viewers is connected to the hub. */
  readonly url: string;
  readonly connected: () => number;
  close(): Promise<void>;
}

/** Each connection is the next of `viewers`. */
async function serveHub(hub: Hub, viewers: readonly Person[]) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  let joined = 0;
  sockets.on('connection', (socket) => {
    const person = viewers[joined];
    joined += 1;
    if (!person) return socket.close();
    let frames = 0;
    const session = `s-${person.extension}`;
    hub.join(
      {
        ...{ person, session },
        send: (body) => socket.send(numbered((frames += 1), body)),
        backlog: () => socket.bufferedAmount,
        close: () => socket.close(),
      },
      null,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    connected: () => joined,
    close: () => (sockets.close(), server.close(), server.closeAllConnections()),
  };
}

export async function openRooms(centre: Centre, viewers: readonly Person[]): Promise<Rooms> {
  const { asterisk, files } = centre;
  const store = await openStore({ file: files.bridge, pbxFile: files.pbx });
  const [clock, rng] = [createSystemClock(), createSystemRng()];
  const log = pino({ level: 'info' }, pino.destination({ dest: files.bridgeLog, sync: true }));
  const { host, ports, ami, ari } = asterisk;
  const shared = { clock, rng, log, policy: amiPolicy };
  const address = { host, port: ports.ami, ...ami.watch, eventMask: 'system,agent,call' };
  const link = createAmiLink(address, shared);
  const ariLink = createAriLink({ url: `http://${host}:${ports.http}/ari`, ...ari }, shared);
  const roster = createRoster(await store.people.all(), [], 0);
  const changes = createChanges({
    ...{ roster, store: store.log, logClock: createLogClock(clock, 0), lastOwnSequence: 0 },
    isSignedIn: () => false,
  });
  narrateStatuses(roster, log);
  recordRegistrations({ clock, roster, changes, people: store.people, log });
  markContacts({ roster, marks: store.pbx, log });
  const hub = new Hub({ roster, clock });
  const sweep = new Sweep({
    ...{ roster, clock, log },
    sources: createSweepSources({ link, ari: ariLink, rows: store.pbx }),
    extensionOf: extensionFinder('PJSIP/<ext>', (extension) => roster.get(extension) !== undefined),
    isReady: () => link.current() !== null,
  });
  const front = await serveHub(hub, viewers);
  link.start();
  ariLink.start();
  await until('AMI and ARI', () => link.current() !== null && ariLink.state === 'ready');
  return {
    ...{ sweep, url: front.url, connected: front.connected },
    async close() {
      sweep.stop();
      hub.stop();
      front.close();
      await Promise.all([link.stop(), ariLink.stop()]);
      store.close();
    },
  };
}
