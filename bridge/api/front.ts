// Everything that faces the apps: HTTP, sockets and the hub behind them.
import { hkdfSync, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Hono } from 'hono';
import type { CentreConfig } from '../../domain/protocol/http.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Changes } from '../roster/changes.ts';
import type { LogStore } from '../roster/ports.ts';
import type { Roster } from '../roster/roster.ts';
import type { SessionRooms } from '../sessions/open-sessions.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { RECEIPT_MS } from '../sessions/tokens.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { HealthWatch } from './health.ts';
import type { Commands } from './commands.ts';
import { createHttp } from './http.ts';
import type { Hub } from './hub.ts';
import { createOriginCheck } from './origin.ts';
import { createRateLimit } from './rate-limit.ts';
import { serveSockets } from './socket.ts';

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

export interface FrontDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly roster: Roster;
  readonly changes: Changes;
  readonly commands: Commands;
  readonly sessions: Sessions;
  readonly rooms: Pick<SessionRooms, 'contacts' | 'receipts'>;
  readonly store: LogStore;
  readonly health: HealthWatch;
  readonly hub: Hub;
  readonly reasons: () => Promise<CentreConfig['reasons']>;
  readonly listen: (api: Hono) => Promise<HttpServer>;
}

/** A key of its own for each purpose, all from BRIDGE_SECRET (HKDF, RFC 5869). */
export const keyFor = (purpose: string, config: Config): Buffer =>
  Buffer.from(hkdfSync('sha256', config.BRIDGE_SECRET, '', purpose, 32));

function httpOf(
  deps: FrontDeps,
  shared: Pick<Parameters<typeof createHttp>[0], 'tokens' | 'isOwnOrigin'>,
): Hono {
  const { config, clock, log, sessions, health, reasons } = deps;
  const { CENTRE_NAME: name, CENTRE_TZ: timeZone, DEMO: demo } = config;
  return createHttp({
    ...shared,
    receipts: createAccessTokens(keyFor('receipt', config), clock, RECEIPT_MS),
    ...{ sessions, log, contacts: deps.rooms.contacts, sealed: deps.rooms.receipts },
    health: () => health.now(),
    // SE1: ten tries at once for an account, then one every 30 s; a centre behind one address has more.
    byAccount: createRateLimit(clock, { burst: 10, refillMs: 30_000 }),
    byAddress: createRateLimit(clock, { burst: 100, refillMs: 1_000 }),
    sip: { url: config.SIP_URL, realm: config.SIP_REALM, domain: config.SIP_DOMAIN },
    secureCookie: config.PUBLIC_URL?.startsWith('https:') ?? false,
    config: async () => ({ centre: { name, timeZone, demo }, reasons: await reasons(), iceServers: [] }),
  });
}

export interface Front {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens; rejects when the port is taken. */
export async function openFront(deps: FrontDeps): Promise<Front> {
  const { config, clock, log, roster, changes, commands, sessions, store, health, hub } = deps;
  sessions.onEnded(({ id }) => hub.endSession(id));
  health.onChange((state) => hub.broadcast({ type: 'system:health', health: state }));
  const isOwnOrigin = createOriginCheck(config.PUBLIC_URL);
  const tokens = createAccessTokens(keyFor('access', config), clock);
  const http = await deps.listen(httpOf(deps, { tokens, isOwnOrigin }));
  const sockets = serveSockets(http.server, {
    ...{ clock, log, roster, changes, commands, sessions, tokens, hub, isOwnOrigin },
    epoch: randomBytes(6).toString('hex'),
    health: () => health.now(),
    lastSequence: (device) => store.lastSequence(device),
  });
  return {
    port: http.port,
    async close() {
      hub.stop();
      await Promise.all([sockets.close(), http.close()]);
    },
  };
}
