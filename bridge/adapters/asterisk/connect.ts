// Both ways to Asterisk: AMI, which tells and is told, and ARI, which tells the same a second time where it is configured.
import { amiPolicy } from '../../../domain/connection/reconnect.ts';
import type { Clock, Rng } from '../../../domain/clock.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../log.ts';
import type { Pbx } from '../../reconcile/ports.ts';
import type { SecondSource, SweepSources } from '../../sweep/ports.ts';
import type { PbxTables } from '../store/pbx-tables.ts';
import { createAmiLink } from './ami-link.ts';
import { factOfAri } from './ari-events.ts';
import { createAriLink, type AriLink } from './ari-link.ts';
import { createPbx } from './pbx.ts';
import { createSweepSources } from './sweep-sources.ts';

export interface AsteriskSide {
  readonly pbx: Pbx;
  readonly sources: SweepSources;
  readonly second: SecondSource;
  /** Nothing is sent or told before. */
  start(): void;
  stop(): Promise<void>;
}

interface Deps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly rows: Pick<PbxTables, 'contactRows'>;
}

function ariOf(config: Config, deps: Deps): AriLink | null {
  const { ARI_URL: url, ARI_USER: user, ARI_PASSWORD: password } = config;
  if (url === undefined || user === undefined || password === undefined) return null;
  return createAriLink({ url, user, password }, { ...deps, policy: amiPolicy });
}

function secondOf(ari: AriLink | null, startedAt: number): SecondSource {
  return {
    state: () =>
      ari ? { state: ari.state, since: ari.since } : { state: 'not-configured', since: startedAt },
    onState: (listener) => void ari?.onState(() => listener()),
    onWord: (listener) =>
      void ari?.onEvent((event) => {
        const fact = factOfAri(event);
        if (fact) listener(fact);
      }),
  };
}

export function connectAsterisk(config: Config, deps: Deps): AsteriskSide {
  const { clock, rng, log, rows } = deps;
  const { AMI_HOST: host, AMI_PORT: port, AMI_WATCH_USER: user, AMI_WATCH_SECRET: secret } = config;
  const address = { host, port, user, secret, eventMask: 'system,agent,call' };
  const link = createAmiLink(address, { clock, rng, log, policy: amiPolicy });
  const ari = ariOf(config, deps);
  return {
    pbx: createPbx({ link, clock, log }),
    sources: createSweepSources({ link, ari, rows }),
    second: secondOf(ari, clock.now()),
    start() {
      link.start();
      ari?.start();
    },
    async stop() {
      await Promise.all([link.stop(), ari?.stop()]);
    },
  };
}
