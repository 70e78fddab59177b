// The bridge, put together. Read from top to bottom: what it is made of and who talks to whom (docs/architecture.md).
import type { Logger } from 'pino';
import { amiPolicy } from '../domain/connection/reconnect.ts';
import { connectAsterisk } from './adapters/asterisk/connect.ts';
import { createSystemClock, createSystemRng } from './adapters/clock.ts';
import { listen } from './adapters/http-server.ts';
import { createPasswords } from './adapters/passwords.ts';
import { openStore } from './adapters/store/open.ts';
import { keyFor, openFront } from './api/front.ts';
import type { Commands } from './api/commands.ts';
import { watchHealth } from './api/health.ts';
import { Hub } from './api/hub.ts';
import { openProbes } from './api/probes.ts';
import { watchRegistrations, type Registrations } from './api/registrations.ts';
import { assertPlace, type Config } from './config.ts';
import { followRoster } from './followers.ts';
import { createDeadlines } from './deadlines/deadlines.ts';
import { openPicture } from './open-picture.ts';
import { runProgram } from './program.ts';
import { extensionFinder } from './reconcile/extension-of.ts';
import { KeepInStep } from './reconcile/keep-in-step.ts';
import { createChanges } from './roster/changes.ts';
import { watchGhosts } from './roster/ghosts.ts';
import { createLogClock } from './roster/log-clock.ts';
import { BRIDGE_DEVICE } from './roster/own-entries.ts';
import { openSessions, type SessionRooms } from './sessions/open-sessions.ts';

async function start(config: Config, log: Logger): Promise<() => Promise<void>> {
  const store = await openStore({ file: config.DATABASE_FILE, pbxFile: config.PBX_DATABASE_FILE });
  const lastAliveMs = await store.log.lastReceived();
  const [clock, rng] = [createSystemClock(lastAliveMs), createSystemRng()];
  assertPlace(config, (await store.settings.meta('demo')) === '1');

  // Asterisk's side: facts in, pauses out.
  const asterisk = connectAsterisk(config, { clock, rng, log, rows: store.pbx });
  const { pbx } = asterisk;
  const health = watchHealth({ pbx, clock, isInStep: () => inStep.ready });
  const logStore = health.watched(store.log);

  // The picture of everybody, and the one way to change it.
  const { GRACE_MS: graceMs } = config;
  const roster = await openPicture(store.people, logStore, { now: clock.now(), graceMs });
  const hub = new Hub({ roster, clock });
  const isSignedIn = (extension: string): boolean => rooms.sessions.isSignedIn(extension);
  const changes = createChanges({
    ...{ roster, store: logStore },
    logClock: createLogClock(clock, lastAliveMs),
    lastOwnSequence: await logStore.lastSequence(BRIDGE_DEVICE),
    isSignedIn,
  });
  const extensionOf = extensionFinder(
    config.STATE_INTERFACE,
    (extension) => roster.get(extension) !== undefined,
  );
  const inStep: KeepInStep = new KeepInStep({
    ...{ pbx, roster, clock, rng, log, extensionOf },
    policy: amiPolicy,
    ...{ entries: changes, isSignedIn },
    onReady() {
      health.tell();
      registrations.handleReady();
      rooms.handleReady();
    },
    onDrift: (drifts) => hub.tellDrift(drifts),
  });
  const isReady = (): boolean => inStep.ready;
  followRoster({ roster, changes, store, config, clock, log, isReady });
  const registrations: Registrations = watchRegistrations({
    ...{ asterisk, roster, clock, log, graceMs, extensionOf, isReady, isSignedIn, health, hub },
    ghosts: watchGhosts({ roster, clock }),
  });

  // The people's side: sessions, HTTP and sockets.
  const deadlines = await createDeadlines({ store: store.deadlines, clock, log });
  const rooms: SessionRooms = await openSessions({
    ...{ config, clock, log, roster, changes, pages: hub, pbx, store, deadlines, inStep },
    ...{ passwords: await createPasswords(), refreshKey: keyFor('refresh', config) },
  });
  const { sessions } = rooms;
  const probes = openProbes({
    ...{ config, roster, hub, pbx, clock, log, changes, sessions, lastAliveMs },
    deadlines,
  });
  const commands: Commands = {
    ...probes,
    ...rooms.commands,
    sweep: (actor) => registrations.sweep(actor),
  };
  const front = await openFront({
    ...{ config, clock, log, roster, changes, commands, rooms, sessions, health, hub, store: logStore },
    reasons: async () => [...(await store.settings.reasons())],
    listen: (api) => listen(api, { host: config.HTTP_HOST, port: config.HTTP_PORT, appDir: config.APP_DIR }),
  });
  asterisk.start();
  registrations.start();
  log.info({ port: front.port, migrated: store.migrated, ...store.durability }, 'bridge ready');

  return async () => {
    probes.stop();
    rooms.stop();
    deadlines.stop();
    registrations.stop();
    inStep.stop();
    await Promise.all([front.close(), asterisk.stop()]);
    store.close();
  };
}

await runProgram(start);
